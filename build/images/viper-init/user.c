#include "user.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

enum { SWITCH_CAPS = 1 << CAP_SETUID | 1 << CAP_SETGID | 1 << CAP_KILL };

bool user_find(const char *name, struct user *user) {
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL || strlen(entry->pw_dir) >= sizeof user->home) {
        return false;
    }
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    strcpy(user->home, entry->pw_dir);
    return true;
}

static bool set_caps(uint32_t caps) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
        {.effective = caps, .permitted = caps, .inheritable = caps},
    };
    return syscall(SYS_capset, &header, data) == 0;
}

/* Ambient capabilities outlive exec without a file that carries them. */
static bool raise_ambient(uint32_t caps) {
    for (int cap = 0; cap < 32; cap++) {
        if ((caps >> cap & 1) != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0) {
            return false;
        }
    }
    return true;
}

bool user_become(const struct user *user, bool may_switch) {
    uint32_t caps = may_switch ? SWITCH_CAPS : 0;
    /* From one user to another that is not root the kernel keeps capabilities: they are dropped by hand. */
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 && setgroups(0, NULL) == 0 &&
           setresgid(user->gid, user->gid, user->gid) == 0 && setresuid(user->uid, user->uid, user->uid) == 0 &&
           set_caps(caps) && raise_ambient(caps);
}

int user_main(int count, char **arguments) {
    struct user user;
    if (count < 2) {
        fprintf(stderr, "viper-init: as USER COMMAND [ARGUMENT...]\n");
        return 2;
    }
    if (!user_find(arguments[0], &user) || user.uid == 0) {
        fprintf(stderr, "viper-init: as: '%s' is no user of /etc/passwd other than root\n", arguments[0]);
        return 2;
    }
    if (!user_become(&user, false)) {
        perror("viper-init: as: cannot become that user");
        return 126;
    }
    /* The agent's own settings stay with the agent. */
    char home[sizeof user.home + 8];
    snprintf(home, sizeof home, "HOME=%s", user.home);
    char *environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", home, NULL};
    execve(arguments[1], arguments + 1, environment);
    perror(arguments[1]);
    return 127;
}
