/* This file owns ghosts. */
#include "evict/ghost.h"

#include "evict/notes.h"

#define PLACES 4
#define LEAST_CAPACITY 64

static uint32_t *set_of(struct rd_notes *notes, uint64_t hash) {
    return notes->ghosts + ((uint32_t)hash & (notes->ghost_capacity - 1) & ~(PLACES - 1u));
}

/* Bits that choose neither the set nor the shard; 0 stands for an empty place. */
static uint32_t print_of(uint64_t hash) {
    uint32_t print = (uint32_t)(hash >> 32) & 0xffff;
    return print ? print : 1;
}

/* Twice as many places as keys, and none too many for what is left of a once larger shard. */
static struct rd_notes *fit(struct rd_shard *shard) {
    uint64_t keys = rd_shard_keys(shard), has = shard->notes ? shard->notes->ghost_capacity : 0;
    if (has && keys <= has && keys * 16 >= has) return shard->notes;
    uint64_t capacity = LEAST_CAPACITY;
    while (capacity < keys * 2 && capacity < 1u << 30) capacity *= 2;
    if (capacity == has) return shard->notes;
    return rd_notes_resize(shard, (uint32_t)capacity); /* forgetting them costs a few hits, once a doubling */
}

void rd_ghosts_add(struct rd_shard *shard, uint64_t hash, uint16_t now) {
    struct rd_notes *notes = fit(shard);
    if (!notes || !notes->ghost_capacity) return;
    uint32_t *set = set_of(notes, hash), *oldest = set;
    for (uint32_t i = 0; i < PLACES; i++) {
        if (set[i] == 0 || set[i] >> 16 == print_of(hash)) {
            oldest = &set[i];
            break;
        }
        if ((uint16_t)(now - set[i]) > (uint16_t)(now - *oldest)) oldest = &set[i];
    }
    *oldest = print_of(hash) << 16 | now;
}

bool rd_ghosts_take(struct rd_shard *shard, uint64_t hash, uint16_t now, uint16_t life) {
    if (!shard->notes || !shard->notes->ghost_capacity) return false;
    uint32_t *set = set_of(shard->notes, hash);
    for (uint32_t i = 0; i < PLACES; i++) {
        if (set[i] >> 16 != print_of(hash)) continue;
        bool fresh = (uint16_t)(now - set[i]) <= life;
        set[i] = 0;
        return fresh;
    }
    return false;
}
