#include "address.h"

#include <arpa/inet.h>
#include <string.h>

bool cmdline_get(const char *cmdline, const char *name, char *value, size_t size) {
    size_t name_length = strlen(name);
    bool found = false;
    const char *at = cmdline;
    while (*at != '\0') {
        at += strspn(at, " \t\n");
        const char *start = at;
        bool quoted = false;
        while (*at != '\0' && (quoted || strchr(" \t\n", *at) == NULL)) {
            quoted ^= *at == '"';
            at++;
        }
        if ((size_t)(at - start) <= name_length || strncmp(start, name, name_length) != 0 ||
            start[name_length] != '=') {
            continue;
        }
        size_t length = 0;
        for (const char *from = start + name_length + 1; from < at; from++) {
            if (*from == '"') {
                continue;
            }
            if (length + 1 >= size) {
                return false;
            }
            value[length++] = *from;
        }
        value[length] = '\0';
        found = true;
    }
    return found;
}

int mask_bits(struct in_addr mask) {
    uint32_t bits = ntohl(mask.s_addr);
    uint32_t inverse = ~bits;
    return (inverse & (inverse + 1)) == 0 ? __builtin_popcount(bits) : -1;
}

/* A guest's own address, so neither nothing, nor loopback, nor multicast. */
static bool parse_unicast(const char *text, struct in_addr *address) {
    if (inet_pton(AF_INET, text, address) != 1) {
        return false;
    }
    uint32_t first = ntohl(address->s_addr) >> 24;
    return first != 0 && first != 127 && first < 224;
}

static bool parse_hostname(const char *text, char *hostname) {
    size_t length = strlen(text);
    if (length >= HOSTNAME_BYTES || *text == '-' ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != length) {
        return false;
    }
    memcpy(hostname, text, length + 1);
    return true;
}

static const char *add_dns(const char *text, struct address *address) {
    if (address->dns_count == DNS_SERVERS) {
        return "there are more than 3 DNS servers";
    }
    if (!parse_unicast(text, &address->dns[address->dns_count])) {
        return "a DNS server is not an IPv4 address";
    }
    address->dns_count++;
    return NULL;
}

