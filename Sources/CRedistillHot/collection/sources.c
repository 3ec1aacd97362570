/* This file owns opening the sets of a command of many. */
#include "collection/sources.h"

#include <stdlib.h>

#include "collection/working.h"

static struct rd_found find(const struct rd_call *call, const struct rd_multi *multi, uint32_t i, uint32_t argument) {
    return rd_shard_find(rd_multi_shard(multi, i), multi->hashes[i], rd_call_key_at(call, argument), call->now);
}

static bool open_set(struct rd_sources *sources, struct rd_call *call, const struct rd_multi *multi, uint32_t i, uint32_t argument) {
    struct rd_found found = find(call, multi, i, argument);
    rd_counter_add(found.entry ? &call->loop->counters.hits : &call->loop->counters.misses, 1);
    if (!found.entry) {
        sources->missing++;
        return true;
    }
    rd_call_use(call, found.entry);
    return rd_call_open_at(call, &sources->sets[sources->count++], rd_multi_shard(multi, i), multi->hashes[i],
                           rd_call_key_at(call, argument), found, RD_VALUE_SET);
}

static bool take_memory(struct rd_sources *sources, struct rd_call *call, uint32_t keys) {
    sources->memory = NULL;
    sources->sets = sources->few;
    if (keys <= RD_SOURCES_FEW) return true;
    sources->memory = rd_working_memory(call->store, (uint64_t)keys * sizeof *sources->sets);
    if (!sources->memory) {
        rd_reply_oom(call->reply);
        return false;
    }
    sources->sets = (struct rd_shape *)sources->memory->bytes;
    return true;
}

bool rd_sources_begin(struct rd_sources *sources, struct rd_call *call, const struct rd_multi *multi, uint32_t first,
                      uint32_t argument) {
    sources->count = sources->missing = 0;
    sources->lacks_first = false;
    uint32_t keys = multi->count - first;
    if (!take_memory(sources, call, keys)) return false;
    /* Removing what has expired may move others, so that only a second look is sure. */
    for (uint32_t i = 0; i < keys; i++) (void)find(call, multi, first + i, argument + i);
    for (uint32_t i = 0; i < keys; i++) {
        if (!open_set(sources, call, multi, first + i, argument + i)) {
            rd_sources_end(sources);
            return false;
        }
        if (i == 0) sources->lacks_first = sources->missing > 0;
    }
    return true;
}

bool rd_sources_first(struct rd_call *call, const struct rd_multi *multi, uint32_t argument, enum rd_type_of_value type,
                      uint32_t *at, struct rd_shape *shape) {
    shape->count = 0;
    for (uint32_t i = 0; i < multi->count && shape->count == 0; i++) {
        *at = argument + i;
        struct rd_found found = find(call, multi, i, *at);
        struct rd_shard *shard = rd_multi_shard(multi, i);
        if (!rd_call_open_at(call, shape, shard, multi->hashes[i], rd_call_key_at(call, *at), found, type)) return false;
    }
    return true;
}

void rd_sources_end(struct rd_sources *sources) {
    if (sources->memory) rd_blob_release(sources->memory);
}

static int by_count(const void *a, const void *b) {
    uint64_t first = ((const struct rd_shape *)a)->count, second = ((const struct rd_shape *)b)->count;
    return (first > second) - (first < second);
}

static int by_count_downwards(const void *a, const void *b) {
    return by_count(b, a);
}

void rd_sources_sort(struct rd_sources *sources, uint32_t first, bool ascending) {
    if (sources->count <= first) return;
    qsort(sources->sets + first, sources->count - first, sizeof *sources->sets, ascending ? by_count : by_count_downwards);
}
