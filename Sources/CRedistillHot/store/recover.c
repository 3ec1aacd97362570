/* This file owns recovering keys. */
#include "store/recover.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "store/inspect.h"
#include "store/layout.h"
#include "store/room.h"
#include "store/vacate.h"

/* Bytes between two questions to the system what is resident. */
#define LOOK_STEP (1u << 20)
/* Values stay where they are in memory for as long as possible, so that what was copied can be given back at once. */
struct text {
    struct rd_blob *blob; /* a string's */
    struct rd_entry *entry;
};

struct copying {
    struct rd_store *store, *left;
    const struct rd_inspection *inspection;
    struct rd_recovery *recovery;
    struct rd_vacate vacate;
    struct text *texts; /* those of sound shards; owned. NULL: there are none, or no memory for them */
    size_t text_count, text_room;
    uint64_t most, copied;
    bool is_full;
    int64_t now;
    int16_t database_of[RD_SPACES]; /* that leads to a keyspace of what was left; -1: none */
};

static bool is_lost(const struct copying *copying, const struct rd_shard *shard) {
    return !rd_inspection_is_sound(copying->inspection, shard->number);
}

typedef void on_entry_fn(struct copying *copying, struct rd_shard *shard, uint32_t reference);

/* The oldest first. */
static void each_entry_of(struct copying *copying, struct rd_shard *shard, on_entry_fn *visit) {
    uint32_t space = 0;
    do {
        const struct rd_list *lists = rd_shard_lists(shard, space);
        for (unsigned list = 0; list < RD_LISTS; list++) {
            for (uint32_t at = lists[list].oldest; at; at = rd_shard_entry(shard, at)->newer) visit(copying, shard, at);
        }
    } while (shard->partitioned && (space = rd_shard_space_after(shard, space)));
}

static void each_entry(struct copying *copying, on_entry_fn *visit) {
    for (uint32_t i = 0; i < copying->left->shard_count; i++) {
        struct rd_shard *shard = &copying->left->shards[i];
        if (!is_lost(copying, shard)) each_entry_of(copying, shard, visit);
    }
}

/* A value that is no string's run of bytes alone, but has nodes. */
static struct rd_blob *root_of(const struct rd_entry *entry) {
    struct rd_blob *blob = rd_entry_value_blob(entry);
    return blob && rd_entry_root(entry) ? blob : NULL;
}

static void need_node(void *copying, struct rd_blob *node) {
    rd_vacate_need(&((struct copying *)copying)->vacate, node);
}

static void node_is_done(void *copying, struct rd_blob *node) {
    rd_vacate_done(&((struct copying *)copying)->vacate, node);
}

/* An entry's key, and its value with nodes, either of which may be NULL. */
static void each_blob(struct copying *copying, struct rd_blob *key, struct rd_blob *root, void (*visit)(void *, struct rd_blob *)) {
    if (key) visit(copying, key);
    if (!root) return;
    copying->left->shapes->each_node(root, visit, copying);
    visit(copying, root);
}

static void take_in(struct copying *copying, struct rd_shard *shard, uint32_t reference) {
    struct rd_entry *entry = rd_shard_entry(shard, reference);
    each_blob(copying, rd_entry_key_blob(entry), root_of(entry), need_node);
    if (!(entry->flags & RD_VALUE_BLOB) || root_of(entry)) return;
    if (copying->text_count < copying->text_room) copying->texts[copying->text_count++] = (struct text){rd_entry_value_blob(entry), entry};
}

static int by_address(const void *a, const void *b) {
    uintptr_t first = (uintptr_t)((const struct text *)a)->blob, second = (uintptr_t)((const struct text *)b)->blob;
    return (first > second) - (first < second);
}

/* False: there is no memory for the list, so that values are copied key by key, and given back at the end. */
static bool make_room_for_texts(struct copying *copying) {
    for (uint32_t i = 0; i < copying->left->shard_count; i++) {
        if (!is_lost(copying, &copying->left->shards[i])) copying->text_room += copying->left->shards[i].blob_entries;
    }
    if (copying->text_room == 0) return true;
    copying->texts = malloc(copying->text_room * sizeof *copying->texts);
    if (!copying->texts) copying->text_room = 0;
    return copying->texts != NULL;
}

