/* This file owns taking the measure. */
#include "serve/measure.h"

#include "base/clock.h"
#include "base/heap.h"
#include "store/relief.h"

void rd_measure_take(struct rd_measure *measure) {
    struct rd_heap heap = {0};
    uint64_t resident = 0;
    if (measure->owns_process) {
        rd_heap_look(&heap);
        resident = rd_process_resident(measure->store->pool.region);
    }
    if (rd_store_measure(measure->store, resident, heap.free)) rd_feeder_purge(measure->feeder);
    uint64_t limit = (uint64_t)rd_setting(measure->settings, RD_SET_MAX_MEMORY);
    int64_t now = rd_monotonic_ms(), since = atomic_load_explicit(&measure->over_limit_since_ms, memory_order_relaxed);
    bool is_over = limit && rd_store_used(measure->store) > limit;
    if (is_over == (since != 0)) return;
    if (since) atomic_fetch_add_explicit(&measure->over_limit_ms, (uint64_t)(now - since), memory_order_relaxed);
    atomic_store_explicit(&measure->over_limit_since_ms, is_over ? now : 0, memory_order_relaxed);
}
