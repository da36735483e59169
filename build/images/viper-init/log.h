/* The console: every line with the time since boot, as the kernel's own. */
#ifndef VIPER_LOG_H
#define VIPER_LOG_H

/* Makes the console standard input, output and error. */
void log_open(void);

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* The same, with what errno means behind it. */
__attribute__((format(printf, 1, 2))) void say_errno(const char *format, ...);

long long uptime_ms(void);

#endif
