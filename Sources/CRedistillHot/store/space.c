/* This file owns the life of keyspaces. */
#include "store/space.h"

#include <stdlib.h>

struct rd_space *rd_space_new(struct rd_pool *pool, const struct rd_hash_seed *seed) {
    struct rd_space *space = calloc(1, sizeof *space);
    if (!space || rd_table_init(&space->table, pool, seed) == RD_OK) return space;
    free(space);
    return NULL;
}

void rd_spaces_free(struct rd_spaces *spaces) {
    if (!spaces) return;
    for (uint32_t number = 0; (number = rd_space_after(spaces, number));) {
        struct rd_space *space = rd_space_at(spaces, number);
        rd_table_destroy(&space->table);
        free(space);
    }
    free(spaces);
}
