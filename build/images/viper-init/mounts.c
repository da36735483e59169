#include "mounts.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "uevent.h"

enum { ROOT_SECONDS = 10 };

struct mount_point {
    const char *type;
    const char *target;
    unsigned long flags;
    const char *options;
};

static void mount_all(const struct mount_point *points, size_t count) {
    for (const struct mount_point *point = points; point < points + count; point++) {
        mkdir(point->target, 0755);
        /* EBUSY: the kernel, or this same program in the initramfs, has mounted it already. */
        if (mount(point->type, point->target, point->type, point->flags, point->options) < 0 && errno != EBUSY) {
            say_errno("cannot mount %s", point->target);
        }
    }
}

void mounts_first(void) {
    static const struct mount_point points[] = {
        {"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
        {"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
        {"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
    };
    mount_all(points, sizeof points / sizeof *points);
}

void mounts_rest(void) {
    static const struct mount_point points[] = {
        {"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0600,ptmxmode=0666"},
        {"tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
        {"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755"},
        {"tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"},
        {"tmpfs", "/var", MS_NOSUID | MS_NODEV, "mode=0755"},
    };
    mount_all(points, sizeof points / sizeof *points);
    /* What udev would link; Java and Chrome both open them. */
    (void)!symlink("/proc/self/fd", "/dev/fd");
    (void)!symlink("/proc/self/fd/0", "/dev/stdin");
    (void)!symlink("/proc/self/fd/1", "/dev/stdout");
    (void)!symlink("/proc/self/fd/2", "/dev/stderr");
}

void root_switch(const char *device, const char *type) {
    static const char *const kept[] = {"/dev", "/proc", "/sys"};
    if (!uevent_await_path(device, ROOT_SECONDS)) {
        say("root=%s did not appear in %d s", device, ROOT_SECONDS);
        return;
    }
    mkdir("/root", 0755);
    if (mount(device, "/root", type, MS_RDONLY | MS_NODEV, NULL) < 0) {
        say_errno("cannot mount root=%s as %s", device, type);
        return;
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char target[16];
        snprintf(target, sizeof target, "/root%s", kept[i]);
        if (mount(kept[i], target, NULL, MS_MOVE, NULL) < 0) {
            say_errno("cannot move %s to the root", kept[i]);
        }
    }
    /* The initramfs cannot be unmounted, so the last file in it is taken out of its memory by name. */
    unlink("/init");
    if (chdir("/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0) {
        say_errno("cannot change to the root");
        return;
    }
    execl("/usr/sbin/viper-init", "viper-init", (char *)NULL);
    say_errno("cannot run the root's /usr/sbin/viper-init");
}
