#ifndef VIPER_MODULES_H
#define VIPER_MODULES_H

/* Loads what /modules/order lists, in its order, and takes each file out of the initramfs' memory. A kernel with
 * everything built in comes without that list. */
void modules_load(void);

#endif
