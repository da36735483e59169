/* Someone at the other end of a descriptor who speaks in lines: the host, or the agent. */
#ifndef VIPER_PEER_H
#define VIPER_PEER_H

#include <stdbool.h>

#include "line.h"
#include "loop.h"

struct peer {
    struct watch watch; /* first: a watch that is ready is cast back to its peer */
    bool lasting;       /* a port, which stays open while nobody is at its other end */
    bool present;       /* somebody is */
    struct reader reader;
    void (*greet)(struct peer *peer); /* called when somebody comes; NULL: nothing is said then */
    void (*take)(struct peer *peer, const struct line *line);
};

/* Speaks with whoever is behind fd (non-blocking) from now on; who was there before is hung up on. */
void peer_open(struct peer *peer, int fd);

/* Sends a line that was begun with writer_begin. It is lost where nobody listens or does not read. */
void peer_send(struct peer *peer, struct writer *writer);

#endif
