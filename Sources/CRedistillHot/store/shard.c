/* This file owns what happens to entries: found, stored, laid out anew, removed. */
#include "store/shard.h"

#include "memory/kept.h"

#include "store/layout.h"
#include "store/room.h"
#include "store/store.h"

enum rd_status rd_shard_init(struct rd_shard *shard, struct rd_store *store, uint32_t number) {
    *shard = (struct rd_shard){.store = store, .number = number};
    shard->random = (store->seed.k0 ^ (uint64_t)(number + 1) * 0x9e3779b97f4a7c15u) | 1;
    shard->partitioned = store->shares != NULL;
    rd_arena_init(&shard->arena, &store->pool, &store->classes);
    return rd_table_init(&shard->table, &store->pool, &store->seed);
}

void rd_shard_adopt(struct rd_shard *shard) {
    rd_lock_reset(&shard->lock);
    shard->listened = false;
    rd_counter_set(&shard->expired, 0);
    rd_counter_set(&shard->expired_fields, 0);
    rd_counter_set(&shard->evicted, 0);
}

static void tell_small(struct rd_shard *shard) {
    uint64_t untold = rd_counter_get(&shard->small_bytes) - shard->small_told; /* modulo 2^64 */
    atomic_fetch_add_explicit(&shard->store->small_bytes, untold, memory_order_relaxed);
    shard->small_told += untold;
}

/* Forgets the lists and what was counted, after the entries went elsewhere. */
static void forget_entries(struct rd_shard *shard) {
    memset(shard->lists, 0, sizeof shard->lists);
    rd_counter_set(&shard->small_bytes, 0);
    tell_small(shard);
    rd_counter_set(&shard->payload_bytes, 0);
    rd_counter_set(&shard->entry_bytes, 0);
    rd_counter_set(&shard->expiring, 0);
    rd_counter_set(&shard->expiry_sum, 0);
    shard->blob_entries = 0;
    rd_counter_set(&shard->timed, 0);
    struct rd_spaces *spaces = rd_shard_spaces(shard);
    for (uint32_t number = 0; (number = rd_space_after(spaces, number));) {
        rd_counter_set(&rd_space_at(spaces, number)->expiring, 0);
        rd_counter_set(&rd_space_at(spaces, number)->expiry_sum, 0);
        rd_counter_set(&rd_space_at(spaces, number)->timed, 0);
    }
    if (spaces) rd_counter_set(&spaces->keys, 0);
}

/* All entries into the first keyspace's lists, so that whoever takes all away finds them there. */
static void join_lists(struct rd_shard *shard) {
    if (!shard->partitioned) return;
    for (uint32_t space = 0; (space = rd_shard_space_after(shard, space));) {
        struct rd_list *lists = rd_shard_lists(shard, space);
        for (unsigned list = 0; list < RD_LISTS; list++) rd_list_splice(&shard->lists[list], &shard->arena, &lists[list]);
    }
}

static void clear_at_once(struct rd_shard *shard) {
    join_lists(shard);
    for (unsigned list = 0; list < RD_LISTS && shard->blob_entries; list++) {
        for (uint32_t at = shard->lists[list].newest; at;) {
            const struct rd_entry *entry = rd_shard_entry(shard, at);
            at = entry->older;
            rd_entry_release_blobs(entry);
        }
    }
    rd_table_clear(&shard->table);
    for (uint32_t space = 0; (space = rd_shard_space_after(shard, space));) rd_table_clear(rd_shard_table(shard, space));
    rd_arena_clear(&shard->arena);
    forget_entries(shard);
}

/* A table's pages go back in pieces; at once where memory is short. */
static struct rd_flushed *flush_table(struct rd_table *table) {
    struct rd_flushed *flushed = rd_kept_new(table->pool->region, sizeof *flushed);
    if (flushed && rd_table_replace(table, &flushed->table) == RD_OK) {
        memset(flushed->newest, 0, sizeof flushed->newest);
        flushed->slab = 1;
        return flushed;
    }
    rd_kept_free(table->pool->region, flushed);
    return NULL;
}

