/* What a guest is told about itself: on the kernel command line at boot, over the control channel after a restore. */
#ifndef VIPER_ADDRESS_H
#define VIPER_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"

enum { DNS_SERVERS = 3, HOSTNAME_BYTES = 64, MAC_BYTES = 6 };

struct address {
    struct in_addr ip;
    struct in_addr mask;
    struct in_addr gateway; /* 0.0.0.0: none */
    struct in_addr dns[DNS_SERVERS];
    size_t dns_count;
    char hostname[HOSTNAME_BYTES]; /* "": unchanged */
    bool has_mac;
    uint8_t mac[MAC_BYTES];
};

/* Finds name=value on a kernel command line; the last one counts, and a value in double quotes may hold blanks.
 * False where there is none or it does not fit. */
bool cmdline_get(const char *cmdline, const char *name, char *value, size_t size);

/* The kernel's form, address::gateway:mask:hostname:eth0:off[:dns[:dns]]. Returns NULL, or what is wrong with it. */
const char *address_from_cmdline(const char *ip, struct address *address);

/* The channel's form: address=A.B.C.D/BITS gateway= mac= hostname= dns=A.B.C.D,... of which the first is a must. */
const char *address_from_line(const struct line *line, struct address *address);

/* As /BITS; -1 for a mask that is none. */
int mask_bits(struct in_addr mask);

/* Bytes written in hexadecimal; -1 where it is not that, or longer than size. */
int hex_parse(const char *text, uint8_t *bytes, size_t size);

/* Seconds since 1970, with up to nine places behind the point. */
bool time_parse(const char *text, int64_t *seconds, int32_t *nanos);

#endif
