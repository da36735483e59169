/* Random generators of running processes, made to seed themselves anew. */
#ifndef VIPER_GENERATORS_H
#define VIPER_GENERATORS_H

/* Finds those there are, which takes some tenths of a second: called before the machine is kept. */
void generators_find(void);

/* Renews those that were found: called after a restore, when the kernel's own generator has new entropy. */
void generators_renew(void);

/* When generators_tick must be called, in uptime_ms(); -1: not at all. It renews what came up since they were found. */
long long generators_deadline(void);
void generators_tick(void);

#endif
