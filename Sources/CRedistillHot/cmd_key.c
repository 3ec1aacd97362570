/* This file owns commands on keys as such: DEL, UNLINK, EXISTS, TYPE, DBSIZE, FLUSHALL, FLUSHDB. */
#include "cmd.h"
#include "multi.h"

/* https://redis.io/docs/latest/commands/del/ and unlink */
void rd_cmd_del(struct rd_call *call) {
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    int64_t removed = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], call->argv[1 + i], call->now);
        if (!found.entry) continue;
        rd_shard_remove(shard, found);
        removed++;
    }
    rd_multi_end(&multi);
    rd_reply_integer(call->reply, removed);
}

/* https://redis.io/docs/latest/commands/exists/ : a key named twice counts twice. */
void rd_cmd_exists(struct rd_call *call) {
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    uint64_t present = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], call->argv[1 + i], call->now);
        if (!found.entry) continue;
        rd_entry_touch(found.entry);
        present++;
    }
    rd_multi_end(&multi);
    rd_counter_add(&call->worker->counters.hits, present);
    rd_counter_add(&call->worker->counters.misses, multi.count - present);
    rd_reply_integer(call->reply, (int64_t)present);
}

/* https://redis.io/docs/latest/commands/type/ */
void rd_cmd_type(struct rd_call *call) {
    if (rd_call_read(call).entry) rd_reply_literal(call->reply, "+string\r\n");
    else rd_reply_literal(call->reply, "+none\r\n");
}

/* https://redis.io/docs/latest/commands/dbsize/ */
void rd_cmd_dbsize(struct rd_call *call) {
    rd_reply_integer(call->reply, (int64_t)rd_store_keys(call->store));
}

/* https://redis.io/docs/latest/commands/flushall/ and flushdb: there is one database. */
void rd_cmd_flush(struct rd_call *call) {
    bool known = call->argc == 1 || (call->argc == 2 && (rd_slice_is(call->argv[1], "async") ||
                                                         rd_slice_is(call->argv[1], "sync")));
    if (!known) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    rd_store_clear(call->store);
    rd_reply_ok(call->reply);
}
