/* This file owns sorting items by a number: their hash, or their score. */
#ifndef RD_KEYED_H
#define RD_KEYED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd_keyed {
    uint64_t key;
    const char *item; /* borrowed */
};

/* For who goes through them in another order than they lie in: the item some way behind this one is asked for. */
static inline void rd_keyed_ask_ahead(const struct rd_keyed *items, uint64_t at, uint64_t count) {
    if (at + 16 < count) __builtin_prefetch(items[at + 16].item);
}

/* Ascending; those of one key in no order. In place, in time that grows with their number. */
void rd_keyed_sort(struct rd_keyed *items, size_t count);

/* A score as a key: in the same order, unsigned. */
static inline uint64_t rd_score_key(double score) {
    uint64_t bits;
    if (score == 0) score = 0; /* of both signs */
    memcpy(&bits, &score, sizeof bits);
    return bits >> 63 ? ~bits : bits | 1ull << 63;
}

#endif
