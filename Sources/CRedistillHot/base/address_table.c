/* This file owns the table of addresses. */
#include "base/address_table.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

void rd_address_format(const struct sockaddr_storage *address, char *text, size_t size) {
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        snprintf(text, size, "%s:%u", host, ntohs(v4->sin_port));
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
        /* An IPv4 client of a socket for both has the address by which everybody else knows it. */
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
        if (is_mapped) inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, host, sizeof host);
        else inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        snprintf(text, size, is_mapped ? "%s:%u" : "[%s]:%u", host, ntohs(v6->sin6_port));
    } else {
        const char *path = address->ss_family == AF_UNIX ? ((const struct sockaddr_un *)address)->sun_path : "?";
        snprintf(text, size, "%.*s:0", (int)sizeof ((struct sockaddr_un *)0)->sun_path, path);
    }
}

bool rd_address_is_loopback(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET) {
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    }
    if (address->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
    }
    return address->ss_family == AF_UNIX;
}

struct rd_address_table *rd_address_table_new(void) {
    struct rd_address_table *table = calloc(1, sizeof *table);
    if (table) rd_hash_seed_random(&table->seed);
    return table;
}

uint64_t rd_address_key(const struct rd_address_table *table, const struct sockaddr_storage *address) {
    const char *bytes;
    size_t length;
    if (address->ss_family == AF_INET) {
        bytes = (const char *)&((const struct sockaddr_in *)address)->sin_addr;
        length = 4;
    } else if (address->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(v6);
        bytes = (const char *)v6 + (mapped ? 12 : 0);
        length = mapped ? 4 : 8;
    } else {
        return 0;
    }
    return rd_hash(&table->seed, bytes, length) | 1;
}

struct rd_address *rd_address_find(struct rd_address_table *table, uint64_t key) {
    struct rd_address *set = table->sets[(key >> 1) % RD_ADDRESS_SETS];
    for (int way = 0; way < RD_ADDRESS_WAYS; way++) {
        if (set[way].key == key) return &set[way];
    }
    return NULL;
}

struct rd_address *rd_address_take(struct rd_address_table *table, uint64_t key, int64_t now_ms) {
    struct rd_address *entry = rd_address_find(table, key);
    if (!entry) {
        struct rd_address *set = table->sets[(key >> 1) % RD_ADDRESS_SETS];
        entry = set;
        for (int way = 1; way < RD_ADDRESS_WAYS; way++) {
            if (set[way].seen_ms < entry->seen_ms) entry = &set[way];
        }
        *entry = (struct rd_address){.key = key};
    }
    entry->seen_ms = now_ms;
    return entry;
}
