/*
 * This file owns which hash slot of a cluster a key is in: CRC-16 (XMODEM) of the key, or of the part of it in braces, the hash
 * tag, so that keys with the same tag are in the same slot; modulo 16,384.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
#ifndef RD_SLOT_H
#define RD_SLOT_H

#include "redistill_hot.h"

#define RD_SLOTS 16384

/* A bit for each slot. */
struct rd_slot_set {
    uint64_t words[RD_SLOTS / 64];
};

uint32_t rd_slot_of(struct rd_slice key);

static inline void rd_slot_set_add(struct rd_slot_set *set, uint32_t slot) {
    set->words[slot / 64] |= 1ull << slot % 64;
}

static inline bool rd_slot_set_has(const struct rd_slot_set *set, uint32_t slot) {
    return set->words[slot / 64] >> slot % 64 & 1;
}

#endif
