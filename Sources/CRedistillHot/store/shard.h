/*
 * This file owns one shard: a table, an arena, lists by age and their counters behind one lock. All of it is guarded
 * by the shard's lock (rd_store_lock), but for rd_shard_prefetch.
 */
#ifndef RD_SHARD_H
#define RD_SHARD_H

#include "base/counter.h"
#include "base/hash.h"
#include "base/lock.h"
#include "store/change.h"
#include "store/shaped.h"
#include "store/space.h"
#include "store/table.h"

struct rd_notes;
struct rd_store;

/* Telling the store of each change would hold every one up for a line that all shards write. */
#define RD_SMALL_STEP 1024

struct rd_shard {
    /* First line: with the arena's first fields, all that a lookup reads of the shard. */
    struct rd_lock lock;
    uint32_t number;
    struct rd_store *store;
    struct rd_table table; /* of the first keyspace */
    /* Second line. */
    struct rd_arena arena __attribute__((aligned(64)));
    struct rd_list lists[RD_LISTS]; /* by rd_entry_list: with and without expiry, small and main queue */
    bool partitioned;         /* keyspaces have shares (share.h), so that these lists are of the first only; immutable */
    bool listened;            /* false mostly: nobody is told of changes of this shard. The listener sets it */
    rd_counter payload_bytes; /* keys and values of all entries */
    rd_counter entry_bytes;   /* slots of all entries */
    rd_counter small_bytes;   /* keys and values of those in the small queue of S3-FIFO */
    uint64_t small_told;      /* of which the store knows: the same, but for RD_SMALL_STEP more or less */
    rd_counter expiring;      /* entries with an expiry */
    rd_counter expiry_sum;    /* of their expiries, modulo 2^64 */
    rd_counter timed;         /* hashes of which a field expires */
    uint64_t blob_entries;    /* entries that own a blob */
    rd_counter expired;       /* counters since the start */
    rd_counter expired_fields;
    rd_counter evicted;
    uint64_t random;          /* xorshift state for the policies that sample */
    _Atomic(struct rd_spaces *) spaces; /* the other keyspaces, owned; NULL mostly: no key was ever in one */
    uint32_t sweep_cursor;    /* where the expiry sweep goes on */
    uint32_t sweep_space;     /* and in which keyspace */
    uint32_t drop_cursor;     /* where rd_shard_drop_some goes on */
    uint32_t compact_class;   /* where looking for sparse slabs goes on */
    struct rd_notes *notes;   /* the policies' own: one block (memory/kept.h), freed with the shard; NULL at first */
} __attribute__((aligned(128)));

/*
 * An entry and where it hangs. Valid until the shard changes; storing anything, in whichever shard, may evict every
 * entry but the one that is passed along, and move any.
 */
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
    bool shaped;    /* the value has a shape: shaped.h */
    bool is_moved;  /* from another key, which is about to go: the limit does not forbid it (room.h) */
};

RD_MUST_USE enum rd_status rd_shard_init(struct rd_shard *shard, struct rd_store *store, uint32_t number);
void rd_shard_destroy(struct rd_shard *shard);
/* Another process has left it (keep.h): nobody holds its lock or listens, and what counts since the start begins again. */
void rd_shard_adopt(struct rd_shard *shard);
/* Removes every entry; their memory goes back in pieces (flush.h). Returns how many there were. */
uint64_t rd_shard_clear(struct rd_shard *shard);

/*
 * Finds a key; one that has expired is removed on the way and not found. So are fields of a hash that have, and the hash
 * with the last of them.
 */
struct rd_found rd_shard_find(struct rd_shard *shard, uint64_t hash, struct rd_key key, int64_t now);

/*
 * Stores key = value, over what `found` (of the same key) names or as a new entry. RD_ERR_NO_MEMORY leaves what was
 * there, and a passed blob still belongs to the caller. On success *found is the entry as it is now.
 */
RD_MUST_USE enum rd_status rd_shard_put(struct rd_shard *shard, uint64_t hash, struct rd_key key,
                                        struct rd_found *found, const struct rd_new_value *value);

/*
 * Makes the value `length` bytes long: what was there stays, added bytes are zero. *bytes may be written until the
 * shard changes. A value that someone is still being sent is copied first. RD_ERR_NO_MEMORY leaves everything.
 */
