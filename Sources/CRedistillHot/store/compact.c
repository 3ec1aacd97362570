/* This file owns moving entries and blobs out of sparse slabs, so that their memory can go to others. */
#include "store/compact.h"

static void move_entry(struct rd_shard *shard, uint32_t from, uint64_t hash, unsigned class, struct rd_found *spare) {
    uint32_t to = rd_arena_take(&shard->arena, class); /* there is a hole: rd_arena_begin_drain counted */
    struct rd_entry *entry = rd_shard_entry(shard, to);
    memcpy(entry, rd_shard_entry(shard, from), shard->arena.classes->size[class]);
    struct rd_place place = rd_table_place_of(rd_shard_table_of(shard, entry), hash, from);
    place.bucket->references[place.index] = to;
    rd_list_moved(rd_shard_list(shard, entry), &shard->arena, to);
    rd_arena_give(&shard->arena, from);
    if (spare && spare->reference == from) {
        spare->reference = to;
        spare->entry = entry;
    }
}

bool rd_shard_compact_class(struct rd_shard *shard, unsigned class, struct rd_found *spare) {
    uint32_t index = rd_arena_begin_drain(&shard->arena, class);
    if (!index) return false;
    uint32_t references[RD_SLAB_SLOTS];
    uint32_t count = rd_arena_list(&shard->arena, index, references);
    /* In rounds, so that what each move touches has been asked for. */
    for (uint32_t first = 0; first < count; first += 16) {
        uint64_t hashes[16];
        uint32_t round = count - first < 16 ? count - first : 16;
        for (uint32_t i = 0; i < round; i++) {
            const struct rd_entry *entry = rd_shard_entry(shard, references[first + i]);
            hashes[i] = rd_store_hash(shard->store, rd_entry_key(entry));
            rd_table_prefetch(rd_shard_table_of(shard, entry), hashes[i]);
            if (entry->newer) __builtin_prefetch(rd_shard_entry(shard, entry->newer));
            if (entry->older) __builtin_prefetch(rd_shard_entry(shard, entry->older));
        }
        for (uint32_t i = 0; i < round; i++) move_entry(shard, references[first + i], hashes[i], class, spare);
    }
    return true;
}

bool rd_shard_compact(struct rd_shard *shard, struct rd_found *spare) {
    for (uint32_t i = 0; i < shard->arena.classes->count; i++) {
        if (shard->compact_class >= shard->arena.classes->count) shard->compact_class = 0;
        if (rd_shard_compact_class(shard, shard->compact_class, spare)) return true;
        shard->compact_class++;
    }
    return false;
}

struct search {
    const struct rd_shard *shard;
    const struct rd_blob *blob;
    uint64_t hash;
    char *place; /* of the pointer to the blob; NULL: not found */
};

/* Where the pointer stands below the entry's root. */
static char *place_below(const struct search *search, const struct rd_entry *entry) {
    const struct rd_store *store = search->shard->store;
    if (!store->shapes || !rd_entry_root(entry) || rd_store_hash(store, rd_entry_key(entry)) != search->hash) return NULL;
    return store->shapes->place_of(rd_entry_value_blob(entry), search->blob);
}

static void look_for(void *context, uint32_t reference) {
    struct search *search = context;
    struct rd_entry *entry = rd_shard_entry(search->shard, reference);
    if (search->place) return;
    if (rd_entry_value_blob(entry) == search->blob) search->place = rd_entry_value_place(entry);
    else if (rd_entry_key_blob(entry) == search->blob) search->place = entry->data + rd_entry_key_offset(entry);
    else search->place = place_below(search, entry);
}

/* Moves a blob that may be gone by now, or be on its way to somewhere, in which case nothing happens. */
static void move_blob(struct rd_store *store, struct rd_blob *blob, uint64_t hash) {
    struct rd_shard *shard = rd_store_shard(store, hash);
    if (!rd_shard_try_lock(shard)) return; /* another time: a script may hold it for long */
    struct search search = {.shard = shard, .blob = blob, .hash = hash};
    uint32_t space = 0;
    do rd_table_visit(rd_shard_table(shard, space), hash, look_for, &search);
    while (!search.place && (space = rd_shard_space_after(shard, space)));
    /* References are only added under the shard's lock, so a sole one stays one. */
    struct rd_blob *copy = search.place && rd_blob_is_sole(blob) ? rd_blobs_copy(&store->blobs, blob) : NULL;
    if (copy) {
        memcpy(search.place, &copy, sizeof copy);
        rd_blob_detach(blob);
    }
    rd_shard_unlock(shard);
}

bool rd_store_compact_blobs(struct rd_store *store) {
    struct rd_blob_drain drain = rd_blobs_begin_drain(&store->blobs);
    if (!drain.slab) return false;
    uint64_t hash;
    for (struct rd_blob *blob; (blob = rd_blobs_next(&store->blobs, &drain, &hash));) move_blob(store, blob, hash);
    rd_blobs_end_drain(&store->blobs, &drain);
    return true;
}
