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

enum { FOUND = 256, AGAIN_MS = 1000 };

struct region {
    long pid;
    unsigned long start;
    unsigned long end;
};

static struct region found[FOUND];
static size_t found_count;
static long long again_at = -1;

static void keep(long pid, unsigned long start, unsigned long end) {
    if (found_count < FOUND) {
        struct region *region = &found[found_count++];
        region->pid = pid;
        region->start = start;
        region->end = end;
    }
}

static void find(long pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/smaps", pid);
    FILE *maps = fopen(path, "re");
    if (maps == NULL) {
        return;
    }
    char line[512];
    unsigned long start = 0;
    unsigned long end = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from;
        unsigned long to;
        char after;
        if (sscanf(line, "%lx-%lx%c", &from, &to, &after) == 3 && after == ' ') {
            start = from;
            end = to;
        } else if (strncmp(line, "VmFlags:", 8) == 0 && is_wiped_on_fork(line)) {
            keep(pid, start, end);
        }
    }
    fclose(maps);
}

void generators_find(void) {
    found_count = 0;
    DIR *processes = opendir("/proc");
    if (processes == NULL) {
        say_errno("cannot list processes");
        return;
    }
    long long began = uptime_ms();
    for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        char *rest;
        long pid = strtol(entry->d_name, &rest, 10);
        if (*rest == '\0' && pid > 1) {
            find(pid);
        }
    }
    closedir(processes);
    say("random generators: %zu, found in %lld ms", found_count, uptime_ms() - began);
}

static size_t wipe(const struct region *region) {
    static const char nothing[4096];
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/mem", region->pid);
    int memory = open(path, O_WRONLY | O_CLOEXEC);
    size_t wiped = 0;
    for (unsigned long at = region->start; memory >= 0 && at < region->end; at += sizeof nothing) {
        wiped += pwrite(memory, nothing, sizeof nothing, (off_t)at) == (ssize_t)sizeof nothing;
    }
    if (memory >= 0) {
        close(memory);
    }
    return wiped;
}

static void wipe_found(void) {
    size_t wiped = 0;
    for (size_t i = 0; i < found_count; i++) {
        wiped += wipe(&found[i]);
    }
    say("random generators renewed: %zu pages", wiped);
}

void generators_renew(void) {
    wipe_found();
    again_at = uptime_ms() + AGAIN_MS;
}

long long generators_deadline(void) {
    return again_at;
}

void generators_tick(void) {
    if (again_at >= 0 && uptime_ms() >= again_at) {
        again_at = -1;
        generators_find();
        wipe_found();
    }
}
