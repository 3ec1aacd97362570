/* This file owns the batch's passes. */
#include "batch.h"

#include "dispatch.h"
#include "server.h"
#include "worker.h"

void rd_batch_push(struct rd_worker *worker, struct rd_conn *conn, uint32_t first_arg, struct rd_input *input) {
    struct rd_batch *batch = &worker->batch;
    struct rd_request *request = &batch->requests[batch->count++];
    const struct rd_slice *argv = batch->args.at + first_arg;
    uint32_t argc = batch->args.count - first_arg;
    *request = (struct rd_request){.conn = conn, .first_arg = first_arg, .argc = argc, .input = input};
    request->command = rd_command_find_padded(&worker->server->commands, argv[0]);
    if (!request->command || request->command->first_key == 0 || argc <= (uint32_t)request->command->first_key) return;
    request->hash = rd_store_hash(worker->store, argv[request->command->first_key]);
    request->shard = rd_store_shard(worker->store, request->hash);
    rd_table_prefetch(&request->shard->table, request->hash);
    if (batch->count > RD_BATCH_AHEAD) rd_batch_look(batch, batch->count - RD_BATCH_AHEAD);
}

void rd_batch_look(struct rd_batch *batch, uint32_t until) {
    for (; batch->looked_at < until && batch->looked_at < batch->count; batch->looked_at++) {
        const struct rd_request *request = &batch->requests[batch->looked_at];
        if (!request->shard) continue;
        rd_shard_lock(request->shard);
        rd_table_prefetch_entry(&request->shard->table, &request->shard->arena, request->hash);
        rd_shard_unlock(request->shard);
    }
}

void rd_batch_run(struct rd_worker *worker) {
    struct rd_batch *batch = &worker->batch;
    if (batch->count == 0) return;
    if (batch->count > 1) rd_batch_look(batch, batch->count); /* a single one is faster looked at by its handler */
    const struct rd_server *server = worker->server;
    rd_stats_begin(&worker->stats, rd_setting(server, RD_SET_SLOWLOG_SLOWER_THAN),
                   rd_setting(server, RD_SET_LATENCY_THRESHOLD), batch->count == 1);
    worker->monitored = atomic_load_explicit(&server->monitors.count, memory_order_relaxed) > 0;
    for (uint32_t i = 0; i < batch->count; i++) rd_dispatch(worker, &batch->requests[i]);
    int64_t shared_ns = rd_stats_end(&worker->stats);
    if (shared_ns >= worker->stats.slow_ns && batch->count == 1) rd_dispatch_slow(worker, &batch->requests[0], shared_ns);
    rd_counter_add(&worker->counters.batches, 1);
    rd_counter_add(&worker->counters.commands, batch->count);
    batch->count = batch->looked_at = 0;
    batch->args.count = 0;
}
