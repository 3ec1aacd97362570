/*
 * This file owns finding the heaviest keys of a stream with a fixed number of counters: Space-Saving (Metwally, Agrawal
 * and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005), with weights.
 *
 *   slots --hash--> counters <--lightest first-- heap
 *
 * A key without a counter takes over the lightest one, weight and all, and remembers that weight as its error: what it
 * has really weighed lies between weight - error and weight. Whatever weighs more than all together divided by the
 * number of counters has one. An owner's lock guards all of it.
 */
#ifndef RD_SPACE_SAVING_H
#define RD_SPACE_SAVING_H

#include "redistill_hot.h"

/* Bytes of a key that are kept. Keys are told apart by their hash. */
#define RD_HEAVY_KEY_BYTES 1024u

struct rd_heavy_key {
    uint64_t hash;
    uint64_t weight, error;
    char *bytes;      /* owned; `room` of them, `kept` in use */
    uint32_t kept, room;
    uint64_t length;  /* of the key, of which no more may be kept */
    uint32_t place;   /* in the heap */
};

/* All zero: nothing is counted, and there is nothing to free. */
struct rd_space_saving {
    struct rd_heavy_key *counters; /* owned, with what follows in the same block */
    uint16_t *heap;                /* numbers of counters, each no heavier than the two below it */
    uint16_t *slots;               /* by hash, open addressing; a counter's number and 1, or 0 */
    uint32_t capacity, used;
    uint32_t slot_mask;
};

/* With so many counters, 1..16,384. */
RD_MUST_USE enum rd_status rd_space_saving_init(struct rd_space_saving *summary, uint32_t capacity);
void rd_space_saving_free(struct rd_space_saving *summary);

/* A key, whose hash it is, weighs so much more. Without memory less of its bytes is kept. */
void rd_space_saving_add(struct rd_space_saving *summary, uint64_t hash, struct rd_slice key, uint64_t weight);

/* What a key has weighed at least. */
static inline uint64_t rd_heavy_key_least(const struct rd_heavy_key *key) {
    return key->weight - key->error;
}

/* Looks at every invariant; for tests. */
bool rd_space_saving_check(const struct rd_space_saving *summary);

#endif