RD_MUST_USE enum rd_status rd_shard_resize(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                                           uint64_t length, char **bytes);

/*
 * Writes a value that is no longer over the one that is there, of the same kind, without making room: nothing is evicted,
 * and no entry moves. The bytes may lie in the old one. RD_ERR_NO_MEMORY, which leaves everything: a reply refers to the
 * old one, and the machine's memory is out.
 */
RD_MUST_USE enum rd_status rd_shard_shrink(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                                           struct rd_slice value);

/*
 * The nodes of an indexed value have changed, or its kind: what it weighs more or less than `before` (rd_entry_weight) is
 * counted, and whether it is as timed as it was (rd_entry_is_timed). Makes no room.
 */
void rd_shard_recount(struct rd_shard *shard, const struct rd_entry *entry, uint64_t before, bool was_timed);

/*
 * Sets (or with 0 takes away) the expiry. What the entry grows by the limit does not forbid (room.h);
 * RD_ERR_NO_MEMORY, which leaves everything, means that the machine's memory is out.
 */
RD_MUST_USE enum rd_status rd_shard_set_expiry(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                                               int64_t expiry);

void rd_shard_remove(struct rd_shard *shard, struct rd_found found);

/* Removes the fields of a value with a shape whose time is over. True: it has none any more, and is gone. */
bool rd_shard_expire_fields(struct rd_shard *shard, uint64_t hash, uint32_t reference, int64_t now);

/* Gives the entry these flags (of the same layout), and makes it the newest of the list that they name. */
void rd_shard_refresh(struct rd_shard *shard, uint32_t reference, uint8_t flags);

/*
 * Empties one sparse slab of the class by moving its entries into the holes of others; false when there is none.
 * `spare` (may be NULL), if it moves, is told.
 */
bool rd_shard_compact_class(struct rd_shard *shard, unsigned class, struct rd_found *spare);
/* The same for whichever class has one. */
bool rd_shard_compact(struct rd_shard *shard, struct rd_found *spare);

/* Removes the entry at a reference; which change that is, the caller knows. */
void rd_shard_remove_reference(struct rd_shard *shard, uint32_t reference, enum rd_change change);

/* Walks everything: table, list, arena and counters agree? For tests and debug builds. In check.c. */
bool rd_shard_check(struct rd_shard *shard);

static inline struct rd_entry *rd_shard_entry(const struct rd_shard *shard, uint32_t reference) {
    return rd_arena_at(&shard->arena, reference);
}

/* Bytes of the slot that the entry lies in, or is to lie in. */
static inline uint32_t rd_shard_slot_size(const struct rd_shard *shard, const struct rd_entry *entry) {
    const struct rd_size_classes *classes = shard->arena.classes;
    return classes->size[rd_class_of(classes, rd_entry_size(entry))];
}

/* What an entry counts against its database's share: its slot, and the lengths of its blobs. */
static inline uint64_t rd_shard_bytes_of(const struct rd_shard *shard, const struct rd_entry *entry) {
    const struct rd_blob *key = rd_entry_key_blob(entry);
    uint64_t value = entry->flags & RD_VALUE_BLOB ? rd_entry_weight(entry) : 0;
    return rd_shard_slot_size(shard, entry) + (key ? key->length : 0) + value;
}

/* Without the lock: asks for the lines that every lookup reads. */
static inline void rd_shard_prefetch(const struct rd_shard *shard) {
    __builtin_prefetch(shard);
    __builtin_prefetch(&shard->arena);
}

static inline struct rd_spaces *rd_shard_spaces(const struct rd_shard *shard) {
    return atomic_load_explicit(&shard->spaces, memory_order_acquire);
}

/* The table of a keyspace; NULL when no key was ever in it. Also without the lock. */
static inline struct rd_table *rd_shard_table(const struct rd_shard *shard, uint32_t space) {
    if (__builtin_expect(space == 0, 1)) return (struct rd_table *)&shard->table;
    struct rd_space *other = rd_space_at(rd_shard_spaces(shard), space);
    return other ? &other->table : NULL;
}

