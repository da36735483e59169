#include "uevent.h"

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "log.h"

int uevent_open(void) {
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK, .nl_groups = 1};
    if (fd < 0 || bind(fd, (struct sockaddr *)&kernel, sizeof kernel) < 0) {
        say_errno("cannot listen for devices");
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

void uevent_drain(int fd) {
    char text[4096];
    /* ENOBUFS says that some were lost: also a reason to look at the devices anew, and an end of this loop. */
    while (recv(fd, text, sizeof text, 0) > 0) {
    }
}

bool uevent_await_path(const char *path, int seconds) {
    long long deadline = uptime_ms() + seconds * 1000LL;
    /* First listen, then look: what comes in between is announced. */
    int fd = uevent_open();
    bool there = access(path, F_OK) == 0;
    for (long long left = deadline - uptime_ms(); !there && fd >= 0 && left > 0; left = deadline - uptime_ms()) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        poll(&wait, 1, (int)left);
        uevent_drain(fd);
        there = access(path, F_OK) == 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return there;
}
