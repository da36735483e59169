/* Everything init waits for is a descriptor in one epoll set, or the one deadline. */
#ifndef VIPER_LOOP_H
#define VIPER_LOOP_H

#include <stdint.h>

/* Kept by its owner for as long as it is watched. */
struct watch {
    int fd;
    void (*ready)(struct watch *watch, uint32_t events);
};

void loop_watch(struct watch *watch, uint32_t events);

/* Takes it out and closes its descriptor, which becomes -1. */
void loop_close(struct watch *watch);

/* Waits for events and hands them out, at most until uptime_ms() is deadline (-1: without limit). */
void loop_once(long long deadline);

#endif
