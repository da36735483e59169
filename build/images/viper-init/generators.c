#include "generators.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/*
 * A library that keeps a random generator of its own (BoringSSL in Chrome) has to know when its process was doubled, for two
 * would draw the same numbers. For fork() it keeps a page that the kernel wipes in the child (MADV_WIPEONFORK), and seeds
 * itself anew where that is empty. A clone of the whole machine is told the same way: those pages are wiped here.
 */

static bool is_wiped_on_fork(const char *flags) {
    for (const char *at = strstr(flags, " wf"); at != NULL; at = strstr(at + 1, " wf")) {
        if (at[3] == ' ' || at[3] == '\n' || at[3] == '\0') {
            return true;
        }
    }
    return false;
}

static size_t wipe(int memory, unsigned long start, unsigned long end) {
    static const char nothing[4096];
    size_t wiped = 0;
    for (unsigned long at = start; at < end; at += sizeof nothing) {
        wiped += pwrite(memory, nothing, sizeof nothing, (off_t)at) == (ssize_t)sizeof nothing;
    }
    return wiped;
}

static size_t renew(const char *pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/smaps", pid);
    FILE *maps = fopen(path, "re");
    if (maps == NULL) {
        return 0;
    }
    snprintf(path, sizeof path, "/proc/%s/mem", pid);
    int memory = open(path, O_WRONLY | O_CLOEXEC);
    char line[512];
    unsigned long start = 0;
    unsigned long end = 0;
    size_t wiped = 0;
    while (memory >= 0 && fgets(line, sizeof line, maps) != NULL) {
        unsigned long from;
        unsigned long to;
        char after;
        if (sscanf(line, "%lx-%lx%c", &from, &to, &after) == 3 && after == ' ') {
            start = from;
            end = to;
        } else if (strncmp(line, "VmFlags:", 8) == 0 && is_wiped_on_fork(line)) {
            wiped += wipe(memory, start, end);
        }
    }
    if (memory >= 0) {
        close(memory);
    }
    fclose(maps);
    return wiped;
}

void generators_renew(void) {
    DIR *processes = opendir("/proc");
    if (processes == NULL) {
        say_errno("cannot list processes");
        return;
    }
    long long began = uptime_ms();
    size_t wiped = 0;
    for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        char *rest;
        long pid = strtol(entry->d_name, &rest, 10);
        if (*rest == '\0' && pid > 1) {
            wiped += renew(entry->d_name);
        }
    }
    closedir(processes);
    say("random generators renewed: %zu pages in %lld ms", wiped, uptime_ms() - began);
}
