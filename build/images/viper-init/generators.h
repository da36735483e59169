/* Random generators of running processes, made to seed themselves anew. */
#ifndef VIPER_GENERATORS_H
#define VIPER_GENERATORS_H

/* For every process: called after a restore, when the kernel's own generator has new entropy. */
void generators_renew(void);

#endif