static void flush_other_tables(struct rd_shard *shard) {
    struct rd_store *store = shard->store;
    for (uint32_t space = 0; (space = rd_shard_space_after(shard, space));) {
        struct rd_table *table = rd_shard_table(shard, space);
        if (!rd_counter_get(&table->keys)) continue;
        struct rd_flushed *flushed = flush_table(table);
        if (!flushed) {
            rd_table_clear(table);
            continue;
        }
        rd_arena_init(&flushed->arena, &store->pool, &store->classes);
        rd_flush_add(&store->flush, flushed);
    }
}

uint64_t rd_shard_clear(struct rd_shard *shard) {
    uint64_t keys = rd_shard_keys(shard);
    if (shard->listened) rd_shard_tell(shard, 0, (struct rd_key){0}, RD_CHANGE_CLEARED);
    if (keys == 0) return 0;
    struct rd_flushed *flushed = flush_table(&shard->table);
    if (!flushed) {
        clear_at_once(shard); /* memory is short, so that it is wanted back now */
        return keys;
    }
    flush_other_tables(shard);
    join_lists(shard);
    flushed->arena = shard->arena;
    for (unsigned list = 0; list < RD_LISTS; list++) {
        flushed->newest[list] = shard->blob_entries ? shard->lists[list].newest : 0;
    }
    rd_arena_init(&shard->arena, &shard->store->pool, &shard->store->classes);
    forget_entries(shard);
    rd_flush_add(&shard->store->flush, flushed);
    return keys;
}

void rd_shard_destroy(struct rd_shard *shard) {
    if (!shard->store) return;
    if (atomic_load_explicit(&shard->table.directory, memory_order_relaxed)) clear_at_once(shard);
    rd_table_destroy(&shard->table);
    rd_spaces_free(rd_shard_spaces(shard), shard->store->pool.region);
    rd_arena_destroy(&shard->arena);
    rd_kept_free(shard->store->pool.region, shard->notes);
}

/* Counts entries with an expiry, and the sum of their expiries: in the shard, and in a keyspace of its own. */
static void count_expiring(struct rd_shard *shard, const struct rd_entry *entry, uint64_t entries, uint64_t sum) {
    rd_counter_add(&shard->expiring, entries);
    rd_counter_add(&shard->expiry_sum, sum);
    uint32_t number = rd_entry_space(entry);
    if (__builtin_expect(number == 0, 1)) return;
    struct rd_space *space = rd_space_at(rd_shard_spaces(shard), number);
    rd_counter_add(&space->expiring, entries);
    rd_counter_add(&space->expiry_sum, sum);
}

/* The same of hashes of which a field expires. */
static void count_timed(struct rd_shard *shard, const struct rd_entry *entry, uint64_t hashes) {
    rd_counter_add(&shard->timed, hashes);
    uint32_t number = rd_entry_space(entry);
    if (number) rd_counter_add(&rd_space_at(rd_shard_spaces(shard), number)->timed, hashes);
}

struct rd_expiring rd_shard_expiring_in(const struct rd_shard *shard, uint32_t number) {
    const struct rd_spaces *spaces = rd_shard_spaces(shard);
    if (number) {
        const struct rd_space *space = rd_space_at(spaces, number);
        if (!space) return (struct rd_expiring){0};
        return (struct rd_expiring){rd_counter_get(&space->expiring), rd_counter_get(&space->expiry_sum),
                                    rd_counter_get(&space->timed)};
    }
    /* Of the first: what the others have not. */
    struct rd_expiring own = {rd_counter_get(&shard->expiring), rd_counter_get(&shard->expiry_sum),
                              rd_counter_get(&shard->timed)};
    while ((number = rd_space_after(spaces, number))) {
        own.entries -= rd_counter_get(&rd_space_at(spaces, number)->expiring);
        own.sum -= rd_counter_get(&rd_space_at(spaces, number)->expiry_sum);
        own.timed -= rd_counter_get(&rd_space_at(spaces, number)->timed);
    }
    return own;
}

