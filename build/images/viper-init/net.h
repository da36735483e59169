#ifndef VIPER_NET_H
#define VIPER_NET_H

#include "address.h"

void net_loopback(void);

/* Gives eth0 that address in place of the one it has, and writes hosts and resolv.conf. NULL, or what failed. */
const char *net_configure(const struct address *address);

#endif
