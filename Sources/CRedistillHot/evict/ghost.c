/* This file owns ghosts. */
#include "evict/ghost.h"

#include <stdlib.h>

#define PLACES 4
#define LEAST_CAPACITY 64

static uint32_t *set_of(const struct rd_ghosts *ghosts, uint64_t hash) {
    return ghosts->at + ((uint32_t)hash & (ghosts->capacity - 1) & ~(PLACES - 1u));
}

/* Bits that choose neither the set nor the shard; 0 stands for an empty place. */
static uint32_t print_of(uint64_t hash) {
    uint32_t print = (uint32_t)(hash >> 32) & 0xffff;
    return print ? print : 1;
}

/* Twice as many places as keys, and none too many for what is left of a once larger shard. */
static void fit(struct rd_ghosts *ghosts, uint64_t keys) {
    if (ghosts->at && keys <= ghosts->capacity && keys * 16 >= ghosts->capacity) return;
    uint64_t capacity = LEAST_CAPACITY;
    while (capacity < keys * 2 && capacity < 1u << 30) capacity *= 2;
    if (ghosts->at && capacity == ghosts->capacity) return;
    uint32_t *at = calloc(capacity, sizeof *at);
    if (!at) return;
    free(ghosts->at); /* forgetting them costs a few hits, once a doubling */
    ghosts->at = at;
    ghosts->capacity = (uint32_t)capacity;
}

void rd_ghosts_add(struct rd_ghosts *ghosts, uint64_t hash, uint16_t now, uint64_t keys) {
    fit(ghosts, keys);
    if (!ghosts->at) return;
    uint32_t *set = set_of(ghosts, hash), *oldest = set;
    for (uint32_t i = 0; i < PLACES; i++) {
        if (set[i] == 0 || set[i] >> 16 == print_of(hash)) {
            oldest = &set[i];
            break;
        }
        if ((uint16_t)(now - set[i]) > (uint16_t)(now - *oldest)) oldest = &set[i];
    }
    *oldest = print_of(hash) << 16 | now;
}

bool rd_ghosts_take(struct rd_ghosts *ghosts, uint64_t hash, uint16_t now, uint16_t life) {
    if (!ghosts->at) return false;
    uint32_t *set = set_of(ghosts, hash);
    for (uint32_t i = 0; i < PLACES; i++) {
        if (set[i] >> 16 != print_of(hash)) continue;
        bool fresh = (uint16_t)(now - set[i]) <= life;
        set[i] = 0;
        return fresh;
    }
    return false;
}

void rd_ghosts_free(struct rd_ghosts *ghosts) {
    free(ghosts->at);
    *ghosts = (struct rd_ghosts){0};
}
