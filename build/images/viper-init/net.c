#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

static struct ifreq request_for(const char *device) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    return request;
}

static int set_up(int fd, const char *device, bool up) {
    struct ifreq request = request_for(device);
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
        return -1;
    }
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    return ioctl(fd, SIOCSIFFLAGS, &request);
}

static int set_ip(int fd, int which, struct in_addr ip) {
    struct ifreq request = request_for("eth0");
    struct sockaddr_in socket_address = {.sin_family = AF_INET, .sin_addr = ip};
    memcpy(&request.ifr_addr, &socket_address, sizeof socket_address);
    return ioctl(fd, which, &request);
}

static int set_gateway(int fd, struct in_addr gateway) {
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    struct sockaddr_in via = {.sin_family = AF_INET, .sin_addr = gateway};
    struct sockaddr_in any = {.sin_family = AF_INET};
    memcpy(&route.rt_gateway, &via, sizeof via);
    memcpy(&route.rt_dst, &any, sizeof any);
    memcpy(&route.rt_genmask, &any, sizeof any);
    return ioctl(fd, SIOCADDRT, &route);
}

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) {
        say_errno("cannot write %s", path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

void net_loopback(void) {
    write_file("/run/viper/hosts", "127.0.0.1 localhost\n");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || set_up(fd, "lo", true) < 0) {
        say_errno("cannot bring lo up");
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void write_names(const struct address *address) {
    char text[256];
    size_t size = 0;
    for (size_t i = 0; i < address->dns_count; i++) {
        char server[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &address->dns[i], server, sizeof server);
        size += (size_t)snprintf(text + size, sizeof text - size, "nameserver %s\n", server);
    }
    if (address->dns_count > 0) {
        write_file("/run/viper/resolv.conf", text);
    }
    if (*address->hostname == '\0') {
        return;
    }
    if (sethostname(address->hostname, strlen(address->hostname)) < 0) {
        say_errno("cannot set the host name");
    }
    snprintf(text, sizeof text, "127.0.0.1 localhost\n127.0.1.1 %s\n", address->hostname);
    write_file("/run/viper/hosts", text);
}

static const char *configure(int fd, const struct address *address) {
    if (set_up(fd, "eth0", false) < 0) {
        return errno == ENODEV ? "there is no eth0" : "cannot take eth0 down";
    }
    if (address->has_mac) {
        struct ifreq request = request_for("eth0");
        request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
        memcpy(request.ifr_hwaddr.sa_data, address->mac, MAC_BYTES);
        if (ioctl(fd, SIOCSIFHWADDR, &request) < 0) {
            return "cannot set the MAC address of eth0";
        }
    }
    /* The network is IPv4: an address that eth0 gave itself would be one that the host's policy does not know. */
    write_file("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "1");
    /* A clone's neighbours learn its card at once, by an unasked ARP as it comes up. */
    write_file("/proc/sys/net/ipv4/conf/eth0/arp_notify", "1");
    if (set_ip(fd, SIOCSIFADDR, address->ip) < 0 || set_ip(fd, SIOCSIFNETMASK, address->mask) < 0) {
        return "cannot set the address of eth0";
    }
    if (set_up(fd, "eth0", true) < 0) {
        return "cannot bring eth0 up";
    }
    if (address->gateway.s_addr != 0 && set_gateway(fd, address->gateway) < 0) {
        return "cannot set the gateway; is it in the network of the address?";
    }
    return NULL;
}

const char *net_configure(const struct address *address) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return "no IPv4 in this kernel";
    }
    const char *wrong = configure(fd, address);
    close(fd);
    if (wrong == NULL) {
        write_names(address);
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &address->ip, ip, sizeof ip);
        say("eth0 is %s/%d", ip, mask_bits(address->mask));
    }
    return wrong;
}
