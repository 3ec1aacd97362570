/* This file owns reading a PROXY protocol header. */
#include "resp/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define V1_START "PROXY "
#define V1_MOST 107
#define V2_SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define SIGNATURE_BYTES 12
#define V2_FIXED 16
/* Version 2, and its commands. */
#define V2_LOCAL 0x20
#define V2_PROXY 0x21
#define FAMILY_INET 1
#define FAMILY_INET6 2
#define FAMILY_UNIX 3

static enum rd_proxy_result starts_with(const char *bytes, size_t length, const char *start, size_t start_length) {
    size_t common = length < start_length ? length : start_length;
    if (memcmp(bytes, start, common) != 0) return RD_PROXY_NONE;
    return common == start_length ? RD_PROXY_HEADER : RD_PROXY_MORE;
}

enum rd_proxy_result rd_proxy_header_begins(const char *bytes, size_t length) {
    enum rd_proxy_result second = starts_with(bytes, length, V2_SIGNATURE, SIGNATURE_BYTES);
    if (second != RD_PROXY_NONE) return second;
    static const char *const firsts[] = {V1_START "TCP4 ", V1_START "TCP6 ", V1_START "UNKNOWN"};
    enum rd_proxy_result first = RD_PROXY_NONE;
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        enum rd_proxy_result result = starts_with(bytes, length, firsts[i], strlen(firsts[i]));
        if (result == RD_PROXY_HEADER) return result;
        if (result == RD_PROXY_MORE) first = result;
    }
    return first;
}

/* Cuts off the next word at a single space, or all that is left; NULL when there is none. */
static char *next_word(char **rest) {
    char *word = *rest;
    if (!word || !*word) return NULL;
    char *space = strchr(word, ' ');
    if (space) *space = '\0';
    *rest = space ? space + 1 : NULL;
    return word;
}

static bool read_port(const char *word, in_port_t *port) {
    uint32_t number = 0;
    size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 5 || word[digits]) return false;
    for (size_t i = 0; i < digits; i++) number = number * 10 + (uint32_t)(word[i] - '0');
    *port = htons((uint16_t)number);
    return number <= UINT16_MAX;
}

/* "TCP4 source destination port port", in place. */
static bool read_words(char *line, struct rd_proxy_header *header) {
    char *kind = next_word(&line);
    if (!kind) return false;
    if (strcmp(kind, "UNKNOWN") == 0) return true; /* whatever follows */
    char *source = next_word(&line), *destination = next_word(&line);
    char *source_port = next_word(&line), *destination_port = next_word(&line);
    if (!destination_port || line) return false;
    in_port_t unused;
    if (strcmp(kind, "TCP4") == 0) {
        struct sockaddr_in *peer = (struct sockaddr_in *)&header->peer;
        struct in_addr ignored;
        peer->sin_family = AF_INET;
        header->has_peer = inet_pton(AF_INET, source, &peer->sin_addr) == 1 &&
                           inet_pton(AF_INET, destination, &ignored) == 1 && read_port(source_port, &peer->sin_port);
    } else if (strcmp(kind, "TCP6") == 0) {
        struct sockaddr_in6 *peer = (struct sockaddr_in6 *)&header->peer;
        struct in6_addr ignored;
        peer->sin6_family = AF_INET6;
        header->has_peer = inet_pton(AF_INET6, source, &peer->sin6_addr) == 1 &&
                           inet_pton(AF_INET6, destination, &ignored) == 1 && read_port(source_port, &peer->sin6_port);
    }
    return header->has_peer && read_port(destination_port, &unused);
}

static enum rd_proxy_result read_line(const char *bytes, size_t length, struct rd_proxy_header *header) {
    const char *end = memchr(bytes, '\n', length < V1_MOST ? length : V1_MOST);
    if (!end) return length < V1_MOST ? RD_PROXY_MORE : RD_PROXY_NONE;
    header->length = (size_t)(end + 1 - bytes);
    if (header->length < sizeof V1_START + 1 || end[-1] != '\r') return RD_PROXY_NONE;
    char line[V1_MOST + 1] = {0};
    size_t start = sizeof V1_START - 1;
    memcpy(line, bytes + start, header->length - 2 - start);
    if (strlen(line) != header->length - 2 - start) return RD_PROXY_NONE;
    return read_words(line, header) ? RD_PROXY_HEADER : RD_PROXY_NONE;
}

static enum rd_proxy_result read_block(const char *bytes, size_t length, struct rd_proxy_header *header) {
    if (length < V2_FIXED) return RD_PROXY_MORE;
    const unsigned char *fixed = (const unsigned char *)bytes;
    unsigned command = fixed[12], family = fixed[13] >> 4;
    size_t rest = (size_t)fixed[14] << 8 | fixed[15];
    header->length = V2_FIXED + rest;
    if ((command != V2_LOCAL && command != V2_PROXY) || header->length > RD_PROXY_MOST) return RD_PROXY_NONE;
    if (length < header->length) return RD_PROXY_MORE;
    if (command == V2_LOCAL) return RD_PROXY_HEADER;
    /* Source, destination, their ports; what follows (TLVs) is skipped. */
    const char *addresses = bytes + V2_FIXED;
    if (family == FAMILY_INET) {
        if (rest < 12) return RD_PROXY_NONE;
        struct sockaddr_in *peer = (struct sockaddr_in *)&header->peer;
        peer->sin_family = AF_INET;
        memcpy(&peer->sin_addr, addresses, 4);
        memcpy(&peer->sin_port, addresses + 8, 2);
        header->has_peer = true;
    } else if (family == FAMILY_INET6) {
        if (rest < 36) return RD_PROXY_NONE;
        struct sockaddr_in6 *peer = (struct sockaddr_in6 *)&header->peer;
        peer->sin6_family = AF_INET6;
        memcpy(&peer->sin6_addr, addresses, 16);
        memcpy(&peer->sin6_port, addresses + 32, 2);
        header->has_peer = true;
    } else if (family > FAMILY_UNIX) {
        return RD_PROXY_NONE;
    }
    return RD_PROXY_HEADER;
}

enum rd_proxy_result rd_proxy_header_read(const char *bytes, size_t length, struct rd_proxy_header *header) {
    *header = (struct rd_proxy_header){0};
    enum rd_proxy_result first = starts_with(bytes, length, V1_START, sizeof V1_START - 1);
    if (first == RD_PROXY_HEADER) return read_line(bytes, length, header);
    enum rd_proxy_result second = starts_with(bytes, length, V2_SIGNATURE, SIGNATURE_BYTES);
    if (second == RD_PROXY_HEADER) return read_block(bytes, length, header);
    return first == RD_PROXY_MORE || second == RD_PROXY_MORE ? RD_PROXY_MORE : RD_PROXY_NONE;
}