/* What an entry's key and value grow by, and what counts against its database's share, where there are shares. */
static void count_payload(struct rd_shard *shard, const struct rd_entry *entry, uint64_t payload, uint64_t shared) {
    uint64_t small = entry->flags & RD_IN_SMALL ? payload : 0;
    rd_counter_add(&shard->payload_bytes, payload);
    if (small) {
        rd_counter_add(&shard->small_bytes, small);
        if (!rd_shard_small_is_told(shard)) tell_small(shard);
    }
    if (__builtin_expect(shard->partitioned, 0)) {
        rd_shares_count(shard->store->shares, rd_entry_space(entry), shared, small);
    }
}

/* Out of the way of strings. */
static __attribute__((noinline)) void count_if_timed(struct rd_shard *shard, const struct rd_entry *entry, int64_t sign) {
    if (rd_entry_is_timed(entry)) count_timed(shard, entry, (uint64_t)sign);
}

/* Adds (sign 1) or takes away (sign -1) an entry in the shard's counters. */
static void account(struct rd_shard *shard, const struct rd_entry *entry, int64_t sign) {
    uint64_t payload = rd_entry_key(entry).length + rd_entry_weight(entry);
    uint64_t shared = __builtin_expect(shard->partitioned, 0) ? rd_shard_bytes_of(shard, entry) : 0;
    count_payload(shard, entry, (uint64_t)sign * payload, (uint64_t)sign * shared);
    rd_counter_add(&shard->entry_bytes, (uint64_t)sign * rd_shard_slot_size(shard, entry));
    if (entry->flags & RD_HAS_EXPIRY) {
        count_expiring(shard, entry, (uint64_t)sign, (uint64_t)sign * (uint64_t)rd_entry_expiry(entry));
    }
    if (entry->flags & (RD_KEY_BLOB | RD_VALUE_BLOB | RD_SHAPED)) {
        if (entry->flags & (RD_KEY_BLOB | RD_VALUE_BLOB)) shard->blob_entries += (uint64_t)sign;
        if (entry->flags & RD_SHAPED) count_if_timed(shard, entry, sign);
    }
}

void rd_shard_recount(struct rd_shard *shard, const struct rd_entry *entry, uint64_t before, bool was_timed) {
    uint64_t grown = rd_entry_weight(entry) - before;
    count_payload(shard, entry, grown, grown);
    bool is_timed = rd_entry_is_timed(entry);
    if (is_timed != was_timed) count_timed(shard, entry, is_timed ? 1 : (uint64_t)-1);
}

/* Into the list that its flags name, as its newest. */
static void enlist(struct rd_shard *shard, uint32_t reference) {
    struct rd_entry *entry = rd_shard_entry(shard, reference);
    if (!rd_store_policy(shard->store)->counts_use) entry->age = rd_store_age(shard->store) & RD_FREQUENCY_MOST;
    rd_list_push(rd_shard_list(shard, entry), &shard->arena, reference);
}

void rd_shard_refresh(struct rd_shard *shard, uint32_t reference, uint8_t flags) {
    struct rd_entry *entry = rd_shard_entry(shard, reference);
    bool leaves_small = (entry->flags ^ flags) & RD_IN_SMALL;
    if (leaves_small) account(shard, entry, -1);
    rd_list_remove(rd_shard_list(shard, entry), &shard->arena, entry);
    entry->flags = flags;
    enlist(shard, reference);
    if (leaves_small) account(shard, entry, 1);
}

void rd_shard_tell(struct rd_shard *shard, uint64_t hash, struct rd_key key, enum rd_change change) {
    struct rd_change_slot *slot = shard->store->change_slot;
    slot->changed(slot, shard, hash, key, change);
}

