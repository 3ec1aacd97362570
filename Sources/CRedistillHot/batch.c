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
    request->command = rd_command_find(&worker->server->commands, argv[0]);
    if (!request->command || request->command->first_key == 0 || argc <= (uint32_t)request->command->first_key) return;
    request->hash = rd_store_hash(worker->store, argv[request->command->first_key]);
    request->shard = rd_store_shard(worker->store, request->hash);
    rd_table_prefetch(&request->shard->table, request->hash);
    batch->keyed++;
}

void rd_batch_run(struct rd_worker *worker) {
    struct rd_batch *batch = &worker->batch;
    if (batch->count == 0) return;
    /* By now the buckets have come; a single one is faster looked at by its handler. */
    if (batch->keyed > 1) {
        for (uint32_t i = 0; i < batch->count; i++) {
            const struct rd_request *request = &batch->requests[i];
            if (!request->shard) continue;
            rd_shard_lock(request->shard);
            rd_table_prefetch_entry(&request->shard->table, &request->shard->arena, request->hash);
            rd_shard_unlock(request->shard);
        }
    }
    for (uint32_t i = 0; i < batch->count; i++) rd_dispatch(worker, &batch->requests[i]);
    rd_counter_add(&worker->counters.batches, 1);
    rd_counter_add(&worker->counters.commands, batch->count);
    batch->count = batch->keyed = 0;
    batch->args.count = 0;
}
