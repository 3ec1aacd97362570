/* This file owns watched keys. */
#include "watch.h"

#include <stdlib.h>

struct rd_watch *rd_watch_new(struct rd_shard *shard, uint64_t hash, struct rd_slice key, _Atomic bool *touched) {
    struct rd_watch *watch = malloc(sizeof *watch + key.length);
    if (!watch) return NULL;
    *watch = (struct rd_watch){.shard = shard, .touched = touched, .hash = hash, .key_length = key.length};
    memcpy(watch->key, key.bytes, key.length);
    return watch;
}

enum rd_status rd_watch_begin(struct rd_watch *watch) {
    struct rd_watchers *watchers = watch->shard->watchers;
    if (!watchers) {
        watchers = watch->shard->watchers = calloc(1, sizeof *watchers);
        if (!watchers) return RD_ERR_NO_MEMORY;
    }
    struct rd_watch **chain = &watchers->chains[watch->hash % RD_WATCH_CHAINS];
    watch->next = *chain;
    watch->place = chain;
    if (watch->next) watch->next->place = &watch->next;
    *chain = watch;
    watchers->count++;
    return RD_OK;
}

void rd_watch_end(struct rd_watch *watch) {
    struct rd_watchers *watchers = watch->shard->watchers;
    *watch->place = watch->next;
    if (watch->next) watch->next->place = watch->place;
    if (--watchers->count) return;
    watch->shard->watchers = NULL;
    free(watchers);
}

void rd_watchers_tell(struct rd_watchers *watchers, uint64_t hash) {
    for (struct rd_watch *watch = watchers->chains[hash % RD_WATCH_CHAINS]; watch; watch = watch->next) {
        if (watch->hash == hash) atomic_store_explicit(watch->touched, true, memory_order_relaxed);
    }
}

void rd_watchers_tell_present(struct rd_shard *shard) {
    for (uint32_t i = 0; i < RD_WATCH_CHAINS; i++) {
        for (struct rd_watch *watch = shard->watchers->chains[i]; watch; watch = watch->next) {
            struct rd_place place;
            if (!rd_table_find(&shard->table, &shard->arena, watch->hash, rd_watch_key(watch), &place)) continue;
            atomic_store_explicit(watch->touched, true, memory_order_relaxed);
        }
    }
}