/* The hash is only looked at where somebody listens. */
static void take_out(struct rd_shard *shard, uint64_t hash, struct rd_found found, enum rd_change change) {
    if (__builtin_expect(shard->listened, 0) && change != RD_CHANGE_CLEARED) {
        rd_shard_tell(shard, hash, rd_shard_key(found.entry), change);
    }
    uint32_t space = rd_entry_space(found.entry);
    account(shard, found.entry, -1);
    rd_list_remove(rd_shard_list(shard, found.entry), &shard->arena, found.entry);
    rd_entry_release_blobs(found.entry);
    rd_table_remove(rd_shard_table(shard, space), found.place);
    if (__builtin_expect(space != 0, 0)) rd_counter_add(&rd_shard_spaces(shard)->keys, (uint64_t)-1);
    rd_arena_give(&shard->arena, found.reference);
}

void rd_shard_remove(struct rd_shard *shard, struct rd_found found) {
    uint64_t hash = shard->listened ? rd_store_hash(shard->store, rd_entry_key(found.entry)) : 0;
    take_out(shard, hash, found, RD_CHANGE_REMOVED);
}

void rd_shard_remove_reference(struct rd_shard *shard, uint32_t reference, enum rd_change change) {
    struct rd_entry *entry = rd_shard_entry(shard, reference);
    uint64_t hash = rd_store_hash(shard->store, rd_entry_key(entry));
    struct rd_found found = {entry, reference, rd_table_place_of(rd_shard_table_of(shard, entry), hash, reference)};
    take_out(shard, hash, found, change);
}

struct rd_found rd_shard_find(struct rd_shard *shard, uint64_t hash, struct rd_key key, int64_t now) {
    struct rd_found found = {0};
    const struct rd_table *table = rd_shard_table(shard, key.space);
    if (__builtin_expect(table != NULL, 1)) {
        found.entry = rd_table_find(table, &shard->arena, hash, rd_key_name(key), &found.place);
    }
    if (!found.entry) return found;
    found.reference = found.place.bucket->references[found.place.index];
    if (__builtin_expect(found.entry->flags & (RD_HAS_EXPIRY | RD_SHAPED), 0)) {
        if (rd_entry_has_expired(found.entry, now)) {
            take_out(shard, hash, found, RD_CHANGE_EXPIRED);
            rd_counter_add(&shard->expired, 1);
            found.entry = NULL;
        } else if (rd_entry_is_shaped(found.entry) && rd_shard_expire_fields(shard, hash, found.reference, now)) {
            found.entry = NULL;
        }
    }
    return found;
}

bool rd_shard_expire_fields(struct rd_shard *shard, uint64_t hash, uint32_t reference, int64_t now) {
    struct rd_found found = {.entry = rd_shard_entry(shard, reference), .reference = reference};
    const struct rd_shapes *shapes = shard->store->shapes;
    if (rd_entry_next_field_expiry(found.entry) > now || !shapes || !shapes->expire(shard, hash, &found, now)) return false;
    found.place = rd_table_place_of(rd_shard_table_of(shard, found.entry), hash, reference);
    take_out(shard, hash, found, RD_CHANGE_REMOVED); /* as in Redis no key has expired, but one was deleted */
    return true;
}

/* A slot, evicting others if it must. The entry `spare` (NULL: none) survives, but may move. */
static uint32_t take_slot(struct rd_shard *shard, const struct rd_layout *layout, struct rd_found *spare) {
    unsigned class = rd_arena_fitting(&shard->arena, layout->class);
    if (!rd_arena_has_room(&shard->arena, class) && rd_room_for_slot(shard, class, spare) != RD_OK &&
        !(layout->may_exceed && rd_room_may_exceed(shard->store, layout->size))) {
        return 0;
    }
    return rd_arena_take(&shard->arena, class);
}

static struct rd_blob *blob_of(struct rd_shard *shard, struct rd_slice bytes, struct rd_found *spare, bool may_exceed) {
    if (rd_room_for_blob(shard, bytes.length, spare) != RD_OK &&
        !(may_exceed && rd_room_may_exceed(shard->store, bytes.length))) {
        return NULL;
    }
    struct rd_blob *blob = rd_blob_new(&shard->store->blobs, bytes.length, 0);
    if (!blob) return NULL;
    memcpy(blob->bytes, bytes.bytes, bytes.length);
    blob->length = bytes.length;
    return blob;
}

