#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void log_open(void) {
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0) {
        /* Some descriptor has to be there: a file opened later would else be number 2, and get the messages. */
        fd = open("/dev/null", O_RDWR);
    }
    for (int standard = 0; standard <= 2; standard++) {
        if (fd != standard) {
            dup2(fd, standard);
        }
    }
    if (fd > 2) {
        close(fd);
    }
}

long long uptime_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void write_line(const char *format, va_list arguments, const char *reason) {
    char text[1024];
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    int size = snprintf(text, sizeof text, "[%5lld.%06ld] viper-init: ", (long long)now.tv_sec, now.tv_nsec / 1000);
    size += vsnprintf(text + size, sizeof text - (size_t)size, format, arguments);
    if (size < (int)sizeof text && reason != NULL) {
        size += snprintf(text + size, sizeof text - (size_t)size, ": %s", reason);
    }
    if (size > (int)sizeof text - 1) {
        size = (int)sizeof text - 1;
    }
    text[size] = '\n';
    /* One write, so that lines of other processes do not get in between; a console that fails can be told nowhere. */
    ssize_t written = write(STDERR_FILENO, text, (size_t)size + 1);
    (void)written;
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments, NULL);
    va_end(arguments);
}

void say_errno(const char *format, ...) {
    const char *reason = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments, reason);
    va_end(arguments);
}
