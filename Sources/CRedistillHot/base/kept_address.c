/* This file owns packing addresses. */
#include "base/kept_address.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define IS_V4 1u

struct rd_kept_address rd_kept_address_of(const struct sockaddr_storage *address) {
    struct rd_kept_address kept = {0};
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        kept.word = (uint64_t)v4->sin_addr.s_addr << 17 | (uint64_t)v4->sin_port << 1 | IS_V4;
    } else if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 *v6 = malloc(sizeof *v6);
        if (v6) memcpy(v6, address, sizeof *v6);
        kept.word = (uint64_t)(uintptr_t)v6;
    }
    return kept;
}

static struct sockaddr_in6 *v6_of(struct rd_kept_address kept) {
    return kept.word & IS_V4 ? NULL : (struct sockaddr_in6 *)(uintptr_t)kept.word;
}

bool rd_kept_address_get(struct rd_kept_address kept, struct sockaddr_storage *address) {
    if (!kept.word) return false;
    *address = (struct sockaddr_storage){0};
    const struct sockaddr_in6 *v6 = v6_of(kept);
    if (v6) {
        memcpy(address, v6, sizeof *v6);
        return true;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    v4->sin_family = AF_INET;
    v4->sin_port = (in_port_t)(kept.word >> 1);
    v4->sin_addr.s_addr = (in_addr_t)(kept.word >> 17);
    return true;
}

uint64_t rd_kept_address_bytes(struct rd_kept_address kept) {
    return v6_of(kept) ? sizeof(struct sockaddr_in6) : 0;
}

void rd_kept_address_drop(struct rd_kept_address kept) {
    free(v6_of(kept));
}
