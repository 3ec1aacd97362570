/*
 * This file owns one shard: a table, an arena, an LRU list and their counters behind one lock. All of it is guarded
 * by the shard's lock (rd_store_lock), but for rd_shard_prefetch.
 */
#ifndef RD_SHARD_H
#define RD_SHARD_H

#include "counter.h"
#include "hash.h"
#include "list.h"
#include "lock.h"
#include "table.h"

struct rd_policy;
struct rd_store;
struct rd_watchers;

struct rd_shard {
    /* First line: with the arena's first fields, all that a lookup reads of the shard. */
    struct rd_lock lock;
    uint32_t number;
    struct rd_store *store;
    struct rd_table table;
    /* Second line. */
    struct rd_arena arena __attribute__((aligned(64)));
    struct rd_list lru;
    struct rd_watchers *watchers; /* NULL mostly: nobody is interested in a key of this shard (watch.h) */
    rd_counter payload_bytes; /* keys and values of all entries */
    rd_counter entry_bytes;   /* slots of all entries */
    rd_counter expiring;      /* entries with an expiry */
    rd_counter expiry_sum;    /* of their expiries, modulo 2^64 */
    uint64_t blob_entries;    /* entries that own a blob */
    rd_counter expired;       /* counters since the start */
    rd_counter evicted;
    uint64_t random;          /* xorshift state for the policies that sample */
    uint32_t sweep_cursor;    /* where the expiry sweep goes on */
} __attribute__((aligned(128)));

/* An entry and where it hangs. Valid until the shard changes. */
struct rd_found {
    struct rd_entry *entry; /* NULL: not there */
    uint32_t reference;
    struct rd_place place;
};

/* What to store. Exactly one of value and blob is used: with blob, the shard takes over the caller's reference. */
struct rd_new_value {
    struct rd_slice value;
    struct rd_blob *blob;
    int64_t expiry; /* Unix time in ms, 0 = none */
};

RD_MUST_USE enum rd_status rd_shard_init(struct rd_shard *shard, struct rd_store *store, uint32_t number);
void rd_shard_destroy(struct rd_shard *shard);
/* Removes every entry. Returns how many there were. */
uint64_t rd_shard_clear(struct rd_shard *shard);

/* Finds a key; one that has expired is removed on the way and not found. */
struct rd_found rd_shard_find(struct rd_shard *shard, uint64_t hash, struct rd_slice key, int64_t now);

/*
 * Stores key = value, over what `found` (of the same key) names or as a new entry. RD_ERR_NO_MEMORY leaves what was
 * there, and a passed blob still belongs to the caller. On success *found is the entry as it is now.
 */
RD_MUST_USE enum rd_status rd_shard_put(struct rd_shard *shard, uint64_t hash, struct rd_slice key,
                                        struct rd_found *found, const struct rd_new_value *value);

/*
 * Makes the value `length` bytes long: what was there stays, added bytes are zero. *bytes may be written until the
 * shard changes. A value that someone is still being sent is copied first. RD_ERR_NO_MEMORY leaves everything.
 */
RD_MUST_USE enum rd_status rd_shard_resize(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                                           uint64_t length, char **bytes);

/* Sets (or with 0 takes away) the expiry. RD_ERR_NO_MEMORY leaves everything. */
RD_MUST_USE enum rd_status rd_shard_set_expiry(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                                               int64_t expiry);

void rd_shard_remove(struct rd_shard *shard, struct rd_found found);

/*
 * Looks at about `buckets` buckets from sweep_cursor on and removes what has expired; returns how many.
 * *wrapped is set when the end of the table was reached.
 */
uint64_t rd_shard_sweep(struct rd_shard *shard, uint32_t buckets, int64_t now, bool *wrapped);

/* Removes the entry at a reference, as eviction does. */
void rd_shard_remove_reference(struct rd_shard *shard, uint32_t reference);

/* Walks everything: table, list, arena and counters agree? For tests and debug builds. */
bool rd_shard_check(struct rd_shard *shard);

static inline struct rd_entry *rd_shard_entry(const struct rd_shard *shard, uint32_t reference) {
    return rd_arena_at(&shard->arena, reference);
}

/* In watch.c. The shard has watchers; afterwards it may have none. */
void rd_watchers_tell(struct rd_shard *shard, uint64_t hash, struct rd_slice key);

/* The key's value or expiry changed. Every function here that changes one calls it; so does a write in place. */
static inline void rd_shard_changed(struct rd_shard *shard, uint64_t hash, const struct rd_entry *entry) {
    if (__builtin_expect(shard->watchers != NULL, 0)) rd_watchers_tell(shard, hash, rd_entry_key(entry));
}

/* Marks a hit for eviction. Written only when it changes, so that a hot entry's line stays clean. */
static inline void rd_entry_touch(struct rd_entry *entry) {
    if (!(entry->flags & RD_VISITED)) entry->flags |= RD_VISITED;
}

#endif