/* May so many bytes more be resident? */
static bool has_room(struct copying *copying, uint64_t bytes) {
    copying->copied += bytes;
    if (copying->most == 0 || copying->copied < LOOK_STEP) return !copying->is_full;
    copying->copied = 0;
    uint64_t resident = rd_region_resident(copying->left->pool.region) + rd_region_resident(copying->store->pool.region);
    copying->is_full = resident + bytes + LOOK_STEP > copying->most;
    return !copying->is_full;
}

/* Values are made before their keys, with which they could be evicted: no more of them than the limit has. */
static bool fits_limit(const struct rd_store *store, uint64_t bytes) {
    uint64_t limit = atomic_load_explicit(&store->limit, memory_order_relaxed);
    return limit == 0 || rd_store_used(store) + bytes <= limit;
}

static struct rd_blob *copy_text(struct copying *copying, const struct rd_blob *from) {
    if (!has_room(copying, from->length)) return NULL;
    struct rd_blob *copy = rd_blob_new(&copying->store->blobs, from->length, from->length);
    if (!copy) return NULL;
    memcpy(copy->bytes, from->bytes, from->length);
    copy->length = from->length;
    return copy;
}

static int32_t database_of(const struct copying *copying, const struct rd_entry *entry) {
    return copying->database_of[rd_entry_space(entry)];
}

/* Keys that are over, of a database that is no more, or of a slot that was another's already. */
static bool is_wanted(const struct copying *copying, const struct rd_entry *entry) {
    int64_t expiry = rd_entry_expiry(entry);
    const struct rd_strays *strays = &copying->left->strays;
    if (database_of(copying, entry) < 0 || (expiry && expiry <= copying->now)) return false;
    return !rd_strays_are_pending(strays) || !rd_slot_set_has(&strays->slots, rd_slot_of(rd_entry_key(entry)));
}

/* After COPY several keys have the same. */
static bool is_first_of(const struct copying *copying, size_t i) {
    return i == 0 || copying->texts[i - 1].blob != copying->texts[i].blob;
}

/* In place of what is copied the entry then has the copy, NULL where there is none. */
static void copy_texts(struct copying *copying) {
    if (!copying->texts) return;
    qsort(copying->texts, copying->text_count, sizeof *copying->texts, by_address);
    for (size_t i = 0; i < copying->text_count; i++) {
        if (is_first_of(copying, i)) rd_vacate_need(&copying->vacate, copying->texts[i].blob);
    }
    struct rd_blob *copy = NULL;
    for (size_t i = 0; i < copying->text_count; i++) {
        const struct text *text = &copying->texts[i];
        struct rd_blob *own = NULL;
        if (is_first_of(copying, i)) copy = NULL;
        if (copy && is_wanted(copying, text->entry)) own = rd_blob_retain(copy);
        else if (is_wanted(copying, text->entry) && fits_limit(copying->store, text->blob->length)) own = copy = copy_text(copying, text->blob);
        rd_layout_write_pointer(rd_entry_value_place(text->entry), own);
        if (i + 1 == copying->text_count || is_first_of(copying, i + 1)) rd_vacate_done(&copying->vacate, text->blob);
    }
}

/* The entry's blob, made anew; NULL: there is no room for it. */
static struct rd_blob *value_of(struct copying *copying, struct rd_shard *to, uint64_t hash, const struct rd_entry *entry) {
    struct rd_blob *blob = rd_entry_value_blob(entry);
    if (!root_of(entry)) return copying->texts ? blob /* copy_texts has been here */ : copy_text(copying, blob);
    uint64_t bytes = blob->length + rd_entry_below(entry);
    if (!has_room(copying, bytes) || rd_room_for_blob(to, bytes, NULL) != RD_OK) return NULL;
    return copying->left->shapes->copy(&copying->store->blobs, blob, hash);
}

/* What eviction and OBJECT ENCODING know of it. */
static void mark(struct rd_shard *shard, const struct rd_found *found, const struct rd_entry *old) {
    const uint8_t marks = RD_IN_SMALL | RD_HIT_MASK | RD_RAW;
    rd_shard_refresh(shard, found->reference, (uint8_t)((found->entry->flags & ~marks) | (old->flags & marks)));
    found->entry->age = old->age;
}

