/* This file owns the walk over a whole shard: every entry, list and counter agrees with the others. */
#include "store/shard.h"

struct tally {
    struct rd_shard *shard;
    uint64_t keys, payload, small, bytes, expiring, expiry_sum, blobs;
};

static void count_entry(void *context, uint32_t reference) {
    struct tally *tally = context;
    const struct rd_entry *entry = rd_shard_entry(tally->shard, reference);
    tally->keys++;
    tally->payload += rd_entry_key(entry).length + rd_entry_value(entry).length;
    if (entry->flags & RD_IN_SMALL) tally->small += rd_entry_key(entry).length + rd_entry_value(entry).length;
    tally->bytes += rd_shard_slot_size(tally->shard, entry);
    tally->expiring += (entry->flags & RD_HAS_EXPIRY) != 0;
    tally->expiry_sum += (uint64_t)rd_entry_expiry(entry);
    tally->blobs += (entry->flags & (RD_KEY_BLOB | RD_VALUE_BLOB)) != 0;
}

bool rd_shard_check(struct rd_shard *shard) {
    struct tally tally = {.shard = shard};
    uint32_t cursor = 0;
    do cursor = rd_table_scan(&shard->table, cursor, count_entry, &tally);
    while (cursor);
    uint64_t live, listed = 0;
    for (unsigned list = 0; list < RD_LISTS; list++) {
        uint32_t previous = 0;
        for (uint32_t at = shard->lists[list].newest; at; at = rd_shard_entry(shard, at)->older) {
            const struct rd_entry *entry = rd_shard_entry(shard, at);
            if (entry->newer != previous || rd_entry_list(entry) != list || ++listed > tally.keys) return false;
            previous = at;
        }
        if (shard->lists[list].oldest != previous) return false;
    }
    return rd_table_check(&shard->table, &shard->arena) && rd_arena_check(&shard->arena, &live) &&
           tally.small == rd_counter_get(&shard->small_bytes) && listed == tally.keys && live == tally.keys &&
           tally.keys == rd_counter_get(&shard->table.keys) && tally.payload == rd_counter_get(&shard->payload_bytes) &&
           tally.bytes == rd_counter_get(&shard->entry_bytes) && tally.expiring == rd_counter_get(&shard->expiring) &&
           tally.expiry_sum == rd_counter_get(&shard->expiry_sum) && tally.blobs == shard->blob_entries;
}
