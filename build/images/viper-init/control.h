/* The channel to the host: the virtio-serial port "viper.control", or vsock. docs/protocols/guest-control.md. */
#ifndef VIPER_CONTROL_H
#define VIPER_CONTROL_H

#include "peer.h"

/* Opens what there is, and the port when it comes later. greet is called when a host comes, take for what it says. */
void control_open(void (*greet)(struct peer *host), void (*take)(struct peer *host, const struct line *line));

/* Tells the host, by each way it is connected. */
void control_tell(struct writer *writer);

#endif