/* With the new shard's lock held. */
static bool put(struct copying *copying, struct rd_shard *to, uint64_t hash, struct rd_key key, const struct rd_entry *entry) {
    struct rd_new_value new = {.expiry = rd_entry_expiry(entry), .shaped = entry->flags & RD_SHAPED};
    if (!(entry->flags & RD_VALUE_BLOB)) new.value = rd_entry_value(entry);
    else if (!(new.blob = value_of(copying, to, hash, entry))) return false;
    struct rd_found found = rd_shard_find(to, hash, key, copying->now);
    if (rd_shard_put(to, hash, key, &found, &new) != RD_OK) {
        if (new.blob) rd_blob_release(new.blob);
        return false;
    }
    mark(to, &found, entry);
    return true;
}

static bool copy_wanted(struct copying *copying, const struct rd_entry *entry) {
    struct rd_store *store = copying->store;
    uint32_t space = rd_databases_space(&store->databases, (uint32_t)database_of(copying, entry));
    struct rd_key key = rd_key_of(rd_entry_key(entry), space);
    uint64_t hash = rd_store_hash(store, rd_key_name(key));
    struct rd_shard *to = rd_store_shard(store, hash);
    rd_shard_lock(to);
    bool is_there = has_room(copying, rd_entry_size(entry)) && put(copying, to, hash, key, entry);
    rd_shard_unlock(to);
    return is_there;
}

static void copy_entry(struct copying *copying, struct rd_shard *from, uint32_t reference) {
    struct rd_entry *entry = rd_shard_entry(from, reference);
    struct rd_blob *key = rd_entry_key_blob(entry), *root = root_of(entry);
    if (is_wanted(copying, entry) && !copy_wanted(copying, entry)) copying->recovery->lost_keys++;
    each_blob(copying, key, root, node_is_done);
}

static void vacate_slabs(struct copying *copying, const struct rd_shard *shard) {
    for (uint32_t i = 1; i < shard->arena.count; i++) {
        const struct rd_slab *slab = &shard->arena.slabs[i];
        if (slab->live) rd_vacate_pages(&copying->vacate, shard->arena.pages[i], 1u << slab->order);
    }
}

static void copy_shard(struct copying *copying, struct rd_shard *shard) {
    if (is_lost(copying, shard)) {
        copying->recovery->lost_shards++;
        copying->recovery->lost_keys += rd_shard_keys(shard);
        return;
    }
    each_entry_of(copying, shard, copy_entry);
    vacate_slabs(copying, shard);
}

static void find_databases(struct copying *copying) {
    const struct rd_databases *left = &copying->left->databases;
    uint32_t count = copying->store->databases.count;
    for (uint32_t i = 0; i < RD_SPACES; i++) copying->database_of[i] = -1;
    for (uint32_t i = 0; i < left->count && i < count; i++) copying->database_of[rd_databases_space(left, i)] = (int16_t)i;
}

static void copy_all(struct copying *copying) {
    find_databases(copying);
    /* Ages of entries are counted from it. */
    atomic_store(&copying->store->epoch, atomic_load(&copying->left->epoch));
    if (make_room_for_texts(copying)) rd_vacate_init(&copying->vacate, &copying->left->pool);
    else copying->vacate.pool = &copying->left->pool;
    each_entry(copying, take_in);
    copy_texts(copying);
    for (uint32_t i = 0; i < copying->left->shard_count; i++) copy_shard(copying, &copying->left->shards[i]);
    rd_vacate_destroy(&copying->vacate);
    free(copying->texts);
}

static uint64_t evicted_by(const struct rd_store *store) {
    uint64_t evicted = 0;
    for (uint32_t i = 0; i < store->shard_count; i++) evicted += rd_counter_get(&store->shards[i].evicted);
    return evicted;
}

const char *rd_store_recover(struct rd_store *store, struct rd_store *left, uint64_t most, struct rd_recovery *recovery) {
    struct rd_inspection *inspection = rd_inspect(left);
    if (!inspection) return "what the crash left could not be looked at";
    *recovery = (struct rd_recovery){.shards = left->shard_count};
    struct copying copying = {.store = store, .left = left, .inspection = inspection, .recovery = recovery, .most = most,
                              .now = rd_unix_ms()};
    copy_all(&copying);
    rd_inspection_free(inspection);
    for (uint32_t i = 0; i < store->shard_count; i++) recovery->keys += rd_shard_keys(&store->shards[i]);
    recovery->lost_keys += evicted_by(store);
    return NULL;
}
