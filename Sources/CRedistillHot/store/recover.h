/*
 * This file owns filling a store from what a crash has left of another (keep.h): of each shard that is sound (inspect.h) every
 * key is put into the new store, in the order of its lists and with its marks, so that eviction goes on as before. Nothing
 * else of the old store is trusted: the books of its memory may be in the middle of any change.
 *
 * Whoever changes keys holds the locks of their shards from the first change to the last, so a key whose shard is free is as
 * some command has left it. Keys of the others are gone: a cache may forget, but must not be wrong.
 */
#ifndef RD_RECOVER_H
#define RD_RECOVER_H

#include "store/store.h"

struct rd_recovery {
    uint64_t keys;        /* that are there again */
    uint64_t lost_keys;   /* as their shards counted them */
    uint32_t shards;      /* of the store that was left */
    uint32_t lost_shards;
};

/*
 * `store` is new and has the seed of `left`, by whose hashes values are ordered. Before anybody else uses either. `most`: bytes that both may have resident together, 0: any number; keys beyond them are
 * lost. What is left afterwards of `left` is good for nothing. NULL, or why nothing could be done, and `store` is as new.
 */
const char *rd_store_recover(struct rd_store *store, struct rd_store *left, uint64_t most, struct rd_recovery *recovery);

#endif
