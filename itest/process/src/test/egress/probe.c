/* The attacker of VmEgressIT, root in a guest of its own, and the witnesses of what it reached.
 *
 * As the first process of a guest booted with probe=yes it serves port 7000; as `probe host BRIDGE` and `probe world LINK`
 * it is spoken to by stdin and stdout. Commands are lines, and so are answers:
 *   frame HEX               sends the frame by the only card there is
 *   tcp ADDRESS PORT        whether it can be connected to
 *   udp ADDRESS PORT HEX    what is answered, in hexadecimal; empty for nothing
 *   seen                    the marks (TRY-...) of all that has come so far
 * A guest and the world see whatever comes by their card; the host sees what its own IP layer was handed. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "line.h"
#include "log.h"
#include "modules.h"
#include "mounts.h"
#include "net.h"

enum { PORT = 7000, SOCKETS = 32, MARKS = 4096, MARK = 24, WAIT_MS = 4000 };

static int sockets[SOCKETS];
static size_t socket_count;
static int card = -1;
static char marks[MARKS][MARK];
static size_t mark_count;

static void must(bool done, const char *what) {
    if (!done) {
        fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void watch(int fd) {
    must(fd >= 0, "no socket");
    /* The marks of a whole run must find room. */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){1 << 20}, sizeof(int));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    must(socket_count < SOCKETS, "too many sockets");
    sockets[socket_count++] = fd;
}

static void watch_card(const char *name) {
    card = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    link.sll_ifindex = (int)if_nametoindex(name);
    must(card >= 0 && bind(card, (struct sockaddr *)&link, sizeof link) == 0, name);
    struct packet_mreq all = {.mr_ifindex = link.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    must(setsockopt(card, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0, "promiscuous");
    watch(card);
}

/* A raw socket is handed its copy behind the chains of input: what it sees, a service would have seen. */
static void watch_host(const char *bridge) {
    static const int four[] = {1, 2, 4, 6, 17, 47, 50, 132, 253};
    static const int six[] = {6, 17, 58};
    for (size_t i = 0; i < sizeof four / sizeof *four; i++) {
        watch(socket(AF_INET, SOCK_RAW, four[i]));
    }
    for (size_t i = 0; i < sizeof six / sizeof *six; i++) {
        watch(socket(AF_INET6, SOCK_RAW, six[i]));
    }
    struct ip_mreqn dns = {.imr_ifindex = (int)if_nametoindex(bridge)};
    inet_aton("224.0.0.251", &dns.imr_multiaddr);
    must(setsockopt(sockets[4], IPPROTO_IP, IP_ADD_MEMBERSHIP, &dns, sizeof dns) == 0, "224.0.0.251");
}

static void note(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i + 4 < size; i++) {
        if (memcmp(bytes + i, "TRY-", 4) != 0) {
            continue;
        }
        char mark[MARK] = "";
        size_t length = 0;
        while (length < MARK - 1 && i + length < size && (bytes[i + length] == '-' || isalnum(bytes[i + length]))) {
            mark[length] = (char)bytes[i + length];
            length++;
        }
        bool known = false;
        for (size_t k = 0; k < mark_count && !known; k++) {
            known = strcmp(marks[k], mark) == 0;
        }
        if (!known && mark_count < MARKS) {
            strcpy(marks[mark_count++], mark);
        }
    }
}

static void drain(void) {
    static unsigned char bytes[65536];
    for (size_t i = 0; i < socket_count; i++) {
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        ssize_t size;
        while ((size = recvfrom(sockets[i], bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length)) > 0) {
            /* What it sent itself, it has not seen. */
            if (sockets[i] != card || ((struct sockaddr_ll *)&from)->sll_pkttype != PACKET_OUTGOING) {
                note(bytes, (size_t)size);
            }
            length = sizeof from;
        }
    }
}

static size_t from_hex(const char *hex, unsigned char *bytes, size_t room) {
    size_t size = 0;
    for (; size < room && hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        bytes[size++] = (unsigned char)strtoul((char[]){hex[0], hex[1], '\0'}, NULL, 16);
    }
    return size;
}

static bool comes(int fd, short what) {
    return poll(&(struct pollfd){.fd = fd, .events = what}, 1, WAIT_MS) == 1;
}

static void command(char *line, FILE *out) {
    static unsigned char bytes[4096];
    char *rest = line;
    const char *word = strsep(&rest, " ");
    if (strcmp(word, "seen") == 0) {
        drain();
        for (size_t i = 0; i < mark_count; i++) {
            fprintf(out, "%s ", marks[i]);
        }
    } else if (strcmp(word, "frame") == 0 && rest != NULL) {
        size_t size = from_hex(rest, bytes, sizeof bytes);
        fputs(send(card, bytes, size, 0) == (ssize_t)size ? "ok" : strerror(errno), out);
    } else if (rest != NULL) {
        bool stream = strcmp(word, "tcp") == 0;
        struct sockaddr_in to = {.sin_family = AF_INET};
        inet_aton(strsep(&rest, " "), &to.sin_addr);
        const char *port = rest == NULL ? "0" : strsep(&rest, " ");
        to.sin_port = htons((uint16_t)atoi(port));
        int fd = socket(AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0);
        connect(fd, (struct sockaddr *)&to, sizeof to);
        int wrong = ETIMEDOUT;
        if (stream) {
            if (comes(fd, POLLOUT)) {
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &(socklen_t){sizeof wrong});
            }
            fputs(wrong == 0 ? "ok" : strerror(wrong), out);
        } else {
            (void)!write(fd, bytes, from_hex(rest == NULL ? "" : rest, bytes, sizeof bytes));
            ssize_t size = comes(fd, POLLIN) ? read(fd, bytes, sizeof bytes) : 0;
            for (ssize_t i = 0; i < size; i++) {
                fprintf(out, "%02x", bytes[i]);
            }
        }
        close(fd);
    }
    fputc('\n', out);
    fflush(out);
}

