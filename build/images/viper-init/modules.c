#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

void modules_load(void) {
    FILE *order = fopen("/modules/order", "re");
    if (order == NULL) {
        return;
    }
    char name[128];
    int count = 0;
    while (fgets(name, sizeof name, order) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        char path[160];
        snprintf(path, sizeof path, "/modules/%s", name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        /* A module that is missing shows later, by the device that is: the rest is tried all the same. */
        if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)) {
            say_errno("cannot load %s", path);
        } else {
            count++;
        }
        if (fd >= 0) {
            close(fd);
        }
        unlink(path);
    }
    fclose(order);
    unlink("/modules/order");
    rmdir("/modules");
    say("%d modules loaded", count);
}
