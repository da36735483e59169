#include "peer.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"

static void refuse(struct peer *peer, const char *why) {
    struct writer writer;
    writer_begin(&writer, "error");
    writer_add(&writer, "text", why);
    peer_send(peer, &writer);
}

static void take_text(void *context, char *text) {
    struct peer *peer = context;
    struct line line;
    const char *wrong = text == NULL ? "the line is longer than 4095 bytes" : line_parse(text, &line);
    if (wrong != NULL) {
        refuse(peer, wrong);
    } else {
        peer->take(peer, &line);
    }
}

static void on_ready(struct watch *watch, uint32_t events) {
    struct peer *peer = (struct peer *)watch;
    char bytes[LINE_BYTES];
    bool was_present = peer->present;
    peer->present = (events & EPOLLHUP) == 0;
    if (peer->present && !was_present && peer->greet != NULL) {
        peer->greet(peer);
    }
    while (watch->fd >= 0) {
        ssize_t count = read(watch->fd, bytes, sizeof bytes);
        if (count > 0) {
            reader_feed(&peer->reader, bytes, (size_t)count, take_text, peer);
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else {
            bool waiting = count < 0 && errno == EAGAIN;
            if (!waiting && peer->lasting) {
                /* The next host does not end the line that this one began. */
                peer->reader = (struct reader){0};
            } else if (!waiting) {
                loop_close(watch);
            }
            return;
        }
    }
}

void peer_open(struct peer *peer, int fd) {
    if (peer->watch.ready != NULL) {
        loop_close(&peer->watch);
    }
    peer->watch = (struct watch){.fd = fd, .ready = on_ready};
    peer->reader = (struct reader){0};
    peer->present = false;
    /* By edges: a port without a host hangs up for as long as that lasts, which by levels would keep init awake.
     * EPOLLOUT tells when the host comes: a port may be there, and open, before the kernel knows of its host. */
    loop_watch(&peer->watch, EPOLLIN | EPOLLOUT | EPOLLET);
}

void peer_send(struct peer *peer, struct writer *writer) {
    if (peer->watch.ready == NULL || peer->watch.fd < 0) {
        return;
    }
    if (!writer_end(writer)) {
        say("a message longer than 4095 bytes was not sent");
        return;
    }
    ssize_t count = write(peer->watch.fd, writer->text, writer->size);
    if (count < 0 && errno == EAGAIN) {
        /* A host may be followed by the next so soon that no wait saw it gone; what is said in between is lost, and
         * whoever is there when the port takes lines again is told how things stand. */
        peer->present = false;
    }
    /* Half a line is worse than none: who reads so slowly is hung up on. A port takes all of it or nothing. */
    if (count >= 0 && (size_t)count != writer->size && !peer->lasting) {
        loop_close(&peer->watch);
    }
}
