/* This file owns taking entries out of a shard. */
#include "snapshot/capture.h"

#include <stdlib.h>
#include <string.h>

/* Entries of one slice, or empty buckets, before the lock is given back. */
#define SLICE_ENTRIES 96u
#define FIRST_CAPACITY 256u

static bool grow(void **memory, uint32_t *capacity, size_t each) {
    uint32_t wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *grown = realloc(*memory, wanted * each);
    if (!grown) return false;
    *memory = grown;
    *capacity = wanted;
    return true;
}

struct collector {
    struct rd_capture *capture;
    const struct rd_shard *shard;
    uint32_t from; /* what is before this cursor was taken before */
};

static void collect(void *context, uint32_t reference) {
    struct collector *collector = context;
    struct rd_capture *capture = collector->capture;
    const struct rd_entry *entry = rd_shard_entry(collector->shard, reference);
    __builtin_prefetch(entry);
    if (collector->from) {
        uint64_t hash = rd_store_hash(collector->shard->store, rd_entry_key(entry));
        if (rd_table_cursor(hash) < collector->from) return;
    }
    if (capture->reference_count == capture->reference_capacity &&
        !grow((void **)&capture->references, &capture->reference_capacity, sizeof *capture->references)) {
        capture->out_of_memory = true;
        return;
    }
    capture->references[capture->reference_count++] = reference;
}

/* Where `length` bytes are copied to. The bytes may move, so that it is an offset until the slice is whole. */
static bool copy(struct rd_capture *capture, struct rd_slice bytes, struct rd_slice *to) {
    if (capture->capacity - capture->used < bytes.length) {
        size_t wanted = capture->capacity ? capture->capacity * 2 : 64u << 10;
        while (wanted - capture->used < bytes.length) wanted *= 2;
        char *grown = realloc(capture->bytes, wanted);
        if (!grown) return false;
        capture->bytes = grown;
        capture->capacity = wanted;
    }
    if (bytes.length) memcpy(capture->bytes + capture->used, bytes.bytes, bytes.length);
    *to = (struct rd_slice){NULL, bytes.length};
    capture->used += bytes.length;
    return true;
}

static bool refer_to_leaves(struct rd_capture *capture, const struct rd_shard *shard, struct rd_captured *into,
                            struct rd_blob *blob) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    struct rd_tree tree = {.root = blob, .shard = (struct rd_shard *)shard, .parts = rd_kind_parts(root->kind)};
    struct rd_place_in at;
    uint64_t key;
    into->count = root->count;
    into->first_leaf = capture->leaf_count;
    if (!rd_tree_seek(&tree, 0, &at)) return true;
    do {
        if (capture->leaf_count == capture->leaf_capacity &&
            !grow((void **)&capture->leaves, &capture->leaf_capacity, sizeof(struct rd_blob *))) return false;
        capture->leaves[capture->leaf_count++] = rd_blob_retain(rd_tree_leaf(&at));
        into->leaves++;
    } while (rd_tree_next_leaf(&tree, &at, &key));
    return true;
}

static bool take_value(struct rd_capture *capture, const struct rd_shard *shard, const struct rd_entry *entry,
                       struct rd_captured *into) {
    into->kind = rd_entry_kind(entry);
    struct rd_blob *blob = rd_entry_value_blob(entry);
    if (rd_entry_root(entry)) return refer_to_leaves(capture, shard, into, blob);
    if (into->kind) into->count = rd_entry_items(entry);
    if (!blob) return copy(capture, rd_entry_value(entry), &into->value);
    into->value_blob = rd_blob_retain(blob);
    into->value = (struct rd_slice){blob->bytes, blob->length};
    return true;
}

static bool take_key(struct rd_capture *capture, const struct rd_entry *entry, struct rd_captured *into) {
    struct rd_blob *blob = rd_entry_key_blob(entry);
    if (!blob) return copy(capture, rd_entry_key(entry), &into->key);
    into->key_blob = rd_blob_retain(blob);
    into->key = (struct rd_slice){blob->bytes, blob->length};
    return true;
}

static bool take(struct rd_capture *capture, const struct rd_shard *shard, const struct rd_entry *entry) {
    if (capture->count == capture->entry_capacity &&
        !grow((void **)&capture->entries, &capture->entry_capacity, sizeof *capture->entries)) return false;
    struct rd_captured *into = &capture->entries[capture->count++]; /* counted at once, so that it is dropped with the others */
    *into = (struct rd_captured){.expiry = rd_entry_expiry(entry)};
    return take_key(capture, entry, into) && take_value(capture, shard, entry, into);
}

/* Now that the copies stay where they are. */
static void place_copies(struct rd_capture *capture) {
    const char *at = capture->bytes;
    for (uint32_t i = 0; i < capture->count; i++) {
        struct rd_captured *entry = &capture->entries[i];
        if (!entry->key_blob) {
            entry->key.bytes = at;
            at += entry->key.length;
        }
        if (entry->value_blob || entry->leaves) continue;
        entry->value.bytes = at;
        at += entry->value.length;
    }
}

/* Some buckets' entries, so that all that is copied has been asked for before. */
static void collect_some(struct rd_capture *capture, struct rd_walk *walk, struct rd_table *table) {
    struct collector collector = {capture, walk->shard, walk->cursor};
    uint32_t buckets = 0;
    capture->reference_count = 0;
    do {
        walk->cursor = rd_table_scan(table, walk->cursor, collect, &collector);
        collector.from = 0;
        walk->is_over = walk->cursor == 0;
    } while (!walk->is_over && capture->reference_count < SLICE_ENTRIES && ++buckets < SLICE_ENTRIES);
}

enum rd_status rd_capture_slice(struct rd_capture *capture, struct rd_walk *walk, int64_t now) {
    struct rd_shard *shard = walk->shard;
    rd_capture_drop(capture);
    rd_shard_lock(shard);
    bool is_same = rd_databases_left(&shard->store->databases, walk->space) == walk->left;
    struct rd_table *table = is_same ? rd_shard_table(shard, walk->space) : NULL;
    if (table) collect_some(capture, walk, table);
    else walk->is_over = true;
    bool fine = !capture->out_of_memory;
    for (uint32_t i = 0; fine && i < capture->reference_count; i++) {
        const struct rd_entry *entry = rd_shard_entry(shard, capture->references[i]);
        if (!rd_entry_has_expired(entry, now)) fine = take(capture, shard, entry);
    }
    rd_shard_unlock(shard);
    place_copies(capture);
    return fine ? RD_OK : RD_ERR_NO_MEMORY;
}

void rd_capture_drop(struct rd_capture *capture) {
    for (uint32_t i = 0; i < capture->count; i++) {
        if (capture->entries[i].key_blob) rd_blob_release(capture->entries[i].key_blob);
        if (capture->entries[i].value_blob) rd_blob_release(capture->entries[i].value_blob);
    }
    for (uint32_t i = 0; i < capture->leaf_count; i++) rd_blob_release(capture->leaves[i]);
    capture->count = capture->leaf_count = capture->reference_count = 0;
    capture->used = 0;
}

void rd_capture_free(struct rd_capture *capture) {
    rd_capture_drop(capture);
    free(capture->entries);
    free(capture->leaves);
    free(capture->references);
    free(capture->bytes);
}