/* The table of a keyspace, made where there is none; NULL when memory is out. */
static __attribute__((noinline)) struct rd_table *make_table(struct rd_shard *shard, uint32_t number) {
    struct rd_spaces *spaces = rd_shard_spaces(shard);
    if (!spaces) {
        if (!(spaces = rd_kept_new_zeroed(shard->store->pool.region, sizeof *spaces))) return NULL;
        atomic_store_explicit(&shard->spaces, spaces, memory_order_release);
    }
    struct rd_space *space = rd_space_new(&shard->store->pool, &shard->store->seed);
    if (!space) return NULL;
    atomic_store_explicit(&spaces->at[number], space, memory_order_release);
    return &space->table;
}

static enum rd_status insert(struct rd_shard *shard, uint64_t hash, struct rd_key key, struct rd_found *found,
                             const struct rd_layout *layout, struct rd_slice value, struct rd_blob *blob) {
    struct rd_blob *key_blob = NULL;
    struct rd_table *table = rd_shard_table(shard, key.space);
    if (__builtin_expect(!table, 0) && !(table = make_table(shard, key.space))) return RD_ERR_NO_MEMORY;
    if (layout->key_blob && !(key_blob = blob_of(shard, rd_key_name(key), NULL, layout->may_exceed))) return RD_ERR_NO_MEMORY;
    uint32_t reference = take_slot(shard, layout, NULL);
    if (!reference) {
        if (key_blob) rd_blob_release(key_blob);
        return RD_ERR_NO_MEMORY;
    }
    shard->arena.usual_size = layout->size;
    struct rd_entry *entry = rd_shard_entry(shard, reference);
    rd_layout_write_front(layout, entry, key, key_blob);
    rd_layout_write_value(entry, value, blob);
    if (rd_table_insert(table, &shard->arena, hash, reference) != RD_OK) {
        if (key_blob) rd_blob_release(key_blob);
        rd_arena_give(&shard->arena, reference);
        return RD_ERR_NO_MEMORY;
    }
    const struct rd_policy *policy = rd_store_policy(shard->store);
    if (policy->admit) entry->flags |= policy->admit(shard, key.space, hash);
    entry->age = RD_FREQUENCY_NEW;
    enlist(shard, reference);
    account(shard, entry, 1);
    if (__builtin_expect(key.space != 0, 0)) rd_counter_add(&rd_shard_spaces(shard)->keys, 1);
    if (key_blob) rd_blob_attach(key_blob, hash);
    if (blob) rd_blob_attach(blob, hash);
    *found = (struct rd_found){.entry = entry, .reference = reference}; /* nobody asks for the place of a new entry */
    return RD_OK;
}

/*
 * Gives the entry another layout, with its expiry, and another value (whose bytes lie elsewhere; or a blob, whose
 * references are the caller's). It keeps its flags that are not layout, its key and its place in the table, and its place
 * among the others' ages unless it gets or loses its expiry. RD_ERR_NO_MEMORY: it may have moved, but is as it was.
 */
