/*
 * This file owns the store as tests see it: one call per operation that finds the shard, takes its lock, and does
 * what a command's handler does.
 */
#ifndef PROBE_STORE_H
#define PROBE_STORE_H

#include "redistill_hot.h"

struct probe_store;

struct probe_store_options {
    uint32_t shards;
    bool shared;
    uint64_t limit;      /* bytes, 0 = none */
    const char *policy;  /* NULL = noeviction */
    uint64_t seed;       /* of the key hash, so that a run can be repeated */
    uint64_t reserve;    /* bytes of addresses, after which memory is out; 0 = 1 GiB */
};

struct rd_store;
/* For other probes. */
struct rd_store *probe_store_inside(struct probe_store *store);

/* NULL when memory is out. */
struct probe_store *probe_store_new(const struct probe_store_options *options);
void probe_store_free(struct probe_store *store);

enum rd_status probe_store_put(struct probe_store *store, struct rd_slice key, struct rd_slice value, int64_t expiry,
                               int64_t now);
/* The same with a blob made first, as a large argument arrives. */
enum rd_status probe_store_put_blob(struct probe_store *store, struct rd_slice key, struct rd_slice value,
                                    int64_t expiry, int64_t now);

/* Copies of what is there would hide stale pointers, so *value is borrowed until the store changes. */
bool probe_store_get(struct probe_store *store, struct rd_slice key, int64_t now, struct rd_slice *value,
                     int64_t *expiry);

/* Calls look with the value while the shard's lock is held; false when the key is not there. */
typedef void probe_value_fn(void *context, struct rd_slice value);
bool probe_store_look(struct probe_store *store, struct rd_slice key, int64_t now, probe_value_fn *look, void *context);

/* RD_ERR_INVALID when the key is not there, for the four that follow. */
/* The value with its expiry under another key; a large one is shared, as by COPY. */
enum rd_status probe_store_copy(struct probe_store *store, struct rd_slice from, struct rd_slice to, int64_t now);
enum rd_status probe_store_append(struct probe_store *store, struct rd_slice key, struct rd_slice added, int64_t now);
enum rd_status probe_store_resize(struct probe_store *store, struct rd_slice key, uint64_t length, int64_t now);
enum rd_status probe_store_set_expiry(struct probe_store *store, struct rd_slice key, int64_t expiry, int64_t now);

/* Of the items of a value with a shape. */
uint64_t probe_store_digest(struct probe_store *store, struct rd_slice key);
bool probe_store_remove(struct probe_store *store, struct rd_slice key, int64_t now);
/* Sweeps every shard once; how many keys went. */
uint64_t probe_store_sweep(struct probe_store *store, int64_t now);
uint64_t probe_store_clear(struct probe_store *store);
/* Gives back a piece of what was flushed, or of a large value that has gone; false when nothing is left. */
bool probe_store_flush_step(struct probe_store *store);
uint64_t probe_store_keys(const struct probe_store *store);
uint64_t probe_store_used(const struct probe_store *store);
uint64_t probe_store_evicted(const struct probe_store *store);
uint32_t probe_store_buckets(const struct probe_store *store);
bool probe_store_check(struct probe_store *store);
void probe_store_statistics(const struct probe_store *store, int64_t now, struct rd_statistics *statistics);
void probe_store_set_limit(struct probe_store *store, uint64_t limit);
/* False when there is no policy of that name. */
bool probe_store_set_policy(struct probe_store *store, const char *policy);
/* What the feeding thread does: true when it had one chunk of memory made ready. */
bool probe_store_feed(struct probe_store *store);
/* What a worker does between its turns: one slice. True when more is to be done. */
bool probe_store_relieve(struct probe_store *store);
/* For the policies by frequency, until the next relief. */
void probe_store_set_minute(struct probe_store *store, uint32_t minute);
void probe_store_set_lfu_decay(struct probe_store *store, uint32_t minutes);
/* What a worker's tick does for all of its shards, until nothing is left to move. True when something moved. */
bool probe_store_tidy(struct probe_store *store);
/* What the feeding thread does when nobody grows: true when it gave a chunk back. */
bool probe_store_rest(struct probe_store *store);
/* What the pool has of the system's memory. */
uint64_t probe_store_resident(const struct probe_store *store);

/* Moves entries and blobs out of sparse slabs, as far as that goes. */
void probe_store_compact(struct probe_store *store);

/* Holds one more reference of the key's blob, as an unsent reply does. NULL when the value is not one. */
void *probe_store_hold_value(struct probe_store *store, struct rd_slice key, int64_t now);
struct rd_slice probe_held_value(const void *held);
void probe_release_value(void *held);
/* Bytes that are held, and no key has. */
uint64_t probe_store_orphans(const struct probe_store *store);

/* One step of SCAN: calls visit with each key of a bucket. Returns the next cursor, 0 at the end. */
typedef void probe_key_fn(void *context, struct rd_slice key);
uint64_t probe_store_scan(struct probe_store *store, uint64_t cursor, probe_key_fn *visit, void *context);
/* Had a scan passed the key's place when it came to this cursor? */
bool probe_store_has_passed(const struct probe_store *store, uint64_t cursor, struct rd_slice key);

/*
 * Several threads at once: each adds to `counters` shared counters `additions` times in all, and in between writes,
 * grows, expires, finds and removes keys of a common range, scans and sweeps. True when the counters' sum is exact
 * and nobody read a value that nobody wrote.
 */
bool probe_store_hammer(struct probe_store *store, uint32_t threads, uint32_t additions, uint64_t seed);

#endif
