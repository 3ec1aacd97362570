/* This file owns the walk over a whole shard: every entry, list and counter agrees with the others. */
#include "store/store.h"

struct tally {
    struct rd_shard *shard;
    uint32_t space;
    bool misplaced; /* an entry hangs in a keyspace, or a shard, that is not its own */
    bool unsound;   /* an entry that can be none */
    uint64_t keys, payload, small, bytes, expiring, expiry_sum, timed, blobs;
};

/* Does it lie in a slot that it fits, and lead to blobs and a value that are sound? Whatever it is of. */
static bool is_entry(const struct rd_shard *shard, uint32_t reference) {
    const struct rd_store *store = shard->store;
    if (!rd_arena_could_have(&shard->arena, reference)) return false;
    const struct rd_entry *entry = rd_shard_entry(shard, reference);
    uint32_t room = store->classes.size[rd_arena_class_at(&shard->arena, reference)];
    if (rd_entry_size(entry) > room) return false;
    const struct rd_blob *key = rd_entry_key_blob(entry), *value = rd_entry_value_blob(entry);
    if ((key && !rd_blobs_could_have(&store->blobs, key)) || (value && !rd_blobs_could_have(&store->blobs, value))) return false;
    return !store->shapes || !rd_entry_is_shaped(entry) || store->shapes->check(entry);
}

static void count_entry(void *context, uint32_t reference) {
    struct tally *tally = context;
    const struct rd_entry *entry = rd_shard_entry(tally->shard, reference);
    tally->unsound = tally->unsound || !is_entry(tally->shard, reference);
    if (tally->unsound) return; /* nothing of it is to be trusted */
    tally->keys++;
    const struct rd_store *store = tally->shard->store;
    tally->misplaced |= rd_entry_space(entry) != tally->space ||
                        rd_store_shard(store, rd_store_hash(store, rd_entry_key(entry))) != tally->shard;
    tally->timed += rd_entry_is_timed(entry);
    uint64_t payload = rd_entry_key(entry).length + rd_entry_weight(entry);
    tally->payload += payload;
    if (entry->flags & RD_IN_SMALL) tally->small += payload;
    tally->bytes += rd_shard_slot_size(tally->shard, entry);
    tally->expiring += (entry->flags & RD_HAS_EXPIRY) != 0;
    tally->expiry_sum += (uint64_t)rd_entry_expiry(entry);
    tally->blobs += (entry->flags & (RD_KEY_BLOB | RD_VALUE_BLOB)) != 0;
}

/* Counts what is in a keyspace's table; false when that is not sound. */
static bool count_table(struct tally *tally, struct rd_table *table) {
    uint64_t before = tally->keys;
    uint32_t cursor = 0;
    if (!rd_table_is_bounded(table)) return false;
    do cursor = rd_table_scan(table, cursor, count_entry, tally);
    while (cursor && !tally->unsound);
    return !tally->unsound && rd_table_check(table, &tally->shard->arena) && tally->keys - before == rd_counter_get(&table->keys);
}

static bool count_tables(struct tally *tally) {
    struct rd_shard *shard = tally->shard;
    if (!count_table(tally, &shard->table)) return false;
    while ((tally->space = rd_shard_space_after(shard, tally->space))) {
        struct rd_space *space = rd_space_at(rd_shard_spaces(shard), tally->space);
        uint64_t expiring = tally->expiring, sum = tally->expiry_sum, timed = tally->timed;
        if (!count_table(tally, &space->table) || tally->expiring - expiring != rd_counter_get(&space->expiring) ||
            tally->expiry_sum - sum != rd_counter_get(&space->expiry_sum) ||
            tally->timed - timed != rd_counter_get(&space->timed)) {
            return false;
        }
    }
    return tally->keys == rd_shard_keys(shard) && !tally->misplaced;
}

/* Counts what is in a keyspace's lists; false when those are not sound, or longer than `most`. */
static bool count_lists(struct rd_shard *shard, uint32_t space, uint64_t most, uint64_t *listed) {
    const struct rd_list *lists = rd_shard_lists(shard, space);
    for (unsigned list = 0; list < RD_LISTS; list++) {
        uint32_t previous = 0;
        for (uint32_t at = lists[list].newest; at; at = rd_shard_entry(shard, at)->older) {
            if (!rd_arena_could_have(&shard->arena, at)) return false;
            const struct rd_entry *entry = rd_shard_entry(shard, at);
            bool is_own = !shard->partitioned || rd_entry_space(entry) == space;
            if (entry->newer != previous || rd_entry_list(entry) != list || !is_own || ++*listed > most) return false;
            previous = at;
        }
        if (lists[list].oldest != previous) return false;
    }
    return true;
}

bool rd_shard_check(struct rd_shard *shard) {
    struct tally tally = {.shard = shard};
    if (!count_tables(&tally)) return false;
    uint64_t live, listed = 0;
    if (!count_lists(shard, 0, tally.keys, &listed)) return false;
    for (uint32_t space = 0; shard->partitioned && (space = rd_shard_space_after(shard, space));) {
        if (!count_lists(shard, space, tally.keys, &listed)) return false;
    }
    return rd_arena_check(&shard->arena, &live) &&
           tally.small == rd_counter_get(&shard->small_bytes) && rd_shard_small_is_told(shard) && listed == tally.keys && live == tally.keys &&
           tally.payload == rd_counter_get(&shard->payload_bytes) &&
           tally.bytes == rd_counter_get(&shard->entry_bytes) && tally.expiring == rd_counter_get(&shard->expiring) &&
           tally.expiry_sum == rd_counter_get(&shard->expiry_sum) && tally.timed == rd_counter_get(&shard->timed) &&
           tally.blobs == shard->blob_entries;
}
