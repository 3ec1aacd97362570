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