static enum rd_status change_layout(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                                    const struct rd_layout *layout, struct rd_slice value, struct rd_blob *blob) {
    unsigned old_class = rd_class_of(shard->arena.classes, rd_entry_size(found->entry));
    uint32_t reference = found->reference;
    account(shard, found->entry, -1);
    if (layout->class != old_class && !(reference = take_slot(shard, layout, found))) {
        account(shard, found->entry, 1);
        return RD_ERR_NO_MEMORY;
    }
    struct rd_entry *old = found->entry, *entry = rd_shard_entry(shard, reference);
    struct rd_key key = rd_shard_key(old);
    struct rd_blob *key_blob = rd_entry_key_blob(old);
    uint8_t kept = old->flags & (RD_HIT_MASK | RD_IN_SMALL | RD_RAW);
    bool relist = (layout->expiry != 0) != ((old->flags & RD_HAS_EXPIRY) != 0);
    char key_copy[RD_KEY_INLINE_MAX]; /* the key may move over itself */
    if (!key_blob) {
        memcpy(key_copy, key.bytes, key.length);
        key.bytes = key_copy;
    }
    if (relist) rd_list_remove(rd_shard_list(shard, old), &shard->arena, old);
    entry->newer = old->newer;
    entry->older = old->older;
    entry->age = old->age;
    rd_layout_write_front(layout, entry, key, key_blob);
    entry->flags |= kept;
    if (reference != found->reference) {
        /* Making room may have evicted others, and so moved this one within its chain. */
        found->place = rd_table_place_of(rd_shard_table(shard, key.space), hash, found->reference);
        found->place.bucket->references[found->place.index] = reference;
        if (!relist) rd_list_moved(rd_shard_list(shard, entry), &shard->arena, reference);
        rd_arena_give(&shard->arena, found->reference);
        found->reference = reference;
        found->entry = entry;
    }
    if (relist) enlist(shard, reference);
    rd_layout_write_value(entry, value, blob);
    account(shard, entry, 1);
    return RD_OK;
}

/* The same with a value that is another: a blob's reference becomes the entry's. */
static enum rd_status replace(struct rd_shard *shard, uint64_t hash, struct rd_found *found,
                              const struct rd_layout *layout, struct rd_slice value, struct rd_blob *blob) {
    struct rd_blob *old_blob = rd_entry_value_blob(found->entry);
    enum rd_status status = change_layout(shard, hash, found, layout, value, blob);
    if (status != RD_OK) return status;
    if (blob) rd_blob_attach(blob, hash);
    if (old_blob) rd_blob_detach(old_blob);
    rd_entry_touch(found->entry); /* to be written to is to be used */
    found->entry->flags &= (uint8_t)~RD_RAW;
    return RD_OK;
}

/* A value as long as the old one, both without expiry and shape, takes its place: layout and accounts stay as they are. */
static bool fits_over(const struct rd_entry *old, const struct rd_new_value *new) {
    return old && !new->blob && !new->expiry && !(old->flags & (RD_HAS_EXPIRY | RD_VALUE_BLOB | RD_SHAPED)) &&
           !new->shaped && old->value_length == new->value.length;
}

/* A blob's bytes, with what hangs from it. */
static uint64_t weight_of(const struct rd_new_value *new) {
    const struct rd_root *root = (const struct rd_root *)new->blob->bytes;
    bool has_more = new->shaped && root->kind & RD_SHAPE_INDEXED;
    return new->blob->length + (has_more ? rd_root_below(root) : 0);
}

/* Makes room in the share of the key's database for what it grows by. */
static bool fits_share(struct rd_shard *shard, struct rd_key key, struct rd_found *found, const struct rd_layout *layout,
                       const struct rd_new_value *new) {
    uint64_t wanted = shard->arena.classes->size[layout->class] + (layout->key_blob ? key.length : 0);
    if (layout->value_blob) wanted += new->blob ? weight_of(new) : new->value.length;
    uint64_t held = found->entry ? rd_shard_bytes_of(shard, found->entry) : 0;
    if (wanted <= held) return true;
    return rd_room_in_share(shard, key.space, held, wanted, found->entry ? found : NULL) == RD_OK;
}

