/*
 * This file owns the keyspaces of a shard beyond its first. A keyspace is what the number of a database leads to
 * (databases.h): a table of its own for each shard, made with its first key. Entries of all keyspaces lie in the shard's
 * arena, and mostly in its lists; each says which it is of (memory/entry.h). Who never uses another database has none of this.
 */
#ifndef RD_SPACE_H
#define RD_SPACE_H

#include "memory/list.h"
#include "store/table.h"

#define RD_SPACES 256
#define RD_LISTS 4

struct rd_space {
    struct rd_table table;
    struct rd_list lists[RD_LISTS]; /* of its own where keyspaces have shares (share.h), else empty */
    rd_counter expiring;   /* of its entries, as the shard counts of all */
    rd_counter expiry_sum;
    rd_counter timed;
};

/* A shard's. Tables once made stay until the shard ends, so that rd_table_prefetch may look at any time. */
struct rd_spaces {
    rd_counter keys;       /* of all of them together */
    _Atomic(struct rd_space *) at[RD_SPACES]; /* owned; the first is never set */
};

static inline struct rd_space *rd_space_at(const struct rd_spaces *spaces, uint32_t number) {
    return spaces ? atomic_load_explicit(&spaces->at[number], memory_order_acquire) : NULL;
}

/* The next that there is after this number, 0 when there is none. */
static inline uint32_t rd_space_after(const struct rd_spaces *spaces, uint32_t number) {
    if (!spaces) return 0;
    while (++number < RD_SPACES) {
        if (rd_space_at(spaces, number)) return number;
    }
    return 0;
}

/* NULL when memory is out. */
struct rd_space *rd_space_new(struct rd_pool *pool, const struct rd_hash_seed *seed);
/* Nothing may be in the tables that still owns anything. */
void rd_spaces_free(struct rd_spaces *spaces, struct rd_region *region);

#endif
