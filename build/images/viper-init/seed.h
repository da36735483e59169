/* What two guests from one snapshot would otherwise share: random numbers, clock, machine id. */
#ifndef VIPER_SEED_H
#define VIPER_SEED_H

#include "line.h"

/* Takes entropy= (hexadecimal, up to 512 bytes), time= (seconds since 1970) and machine-id= (32 digits), as far as they
 * are there. NULL, or what is wrong; nothing is changed then. */
const char *seed_apply(const struct line *line);

/* A machine id by chance, at boot. */
void seed_machine_id(void);

#endif