const char *address_from_cmdline(const char *ip, struct address *address) {
    enum { CLIENT, SERVER, GATEWAY, MASK, HOST, DEVICE, AUTO, DNS0, DNS1, FIELDS };
    memset(address, 0, sizeof *address);
    char copy[256];
    size_t length = strlen(ip);
    if (length >= sizeof copy) {
        return "it is longer than 255 bytes";
    }
    memcpy(copy, ip, length + 1);
    const char *fields[FIELDS];
    char *rest = copy;
    for (int i = 0; i < FIELDS; i++) {
        const char *field = rest == NULL ? NULL : strsep(&rest, ":");
        fields[i] = field == NULL ? "" : field;
    }
    if (!parse_unicast(fields[CLIENT], &address->ip)) {
        return "the address is not a unicast IPv4 address";
    }
    if (*fields[GATEWAY] != '\0' && !parse_unicast(fields[GATEWAY], &address->gateway)) {
        return "the gateway is not a unicast IPv4 address";
    }
    if (inet_pton(AF_INET, fields[MASK], &address->mask) != 1 || mask_bits(address->mask) < 1) {
        return "the mask is not one like 255.255.255.0";
    }
    if (!parse_hostname(fields[HOST], address->hostname)) {
        return "the host name is not made of up to 63 of a-z, 0-9 and '-'";
    }
    if (*fields[DEVICE] != '\0' && strcmp(fields[DEVICE], "eth0") != 0) {
        return "the device is not eth0";
    }
    if (*fields[AUTO] != '\0' && strcmp(fields[AUTO], "off") != 0 && strcmp(fields[AUTO], "none") != 0) {
        return "the address is fixed, so the seventh field is 'off'";
    }
    for (int i = DNS0; i <= DNS1; i++) {
        const char *wrong = *fields[i] == '\0' ? NULL : add_dns(fields[i], address);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return rest == NULL || *rest == '\0' ? NULL : "there are more than nine fields";
}

static bool parse_prefix(const char *text, struct address *address) {
    char copy[INET_ADDRSTRLEN + 3];
    size_t length = strlen(text);
    if (length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, length + 1);
    char *bits_text = copy;
    const char *ip = strsep(&bits_text, "/");
    if (bits_text == NULL || *bits_text == '\0' || strspn(bits_text, "0123456789") != strlen(bits_text)) {
        return false;
    }
    unsigned bits = 0;
    for (const char *digit = bits_text; *digit != '\0'; digit++) {
        bits = bits * 10 + (unsigned)(*digit - '0');
    }
    if (bits < 1 || bits > 32) {
        return false;
    }
    address->mask.s_addr = htonl(UINT32_MAX << (32 - bits));
    return parse_unicast(ip, &address->ip);
}

static bool parse_mac(const char *text, uint8_t *mac) {
    if (strlen(text) != 17) {
        return false;
    }
    for (size_t i = 0; i < MAC_BYTES; i++) {
        char digits[3] = {text[3 * i], text[3 * i + 1], '\0'};
        if (hex_parse(digits, &mac[i], 1) != 1 || (i + 1 < MAC_BYTES && text[3 * i + 2] != ':')) {
            return false;
        }
    }
    /* Bit 0 of the first byte marks a group, which no card may have for its own. */
    return (mac[0] & 1) == 0;
}

const char *address_from_line(const struct line *line, struct address *address) {
    memset(address, 0, sizeof *address);
    const char *prefix = line_get(line, "address");
    if (prefix == NULL || !parse_prefix(prefix, address)) {
        return "address is not a unicast IPv4 address with its bits, such as 192.168.127.5/24";
    }
    const char *gateway = line_get(line, "gateway");
    if (gateway != NULL && !parse_unicast(gateway, &address->gateway)) {
        return "gateway is not a unicast IPv4 address";
    }
    const char *mac = line_get(line, "mac");
    address->has_mac = mac != NULL;
    if (mac != NULL && !parse_mac(mac, address->mac)) {
        return "mac is not one card's, such as 0a:58:c0:a8:7f:05";
    }
    const char *hostname = line_get(line, "hostname");
    if (hostname != NULL && (*hostname == '\0' || !parse_hostname(hostname, address->hostname))) {
        return "hostname is not made of up to 63 of a-z, 0-9 and '-'";
    }
    const char *dns = line_get(line, "dns");
    if (dns == NULL) {
        return NULL;
    }
    char copy[DNS_SERVERS * INET_ADDRSTRLEN + 1];
    size_t length = strlen(dns);
    if (length >= sizeof copy) {
        return "dns is longer than three addresses";
    }
    memcpy(copy, dns, length + 1);
    char *rest = copy;
    while (rest != NULL) {
        const char *wrong = add_dns(strsep(&rest, ","), address);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

int hex_parse(const char *text, uint8_t *bytes, size_t size) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    size_t length = strlen(text);
    if (length % 2 != 0 || length / 2 > size) {
        return -1;
    }
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(digits, text[i]);
        if (digit == NULL) {
            return -1;
        }
        unsigned value = (unsigned)(digit - digits) & 15;
        bytes[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : bytes[i / 2] | value);
    }
    return (int)(length / 2);
}

bool time_parse(const char *text, int64_t *seconds, int32_t *nanos) {
    size_t whole = strspn(text, "0123456789");
    if (whole < 1 || whole > 12) {
        return false;
    }
    *seconds = 0;
    for (size_t i = 0; i < whole; i++) {
        *seconds = *seconds * 10 + (text[i] - '0');
    }
    *nanos = 0;
    if (text[whole] == '\0') {
        return true;
    }
    const char *places = text + whole + 1;
    size_t count = strspn(places, "0123456789");
    if (text[whole] != '.' || count < 1 || count > 9 || places[count] != '\0') {
        return false;
    }
    for (size_t i = 0; i < 9; i++) {
        *nanos = *nanos * 10 + (i < count ? places[i] - '0' : 0);
    }
    return true;
}
