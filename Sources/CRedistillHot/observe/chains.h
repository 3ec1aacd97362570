/*
 * This file owns a table of what hangs at keys: chains by the low bits of their hashes. It holds no more than a pointer
 * while it is empty. It has no lock of its own.
 */
#ifndef RD_CHAINS_H
#define RD_CHAINS_H

#include <stddef.h>
#include <stdint.h>

#include "redistill_hot.h"

/* In front of what is in a table. */
struct rd_link {
    struct rd_link *next, **place; /* in its chain */
    uint64_t hash;                 /* stands for the key: that another one has the same 64 keyed bits is no worry */
};

struct rd_chains {
    struct rd_link **first;        /* owned; NULL while there are none */
    uint32_t length;               /* how many chains: a power of two, grown with count, or 0 */
    uint32_t count;                /* of links */
};

/* Adds a link whose hash is set. RD_ERR_NO_MEMORY: there is no table, and none can be had. */
RD_MUST_USE enum rd_status rd_chains_add(struct rd_chains *chains, struct rd_link *link);
/* Takes a link out; with the last one the chains are freed. */
void rd_chains_remove(struct rd_chains *chains, struct rd_link *link);
/* The link's key has another hash from now on. */
void rd_chains_move(struct rd_chains *chains, struct rd_link *link, uint64_t hash);
/* The chains are freed, whose links have gone elsewhere. */
void rd_chains_drop(struct rd_chains *chains);

/* Where a hash is, with others; NULL when there are none. */
static inline struct rd_link *rd_chains_at(const struct rd_chains *chains, uint64_t hash) {
    return chains->length ? chains->first[hash & (chains->length - 1)] : NULL;
}

/* What the chains take of the heap. */
static inline uint64_t rd_chains_bytes(const struct rd_chains *chains) {
    return chains->length * sizeof chains->first[0];
}

#endif