static void serve(int in, FILE *out) {
    static char line[16384];
    size_t used = 0;
    while (true) {
        struct pollfd all[SOCKETS + 1];
        for (size_t i = 0; i < socket_count; i++) {
            all[i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
        }
        all[socket_count] = (struct pollfd){.fd = in, .events = POLLIN};
        poll(all, socket_count + 1, -1);
        drain();
        if (all[socket_count].revents == 0) {
            continue;
        }
        ssize_t size = read(in, line + used, sizeof line - 1 - used);
        if (size <= 0) {
            return;
        }
        used += (size_t)size;
        line[used] = '\0';
        for (char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n')) {
            *end = '\0';
            char one[sizeof line];
            strcpy(one, line);
            used -= (size_t)(end + 1 - line);
            memmove(line, end + 1, used + 1);
            command(one, out);
        }
    }
}

static int listener(const char *address, uint16_t port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_aton(address, &here.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    must(bind(fd, (struct sockaddr *)&here, sizeof here) == 0 && listen(fd, 16) == 0, address);
    return fd;
}

/* Pages: /go/HOST/REST leads on to http://HOST/TRY-REST, all else is one page. */
static void pages(int accepting) {
    while (true) {
        int fd = accept(accepting, NULL, NULL);
        char asked[8192];
        ssize_t size = comes(fd, POLLIN) ? read(fd, asked, sizeof asked - 1) : 0;
        asked[size > 0 ? size : 0] = '\0';
        char host[64];
        char rest[64];
        char said[512];
        int length = sscanf(asked, "GET /go/%63[^/]/%63[^ ]", host, rest) == 2
                         ? snprintf(said, sizeof said, "HTTP/1.1 302 Found\r\nLocation: http://%s/TRY-%s\r\n"
                                    "Content-Length: 0\r\nConnection: close\r\n\r\n", host, rest)
                         : snprintf(said, sizeof said, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n"
                                    "Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\nreached");
        (void)!write(fd, said, (size_t)length);
        close(fd);
    }
}

static void page_server(const char *address, uint16_t port) {
    int fd = listener(address, port);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pages(fd);
    }
    close(fd);
}

static void guest(char **arguments) {
    char line[4096] = "";
    char ip[256];
    struct address address;
    mounts_first();
    int fd = open("/proc/cmdline", O_RDONLY);
    (void)!read(fd, line, sizeof line - 1);
    close(fd);
    if (strstr(line, "probe=yes") == NULL) {
        execv("/real", arguments);
    }
    log_open();
    modules_load();
    mkdir("/run", 0755);
    mkdir("/run/viper", 0755);
    net_loopback();
    must(cmdline_get(line, "ip", ip, sizeof ip) && address_from_cmdline(ip, &address) == NULL, "no ip=");
    const char *wrong = net_configure(&address);
    must(wrong == NULL, wrong);
    /* So that a forged answer about the gateway does not cut off the one who asks for what was seen. */
    struct arpreq gateway = {.arp_flags = ATF_PERM | ATF_COM, .arp_dev = "eth0"};
    *(struct sockaddr_in *)&gateway.arp_pa = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = address.gateway};
    memcpy(gateway.arp_ha.sa_data, "\x0a\x58", 2);
    memcpy(gateway.arp_ha.sa_data + 2, &address.gateway, 4);
    must(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSARP, &gateway) == 0, "the gateway's entry");
    watch_card("eth0");
    int accepting = listener("0.0.0.0", PORT);
    say("probe serves");
    while (true) {
        int peer = accept(accepting, NULL, NULL);
        serve(peer, fdopen(dup(peer), "w"));
        close(peer);
    }
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    if (getpid() == 1) {
        guest(arguments);
    }
    must(count == 3, "probe host BRIDGE, or world LINK");
    if (strcmp(arguments[1], "host") == 0) {
        watch_host(arguments[2]);
    } else {
        watch_card(arguments[2]);
        page_server("0.0.0.0", 80);
        page_server("10.1.2.3", 81);
    }
    puts("serves");
    fflush(stdout);
    serve(0, stdout);
    return 0;
}
