#include "control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "log.h"
#include "uevent.h"

enum { VSOCK_PORT = 1024 };

static const char port_name[] = "viper.control";
static struct peer port;
static struct peer vsock;
static struct watch vsock_listener = {.fd = -1};
static struct watch devices = {.fd = -1};

/* Without udev nothing links /dev/virtio-ports/NAME, so the name is looked up where the kernel tells it. */
static bool is_control_port(const char *device) {
    char path[300];
    char name[sizeof port_name + 1] = "";
    snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", device);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool same = fgets(name, sizeof name, file) != NULL && name[strcspn(name, "\n")] == '\n' &&
                strncmp(name, port_name, sizeof port_name - 1) == 0;
    fclose(file);
    return same;
}

static void find_port(void) {
    DIR *ports = opendir("/sys/class/virtio-ports");
    if (ports == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(ports); entry != NULL; entry = readdir(ports)) {
        if (!is_control_port(entry->d_name)) {
            continue;
        }
        char path[300];
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            say_errno("cannot open the control port %s", path);
            continue;
        }
        say("control channel on %s", path);
        peer_open(&port, fd);
        loop_close(&devices);
        break;
    }
    closedir(ports);
}

static void on_device(struct watch *watch, uint32_t events) {
    (void)events;
    uevent_drain(watch->fd);
    find_port();
}

static void on_vsock(struct watch *watch, uint32_t events) {
    (void)events;
    int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        peer_open(&vsock, fd);
    }
}

/* The guest dials once, so that a host that waits for it is told without asking; from then on the host dials. */
static void open_vsock(void) {
    struct sockaddr_vm here = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = VSOCK_PORT};
    struct sockaddr_vm host = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = VSOCK_PORT};
    int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) {
        return;
    }
    if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 4) < 0) {
        say_errno("cannot listen on vsock port %d", VSOCK_PORT);
        close(listener);
        return;
    }
    vsock_listener = (struct watch){.fd = listener, .ready = on_vsock};
    loop_watch(&vsock_listener, EPOLLIN);
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&host, sizeof host) < 0) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    say("control channel on vsock port %d", VSOCK_PORT);
    peer_open(&vsock, fd);
}

void control_open(void (*greet)(struct peer *host), void (*take)(struct peer *host, const struct line *line)) {
    port = (struct peer){.lasting = true, .greet = greet, .take = take};
    vsock = (struct peer){.greet = greet, .take = take};
    open_vsock();
    /* First listen, then look: the name of a port comes some time after its device. */
    devices = (struct watch){.fd = uevent_open(), .ready = on_device};
    if (devices.fd >= 0) {
        loop_watch(&devices, EPOLLIN);
    }
    find_port();
}

void control_tell(struct writer *writer) {
    struct writer copy = *writer;
    peer_send(&port, writer);
    peer_send(&vsock, &copy);
}
