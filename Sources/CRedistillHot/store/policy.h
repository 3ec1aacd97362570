/*
 * This file owns how the store asks which entry goes: a policy is a table of functions that whoever makes the store
 * gives it. It only chooses victims; removing them, and deciding when and in which shard, is room.h.
 */
#ifndef RD_POLICY_H
#define RD_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct rd_entry;
struct rd_shard;

/* What a shard offers to be evicted. */
struct rd_victim {
    uint32_t reference; /* 0: nothing */
    uint32_t score;     /* among several shards' victims, the one with the highest goes */
};

struct rd_policy {
    const char *name;  /* as in Redis's maxmemory-policy */
    bool by_use;       /* LRU or LFU of Redis, under which it shares no small numbers between keys */
    bool counts_use;   /* the age of an entry is how often it is used, not when it came */
    /*
     * With the shard's lock held: the entry to evict next of those that lie in a keyspace's lists (rd_shard_lists), never
     * `spare`. May reorder the lists and change hits, ages and queues; must not change the table. NULL: nothing is to
     * go, ever.
     */
    struct rd_victim (*victim)(struct rd_shard *shard, uint32_t space, uint32_t spare);
    /* With the lock held: flags for a new entry of that keyspace and hash. NULL: none. */
    uint8_t (*admit)(struct rd_shard *shard, uint32_t space, uint64_t hash);
    /* With the lock held: an entry that victim named is about to go. NULL: the policy need not know. */
    void (*evicted)(struct rd_shard *shard, const struct rd_entry *entry);
};

/* Of a store that was given no other: what does not fit is refused. */
extern const struct rd_policy rd_policy_noeviction;

#endif
