/* Users: nothing but init itself runs as root. */
#ifndef VIPER_USER_H
#define VIPER_USER_H

#include <stdbool.h>
#include <sys/types.h>

struct user {
    uid_t uid;
    gid_t gid;
    char home[64];
};

bool user_find(const char *name, struct user *user);

/* Becomes that user for good, without groups, and without any way back. With `may_switch` it keeps what
 * `viper-init as` needs: to become others, and to end what it started as others. */
bool user_become(const struct user *user, bool may_switch);

/* `viper-init as USER COMMAND [ARGUMENT...]`: how the agent starts Chrome as another user than itself. */
int user_main(int count, char **arguments);

#endif
