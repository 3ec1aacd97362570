/* This file owns writing a snapshot. */
#include "snapshot/write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "resp/rdb.h"
#include "snapshot/encode.h"
#include "snapshot/opcode.h"

/*
 * Who writes sleeps for a moment after each stretch of work. A worker that is woken on the writer's processor can wait there
 * for the next tick of the kernel's, which is four milliseconds on many machines: the 99.9th percentile beside a snapshot was
 * that, and 0.2 ms without.
 */
#define STRETCH_NS 200000
#define REST_NS 100000

/* What becomes of one try. */
enum outcome {
    WHOLE,
    FAILED,  /* the file's error, or the result, says why */
    OVER,    /* cancelled */
    NEWER,   /* fields have times: all of it anew, as a newer version */
};

struct writing {
    struct rd_store *store;
    const _Atomic bool *cancelled;
    _Atomic uint64_t *keys;
    struct rd_snapshot_file file;
    struct rd_capture capture;
    unsigned version;
    int64_t rested; /* when the last rest ended, in ns of the monotonic clock */
    struct rd_walk walks[RD_SPACES]; /* through each database's keyspace as it was at the beginning */
};

static void put_aux(struct rd_snapshot_file *file, const char *name, const char *value) {
    rd_snapshot_put_byte(file, RD_FILE_AUX);
    rd_snapshot_put_text(file, (struct rd_slice){name, strlen(name)});
    rd_snapshot_put_text(file, (struct rd_slice){value, strlen(value)});
}

static void put_aux_number(struct rd_snapshot_file *file, const char *name, uint64_t value) {
    char text[RD_I64_DIGITS + 1];
    *rd_format_u64(text, value) = 0;
    put_aux(file, name, text);
}

static void put_head(struct writing *writing) {
    struct rd_snapshot_file *file = &writing->file;
    char magic[RD_FILE_HEAD + 1];
    snprintf(magic, sizeof magic, "REDIS%04u", writing->version);
    rd_snapshot_put(file, magic, RD_FILE_HEAD);
    put_aux(file, "redis-ver", RD_REDIS_VERSION);
    put_aux(file, "redis-bits", "64");
    put_aux_number(file, "ctime", (uint64_t)(rd_unix_ms() / 1000));
    put_aux_number(file, "used-mem", rd_store_used(writing->store));
    put_aux(file, "aof-base", "0");
}

static void put_tail(struct rd_snapshot_file *file) {
    rd_snapshot_put_byte(file, RD_FILE_END);
    rd_snapshot_flush(file);
    rd_snapshot_put_eight(file, file->checksum);
}

/* All of one moment, for which any shard's lock is enough (databases.h). */
static void note_spaces(struct writing *writing) {
    const struct rd_databases *databases = &writing->store->databases;
    rd_shard_lock(&writing->store->shards[0]);
    for (uint32_t i = 0; i < databases->count; i++) {
        uint32_t space = rd_databases_space(databases, i);
        writing->walks[i] = (struct rd_walk){.space = space, .left = rd_databases_left(databases, space)};
    }
    rd_shard_unlock(&writing->store->shards[0]);
}

static void rest(struct writing *writing) {
    if (rd_nanoseconds() - writing->rested < STRETCH_NS) return;
    nanosleep(&(struct timespec){.tv_nsec = REST_NS}, NULL);
    writing->rested = rd_nanoseconds();
}

static enum outcome write_slice(struct writing *writing) {
    const struct rd_capture *capture = &writing->capture;
    for (uint32_t i = 0; i < capture->count; i++) {
        if (!rd_snapshot_encode(&writing->file, capture, &capture->entries[i], writing->version)) return NEWER;
    }
    atomic_fetch_add_explicit(writing->keys, capture->count, memory_order_relaxed);
    if (writing->file.error) return FAILED;
    return atomic_load_explicit(writing->cancelled, memory_order_relaxed) ? OVER : WHOLE;
}

static enum outcome write_shard(struct writing *writing, uint32_t number, uint32_t database) {
    struct rd_shard *shard = &writing->store->shards[number];
    struct rd_walk walk = writing->walks[database];
    walk.shard = shard;
    if (rd_shard_keys_in(shard, walk.space) == 0) return WHOLE; /* a key that comes now need not be in it */
    while (!walk.is_over) {
        if (rd_capture_slice(&writing->capture, &walk, rd_unix_ms()) != RD_OK) {
            writing->file.error = ENOMEM;
            writing->file.what = "malloc";
            return FAILED;
        }
        enum outcome outcome = write_slice(writing);
        if (outcome != WHOLE) return outcome;
        rest(writing);
    }
    return WHOLE;
}

/* False, and nothing is written: it has no keys. How many it has is a hint to who loads it. */
static bool put_database(struct writing *writing, uint32_t database) {
    uint64_t keys = 0, expiring = 0;
    for (uint32_t i = 0; i < writing->store->shard_count; i++) {
        const struct rd_shard *shard = &writing->store->shards[i];
        keys += rd_shard_keys_in(shard, writing->walks[database].space);
        expiring += rd_shard_expiring_in(shard, writing->walks[database].space).entries;
    }
    if (keys == 0) return false;
    rd_snapshot_put_byte(&writing->file, RD_FILE_DATABASE);
    rd_snapshot_put_length(&writing->file, database);
    rd_snapshot_put_byte(&writing->file, RD_FILE_RESIZE);
    rd_snapshot_put_length(&writing->file, keys);
    rd_snapshot_put_length(&writing->file, expiring);
    return true;
}

static enum outcome write_all(struct writing *writing) {
    struct rd_store *store = writing->store;
    note_spaces(writing);
    put_head(writing);
    for (uint32_t database = 0; database < store->databases.count; database++) {
        if (!put_database(writing, database)) continue;
        for (uint32_t i = 0; i < store->shard_count; i++) {
            enum outcome outcome = write_shard(writing, i, database);
            if (outcome != WHOLE) return outcome;
        }
    }
    put_tail(&writing->file);
    return WHOLE;
}

static enum outcome try_once(struct writing *writing, const char *path, struct rd_snapshot_result *result) {
    atomic_store_explicit(writing->keys, 0, memory_order_relaxed);
    enum outcome outcome = rd_snapshot_file_open(&writing->file, path) ? write_all(writing) : FAILED;
    if (outcome == WHOLE && !rd_snapshot_file_settle(&writing->file, path)) outcome = FAILED;
    rd_capture_drop(&writing->capture);
    result->bytes = writing->file.written;
    result->error = writing->file.error;
    result->what = writing->file.what;
    rd_snapshot_file_drop(&writing->file);
    return outcome;
}

static bool has_timed(const struct rd_store *store) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        if (rd_counter_get(&store->shards[i].timed)) return true;
    }
    return false;
}

bool rd_snapshot_write(struct rd_store *store, const char *path, const _Atomic bool *cancelled, _Atomic uint64_t *keys,
                       struct rd_snapshot_result *result) {
    struct writing writing = {.store = store, .cancelled = cancelled, .keys = keys};
    *result = (struct rd_snapshot_result){0};
    writing.version = has_timed(store) ? RD_RDB_VERSION_TIMED : RD_RDB_VERSION;
    enum outcome outcome = try_once(&writing, path, result);
    if (outcome == NEWER) {
        writing.version = RD_RDB_VERSION_TIMED;
        outcome = try_once(&writing, path, result);
    }
    rd_capture_free(&writing.capture);
    result->keys = atomic_load_explicit(keys, memory_order_relaxed);
    result->version = writing.version;
    result->is_cancelled = outcome == OVER;
    return outcome == WHOLE;
}