enum rd_status rd_shard_put(struct rd_shard *shard, uint64_t hash, struct rd_key key, struct rd_found *found,
                            const struct rd_new_value *new) {
    if (fits_over(found->entry, new)) {
        memcpy(rd_entry_value_place(found->entry), new->value.bytes, new->value.length);
        found->entry->flags &= (uint8_t)~RD_RAW;
        rd_entry_touch(found->entry);
        rd_shard_changed(shard, hash, found->entry, RD_CHANGE_VALUE);
        return RD_OK;
    }
    const struct rd_size_classes *classes = shard->arena.classes;
    struct rd_blob *blob = new->blob;
    struct rd_layout layout =
        found->entry ? rd_layout_of(classes, found->entry, new->value.length, blob != NULL, new->expiry)
                     : rd_layout_plan(classes, rd_key_room(key), key.length > RD_KEY_INLINE_MAX, new->value.length,
                                      blob != NULL, new->expiry);
    layout.may_exceed = new->is_moved;
    layout.shaped = new->shaped ? RD_SHAPED : 0;
    if (__builtin_expect(shard->partitioned, 0)) {
        /* What is moved may be the holder's already, and is not to drive itself out. */
        if (new->is_moved) atomic_store_explicit(&shard->store->relief, true, memory_order_relaxed);
        else if (!fits_share(shard, key, found, &layout, new)) return RD_ERR_NO_MEMORY;
    }
    if (layout.value_blob && !blob) {
        blob = blob_of(shard, new->value, found->entry ? found : NULL, new->is_moved);
        if (!blob) return RD_ERR_NO_MEMORY;
    }
    enum rd_status status = found->entry ? replace(shard, hash, found, &layout, new->value, blob)
                                         : insert(shard, hash, key, found, &layout, new->value, blob);
    if (status == RD_OK) rd_shard_changed(shard, hash, found->entry, RD_CHANGE_VALUE);
    else if (blob && blob != new->blob) rd_blob_release(blob);
    return status;
}

/* The value is and stays a blob: makes it `length` long, alone in holding it. */
static enum rd_status resize_blob(struct rd_shard *shard, uint64_t hash, struct rd_found *found, uint64_t length) {
    struct rd_blob *old = rd_entry_value_blob(found->entry), *blob = old;
    uint64_t old_length = blob->length;
    if (!rd_blob_is_sole(blob) || length > rd_blob_capacity(blob)) {
        /* Appending grows by half again, so that many small appends stay linear. */
        uint64_t room = length > old_length && old_length ? length + length / 2 : length;
        if (rd_room_for_blob(shard, room, found) != RD_OK) return RD_ERR_NO_MEMORY;
        if (rd_blob_is_sole(blob)) {
            if (rd_blob_grow(&blob, room) != RD_OK) return RD_ERR_NO_MEMORY;
        } else {
            struct rd_blob *copy = rd_blob_new(&shard->store->blobs, room, 0);
            if (!copy) return RD_ERR_NO_MEMORY;
            copy->length = old_length < length ? old_length : length;
            memcpy(copy->bytes, blob->bytes, copy->length);
            rd_blob_detach(blob);
            blob = copy;
        }
        if (blob != old) rd_blob_attach(blob, hash);
        rd_layout_write_pointer(rd_entry_value_place(found->entry), blob);
    }
    if (length > old_length) memset(blob->bytes + old_length, 0, length - old_length);
    blob->length = length;
    count_payload(shard, found->entry, length - old_length, length - old_length);
    return RD_OK;
}

