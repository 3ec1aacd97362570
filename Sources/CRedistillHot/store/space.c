/* This file owns the life of keyspaces. */
#include "store/space.h"

#include "memory/kept.h"

struct rd_space *rd_space_new(struct rd_pool *pool, const struct rd_hash_seed *seed) {
    struct rd_space *space = rd_kept_new_zeroed(pool->region, sizeof *space);
    if (!space || rd_table_init(&space->table, pool, seed) == RD_OK) return space;
    rd_kept_free(pool->region, space);
    return NULL;
}

void rd_spaces_free(struct rd_spaces *spaces, struct rd_region *region) {
    if (!spaces) return;
    for (uint32_t number = 0; (number = rd_space_after(spaces, number));) {
        struct rd_space *space = rd_space_at(spaces, number);
        rd_table_destroy(&space->table);
        rd_kept_free(region, space);
    }
    rd_kept_free(region, spaces);
}
