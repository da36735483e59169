/* The kernel's announcements of devices. */
#ifndef VIPER_UEVENT_H
#define VIPER_UEVENT_H

#include <stdbool.h>

/* A non-blocking socket that becomes readable when a device comes, changes or goes; -1 on failure. */
int uevent_open(void);

/* Reads away what has been announced. */
void uevent_drain(int fd);

/* Waits until there is such a file. */
bool uevent_await_path(const char *path, int seconds);

#endif