enum rd_status rd_shard_resize(struct rd_shard *shard, uint64_t hash, struct rd_found *found, uint64_t length,
                               char **bytes) {
    /* At worst it then does not change for want of memory. */
    rd_shard_changed(shard, hash, found->entry, RD_CHANGE_VALUE);
    uint64_t length_before = rd_entry_value(found->entry).length;
    if (__builtin_expect(shard->partitioned, 0) && length > length_before) {
        uint64_t held = rd_shard_bytes_of(shard, found->entry), grown = length - length_before;
        if (rd_room_in_share(shard, rd_entry_space(found->entry), held, held + grown, found) != RD_OK) return RD_ERR_NO_MEMORY;
    }
    struct rd_entry *old = found->entry;
    if (old->flags & RD_VALUE_BLOB) {
        enum rd_status status = resize_blob(shard, hash, found, length);
        if (status == RD_OK) *bytes = rd_entry_value_blob(found->entry)->bytes;
        return status;
    }
    size_t old_length = rd_entry_value(old).length;
    struct rd_layout layout = rd_layout_of(shard->arena.classes, old, length, false, rd_entry_expiry(old));
    if (layout.value_blob) {
        if (rd_room_for_blob(shard, length + length / 2, found) != RD_OK) return RD_ERR_NO_MEMORY;
        struct rd_blob *blob = rd_blob_new(&shard->store->blobs, length + length / 2, 0);
        if (!blob) return RD_ERR_NO_MEMORY;
        memcpy(blob->bytes, rd_entry_value_place(found->entry), old_length);
        memset(blob->bytes + old_length, 0, length - old_length);
        blob->length = length;
        enum rd_status status = replace(shard, hash, found, &layout, (struct rd_slice){NULL, 0}, blob);
        if (status == RD_OK) *bytes = blob->bytes;
        else rd_blob_release(blob);
        return status;
    }
    char value[RD_ENTRY_MAX]; /* the old one may move over itself */
    memcpy(value, rd_entry_value_place(old), old_length < length ? old_length : length);
    if (length > old_length) memset(value + old_length, 0, length - old_length);
    enum rd_status status = change_layout(shard, hash, found, &layout, (struct rd_slice){value, length}, NULL);
    if (status == RD_OK) *bytes = rd_entry_value_place(found->entry);
    return status;
}

enum rd_status rd_shard_shrink(struct rd_shard *shard, uint64_t hash, struct rd_found *found, struct rd_slice value) {
    struct rd_entry *entry = found->entry;
    struct rd_blob *old = rd_entry_value_blob(entry), *blob = old;
    if (old && !rd_blob_is_sole(old)) {
        if (!(blob = rd_blob_new(&shard->store->blobs, value.length, 0))) return RD_ERR_NO_MEMORY;
        rd_blob_attach(blob, hash);
    }
    rd_shard_changed(shard, hash, entry, RD_CHANGE_VALUE);
    account(shard, entry, -1);
    memmove(blob ? blob->bytes : rd_entry_value_place(entry), value.bytes, value.length);
    if (!blob) {
        entry->value_length = (uint16_t)value.length; /* its slot is larger than it need be until it is laid out anew */
    } else {
        blob->length = value.length;
        rd_layout_write_pointer(rd_entry_value_place(entry), blob);
    }
    account(shard, entry, 1);
    if (blob != old) rd_blob_detach(old);
    return RD_OK;
}

enum rd_status rd_shard_set_expiry(struct rd_shard *shard, uint64_t hash, struct rd_found *found, int64_t expiry) {
    struct rd_entry *old = found->entry;
    if (old->flags & RD_HAS_EXPIRY || expiry) rd_shard_changed(shard, hash, old, RD_CHANGE_EXPIRY);
    if ((old->flags & RD_HAS_EXPIRY) && expiry) {
        count_expiring(shard, old, 0, (uint64_t)expiry - (uint64_t)rd_entry_expiry(old));
        memcpy(old->data, &expiry, sizeof expiry);
        return RD_OK;
    }
    if (!(old->flags & RD_HAS_EXPIRY) && !expiry) return RD_OK;
    char bytes[RD_ENTRY_MAX]; /* making room may move the entry */
    struct rd_blob *blob = rd_entry_value_blob(old);
    struct rd_slice value = {bytes, blob ? 0 : rd_entry_value_room(old)};
    memcpy(bytes, rd_entry_value_place(old), value.length);
    struct rd_layout layout = rd_layout_of(shard->arena.classes, old, value.length, blob != NULL, expiry);
    layout.may_exceed = true;
    if (layout.value_blob == (blob != NULL)) return change_layout(shard, hash, found, &layout, value, blob);
    /* The expiry makes the entry too large for the arena. */
    struct rd_blob *promoted = blob_of(shard, value, found, true);
    if (!promoted) return RD_ERR_NO_MEMORY;
    enum rd_status status = replace(shard, hash, found, &layout, value, promoted);
    if (status != RD_OK) rd_blob_release(promoted);
    return status;
}
