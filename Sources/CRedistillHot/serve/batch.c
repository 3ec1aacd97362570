/* This file owns the batch's passes. */
#include "serve/batch.h"

#include <string.h>

#include "observe/large.h"
#include "serve/dispatch.h"
#include "serve/worker.h"

/*
 * The steps of a lookup's way through memory. Each asks for the line that the next one reads, so that none waits for
 * memory: the segment directory, the bucket, the page number of the entry's slab, the entry. (A push asks for the
 * shard.) A step runs so many commands behind the scanner; the line that mostly comes from main memory, the bucket, is
 * given the longest time.
 */
enum step { STEP_DIRECTORY, STEP_BUCKET, STEP_SLAB, STEP_ENTRY };
static const uint32_t steps_behind[RD_BATCH_STEPS] = {1, 2, 10, 12};

static inline void take_step(struct rd_request *request, enum step step) {
    struct rd_shard *shard = request->shard;
    switch (step) {
    case STEP_DIRECTORY: rd_table_prefetch_directory(request->table, request->hash); return;
    case STEP_BUCKET: rd_table_prefetch(request->table, request->hash); return;
    case STEP_SLAB:
        if (!rd_shard_try_lock(shard)) return; /* it is only a guess */
        request->guess = rd_table_guess(request->table, request->hash);
        if (request->guess) rd_arena_prefetch_page(&shard->arena, request->guess);
        rd_shard_unlock(shard);
        return;
    case STEP_ENTRY:
        if (!request->guess) return;
        if (!rd_shard_try_lock(shard)) return;
        rd_arena_prefetch(&shard->arena, request->guess);
        rd_shard_unlock(shard);
        return;
    }
}

static inline void take_steps(struct rd_batch *batch, enum step step, uint32_t until) {
    for (; batch->stepped[step] < until; batch->stepped[step]++) {
        struct rd_request *request = &batch->requests[batch->stepped[step]];
        if (request->table) take_step(request, step);
    }
}

static inline void take_steps_behind(struct rd_batch *batch, enum step step) {
    if (batch->count > steps_behind[step]) take_steps(batch, step, batch->count - steps_behind[step]);
}

void rd_batch_push(struct rd_worker *worker, struct rd_conn *conn, uint32_t first_arg,
                   struct rd_received *received) {
    struct rd_batch *batch = &worker->batch;
    struct rd_request *request = &batch->requests[batch->count++];
    const struct rd_slice *argv = batch->args.at + first_arg;
    uint32_t argc = batch->args.count - first_arg;
    struct rd_command_found found = rd_command_find_again(worker->commands, &batch->memo, argv[0]);
    *request = (struct rd_request){.conn = conn, .command = found.row, .number = found.number,
                                   .first_arg = first_arg, .argc = argc, .received = received};
    if (!request->command || request->command->first_key == 0 || argc <= (uint32_t)request->command->first_key) {
        if (request->command && request->command->flags & RD_CMD_SETTLES) batch->until = 0;
        return;
    }
    request->hash = rd_store_hash(worker->loop.store, argv[request->command->first_key]);
    request->shard = rd_store_shard(worker->loop.store, request->hash);
    uint32_t database = atomic_load_explicit(&conn->database, memory_order_relaxed);
    request->table = rd_shard_table(request->shard, rd_databases_space(&worker->loop.store->databases, database));
    rd_shard_prefetch(request->shard);
    take_steps_behind(batch, STEP_DIRECTORY);
    take_steps_behind(batch, STEP_BUCKET);
    take_steps_behind(batch, STEP_SLAB);
    take_steps_behind(batch, STEP_ENTRY);
}

void rd_batch_apply_size(struct rd_worker *worker) {
    worker->batch.limit = worker->batch.until = (uint32_t)rd_setting(worker->loop.settings, RD_SET_BATCH_SIZE);
}

void rd_batch_advance(struct rd_batch *batch) {
    take_steps(batch, STEP_ENTRY, batch->stepped[STEP_SLAB]);
    take_steps(batch, STEP_SLAB, batch->stepped[STEP_BUCKET]);
    take_steps(batch, STEP_BUCKET, batch->stepped[STEP_DIRECTORY]);
    take_steps(batch, STEP_DIRECTORY, batch->count);
}

static void finish_steps(struct rd_batch *batch) {
    take_steps(batch, STEP_DIRECTORY, batch->count);
    take_steps(batch, STEP_BUCKET, batch->count);
    take_steps(batch, STEP_SLAB, batch->count);
    take_steps(batch, STEP_ENTRY, batch->count);
}

void rd_batch_run(struct rd_worker *worker) {
    struct rd_batch *batch = &worker->batch;
    if (batch->count == 0) return;
    if (batch->count > 1) finish_steps(batch); /* a single one is faster looked up by its handler */
    const struct rd_settings *settings = worker->loop.settings;
    struct rd_observer *observer = &worker->observer;
    observer->looks_at_sizes = rd_large_looks_at_all(settings, worker->read_used);
    observer->samples_keys = rd_hot_keys_takes(&observer->all->hot, observer);
    rd_stats_begin(&observer->stats, rd_setting(settings, RD_SET_SLOWLOG_SLOWER_THAN),
                   rd_setting(settings, RD_SET_LATENCY_THRESHOLD), batch->count == 1,
                   observer->looks_at_sizes || observer->samples_keys,
                   rd_setting(settings, RD_SET_LATENCY_TRACKING) != 0);
    observer->monitored = atomic_load_explicit(&observer->all->monitors.count, memory_order_relaxed) > 0;
    atomic_store_explicit(&worker->last_command, batch->requests[batch->count - 1].command, memory_order_relaxed);
    worker->loop.busy = rd_store_is_busy(worker->loop.store);
    for (uint32_t i = 0; i < batch->count; i++) rd_dispatch(worker, &batch->requests[i]);
    int64_t shared_ns = rd_stats_end(&observer->stats);
    bool is_slow = shared_ns >= observer->stats.slow_ns && batch->count == 1;
    if (is_slow) rd_dispatch_slow(worker, &batch->requests[0], shared_ns);
    rd_counter_add(&worker->loop.counters.batches, 1);
    rd_counter_add(&worker->loop.counters.commands, batch->count);
    batch->count = 0;
    batch->until = batch->limit;
    memset(batch->stepped, 0, sizeof batch->stepped);
    batch->args.count = 0;
}