/* The next keyspace that has a table, in ascending order; 0, the first, when there is none after this. */
static inline uint32_t rd_shard_space_after(const struct rd_shard *shard, uint32_t space) {
    return rd_space_after(rd_shard_spaces(shard), space);
}

/* Entries of a keyspace. Any thread. */
static inline uint64_t rd_shard_keys_in(const struct rd_shard *shard, uint32_t space) {
    const struct rd_table *table = rd_shard_table(shard, space);
    return table ? rd_counter_get(&table->keys) : 0;
}

/* The table that an entry hangs in. */
static inline struct rd_table *rd_shard_table_of(const struct rd_shard *shard, const struct rd_entry *entry) {
    return rd_shard_table(shard, rd_entry_space(entry));
}

static inline struct rd_key rd_shard_key(const struct rd_entry *entry) {
    return rd_key_of(rd_entry_key(entry), rd_entry_space(entry));
}

/* Does the store know of the small queue, but for a step more or less? */
static inline bool rd_shard_small_is_told(const struct rd_shard *shard) {
    return rd_counter_get(&shard->small_bytes) - shard->small_told + RD_SMALL_STEP <= 2 * RD_SMALL_STEP;
}

/* Those with an expiry, the sum of their expiries, modulo 2^64, and hashes of which a field expires. Any thread. */
struct rd_expiring {
    uint64_t entries, sum, timed;
};
struct rd_expiring rd_shard_expiring_in(const struct rd_shard *shard, uint32_t space);

/* May the sweep have something to do? Any thread. */
static inline bool rd_shard_expires(const struct rd_shard *shard) {
    return rd_counter_get(&shard->expiring) || rd_counter_get(&shard->timed);
}

/* Entries of all keyspaces. Any thread. */
static inline uint64_t rd_shard_keys(const struct rd_shard *shard) {
    const struct rd_spaces *spaces = rd_shard_spaces(shard);
    return rd_counter_get(&shard->table.keys) + (spaces ? rd_counter_get(&spaces->keys) : 0);
}

/* Somebody listens to the shard; afterwards perhaps nobody does. */
void rd_shard_tell(struct rd_shard *shard, uint64_t hash, struct rd_key key, enum rd_change change);

/* The key's value or expiry changed. Every function here that changes one calls it; so does a write in place. */
static inline void rd_shard_changed(struct rd_shard *shard, uint64_t hash, const struct rd_entry *entry,
                                    enum rd_change change) {
    if (__builtin_expect(shard->listened, 0)) rd_shard_tell(shard, hash, rd_shard_key(entry), change);
}

/* Counts a hit for eviction. Written only until the counter is full, so that a hot entry's line stays clean. */
static inline void rd_entry_touch(struct rd_entry *entry) {
    if (entry->flags < RD_HIT_MASK) entry->flags += RD_HIT_ONE;
}

/* The shard's next random number. */
static inline uint64_t rd_shard_random(struct rd_shard *shard) {
    uint64_t x = shard->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return shard->random = x;
}

/*
 * The lists that a keyspace's entries are in, and what else a policy looks at to choose among them: without shares those
 * of all keyspaces, for which the first stands. The keyspace has a table.
 */
static inline struct rd_list *rd_shard_lists(const struct rd_shard *shard, uint32_t space) {
    if (__builtin_expect(!shard->partitioned || space == 0, 1)) return (struct rd_list *)shard->lists;
    return rd_space_at(rd_shard_spaces(shard), space)->lists;
}

static inline uint64_t rd_shard_keys_listed(const struct rd_shard *shard, uint32_t space) {
    return shard->partitioned ? rd_shard_keys_in(shard, space) : rd_shard_keys(shard);
}

static inline uint64_t rd_shard_expiring_listed(const struct rd_shard *shard, uint32_t space) {
    return shard->partitioned ? rd_shard_expiring_in(shard, space).entries : rd_counter_get(&shard->expiring);
}

static inline struct rd_list *rd_shard_list(struct rd_shard *shard, const struct rd_entry *entry) {
    unsigned list = rd_entry_list(entry);
    if (__builtin_expect(!shard->partitioned, 1)) return &shard->lists[list];
    return &rd_shard_lists(shard, rd_entry_space(entry))[list];
}

#endif
