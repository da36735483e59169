#ifndef VIPER_MOUNTS_H
#define VIPER_MOUNTS_H

/* proc, sys and dev, without which nothing can be known. */
void mounts_first(void);

/* devpts and what may be written in an otherwise read-only guest: /run, /tmp, /var and /dev/shm, in memory. */
void mounts_rest(void);

/* From an initramfs: makes the disk `root=` names the root and runs its init, which does not return. */
void root_switch(const char *device, const char *type);

#endif
