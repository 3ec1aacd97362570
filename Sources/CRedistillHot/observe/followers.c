/* This file owns the way of a change from the store to those who follow the key. */
#include "observe/followers.h"

#include <stdlib.h>

#include "observe/interest.h"
#include "observe/told.h"
#include "observe/watch.h"

static void changed(struct rd_change_slot *slot, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                    enum rd_change change) {
    (void)slot; /* rd_followers_of knows it */
    const struct rd_followers *followers = rd_followers_of(shard);
    if (change == RD_CHANGE_CLEARED) {
        rd_watched_cleared(shard);
        rd_interests_cleared(shard);
    } else {
        rd_watched_changed(shard, hash, key.space);
        rd_interests_changed(shard, hash);
        if (followers->broadcasts) rd_told_broadcast(followers->trackers, hash, rd_key_name(key));
    }
}

/* As in Redis, tracking knows keys by their names alone. */
void rd_following_swap(struct rd_store *store, uint32_t a, uint32_t b, int64_t now) {
    for (uint32_t i = 0; i < store->shard_count; i++) {
        struct rd_shard *shard = &store->shards[i];
        if (!shard->listened) continue;
        rd_watched_swapped(shard, a, b, now);
        rd_interests_cleared(shard);
    }
}

enum rd_status rd_following_init(struct rd_following *following, struct rd_store *store) {
    size_t size = store->shard_count * sizeof following->of_shards[0];
    following->of_shards = aligned_alloc(_Alignof(struct rd_followers), size);
    if (!following->of_shards) return RD_ERR_NO_MEMORY;
    memset(following->of_shards, 0, size);
    following->shard_count = store->shard_count;
    following->slot.changed = changed;
    store->change_slot = &following->slot;
    return RD_OK;
}

void rd_following_destroy(struct rd_following *following) {
    free(following->of_shards);
}

uint64_t rd_following_bytes(const struct rd_following *following) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < following->shard_count; i++) bytes += rd_counter_get(&following->of_shards[i].bytes);
    return bytes;
}
