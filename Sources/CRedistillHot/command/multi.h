/*
 * This file owns access to many keys at one moment: hashes of all keys, their shards locked in ascending order, and
 * entries asked for ahead of their use.
 */
#ifndef RD_MULTI_H
#define RD_MULTI_H

#include "call/command.h"

#define RD_MULTI_INLINE 64
/* How far ahead of its use an entry is asked for. */
#define RD_MULTI_AHEAD 8

struct rd_multi {
    const struct rd_call *call;
    struct rd_store *store;
    bool locked;      /* by EXEC, which will also unlock */
    uint64_t *hashes; /* of the keys, in order */
    uint32_t count;
    uint32_t space;   /* of the client's database, to ask for lines with */
    uint64_t few[RD_MULTI_INLINE];
    struct rd_shard_set set;
};

/* Takes the call's keys (rd_command_keys) and locks their shards. False: the refusal has been written. */
RD_MUST_USE bool rd_multi_begin(struct rd_multi *multi, const struct rd_call *call);
void rd_multi_end(struct rd_multi *multi);

/* The shard of key i; asks for the entry of a later key on the way. */
static inline struct rd_shard *rd_multi_shard(const struct rd_multi *multi, uint32_t i) {
    if (i + RD_MULTI_AHEAD < multi->count) {
        struct rd_shard *ahead = rd_store_shard(multi->store, multi->hashes[i + RD_MULTI_AHEAD]);
        const struct rd_table *table = rd_shard_table(ahead, multi->space);
        if (table) rd_table_prefetch_entry(table, &ahead->arena, multi->hashes[i + RD_MULTI_AHEAD]);
    }
    return rd_store_shard(multi->store, multi->hashes[i]);
}

#endif
