#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"

static int epoll_fd = -1;

void loop_watch(struct watch *watch, uint32_t events) {
    if (epoll_fd < 0) {
        epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    }
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0) {
        say_errno("cannot watch descriptor %d", watch->fd);
    }
}

void loop_close(struct watch *watch) {
    if (watch->fd >= 0) {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
        close(watch->fd);
        watch->fd = -1;
    }
}

void loop_once(long long deadline) {
    int timeout = -1;
    if (deadline >= 0) {
        long long left = deadline - uptime_ms();
        timeout = left < 0 ? 0 : (int)left + 1;
    }
    /* One event at a time: what it does may close a watch that a second event in the same answer would point to. */
    struct epoll_event event;
    int count = epoll_wait(epoll_fd, &event, 1, timeout);
    if (count < 0 && errno != EINTR) {
        say_errno("epoll_wait");
    }
    if (count == 1) {
        struct watch *watch = event.data.ptr;
        watch->ready(watch, event.events);
    }
}
