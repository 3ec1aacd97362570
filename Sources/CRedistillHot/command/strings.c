/* This file owns the commands on many strings at one moment: MGET, MSET, MSETNX, MSETEX. */
#include "call/handler.h"
#include "command/multi.h"
#include "call/set_options.h"

/* https://redis.io/docs/latest/commands/mget/ */
static void cmd_mget(struct rd_call *call) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    rd_reply_array(call->reply, multi.count);
    uint64_t hits = 0;
    for (uint32_t i = 0; i < multi.count && !call->reply->failed; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], rd_call_key_at(call, 1 + i), call->now);
        if (found.entry) {
            hits++;
            rd_call_use(call, found.entry);
        }
        if (found.entry && !rd_entry_is_shaped(found.entry)) rd_reply_value(call->reply, found.entry);
        else rd_reply_null(call->reply);
    }
    rd_counter_add(&call->loop->counters.hits, hits);
    rd_counter_add(&call->loop->counters.misses, multi.count - hits);
    rd_multi_end(&multi);
}

/* Takes back the first `count` pairs. */
static void remove_pairs(struct rd_call *call, const struct rd_multi *multi, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct rd_shard *shard = rd_multi_shard(multi, i);
        struct rd_found found = rd_shard_find(shard, multi->hashes[i], rd_call_key_at(call, first + 2 * i), call->now);
        if (found.entry) rd_shard_remove(shard, found);
    }
}

/*
 * Stores every pair, the first key at argv[first]; with keep_ttl what was there keeps its own. Where memory is out
 * before the end, what was stored stays, unless none of the keys was there before (absent): then none is afterwards.
 */
static enum rd_status store_pairs(struct rd_call *call, const struct rd_multi *multi, uint32_t first, int64_t expiry,
                                  bool keep_ttl, bool absent) {
    enum rd_status status = RD_OK;
    uint32_t i = 0;
    for (; i < multi->count && status == RD_OK; i++) {
        struct rd_key key = rd_call_key_at(call, first + 2 * i);
        struct rd_shard *shard = rd_multi_shard(multi, i);
        struct rd_found found = rd_shard_find(shard, multi->hashes[i], key, call->now);
        int64_t until = keep_ttl && found.entry ? rd_entry_expiry(found.entry) : expiry;
        status = rd_call_store_at(call, shard, multi->hashes[i], key, &found, first + 2 * i + 1, until);
    }
    if (status != RD_OK && absent) remove_pairs(call, multi, first, i - 1);
    return status;
}

/* How many of the keys are there; one named twice counts twice. */
static uint32_t count_present(struct rd_call *call, const struct rd_multi *multi, uint32_t first) {
    uint32_t present = 0;
    for (uint32_t i = 0; i < multi->count; i++) {
        struct rd_shard *shard = rd_multi_shard(multi, i);
        present += rd_shard_find(shard, multi->hashes[i], rd_call_key_at(call, first + 2 * i), call->now).entry != NULL;
    }
    return present;
}

/* https://redis.io/docs/latest/commands/mset/ */
static void cmd_mset(struct rd_call *call) {
    if (call->argc % 2 == 0) {
        rd_reply_wrong_arity(call->reply, call->command);
        return;
    }
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    enum rd_status status = store_pairs(call, &multi, 1, 0, false, false);
    rd_multi_end(&multi);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/msetnx/ */
static void cmd_msetnx(struct rd_call *call) {
    if (call->argc % 2 == 0) {
        rd_reply_wrong_arity(call->reply, call->command);
        return;
    }
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    bool stores = count_present(call, &multi, 1) == 0;
    enum rd_status status = stores ? store_pairs(call, &multi, 1, 0, false, true) : RD_OK;
    rd_multi_end(&multi);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, stores);
}

/* https://redis.io/docs/latest/commands/msetex/ */
static void cmd_msetex(struct rd_call *call) {
    int64_t pairs;
    if (!rd_parse_i64(call->argv[1].bytes, call->argv[1].length, &pairs) || pairs < 1 || pairs > INT32_MAX) {
        rd_reply_fail(call->reply, "ERR invalid numkeys value");
        return;
    }
    if (pairs > (call->argc - 2) / 2) {
        rd_reply_fail(call->reply, "ERR wrong number of key-value pairs");
        return;
    }
    struct rd_set_options options = {0};
    if (!rd_set_options_parse(call, 2 + 2 * (uint32_t)pairs, RD_OPTIONS_OF_MSETEX, &options)) return;
    int64_t expiry = 0;
    if (options.expire.bytes && !rd_call_expiry(call, options.expire, options.unit, options.absolute, true, &expiry)) {
        return;
    }
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return;
    bool stores = true;
    if (options.condition == RD_IF_ABSENT) stores = count_present(call, &multi, 2) == 0;
    if (options.condition == RD_IF_PRESENT) stores = count_present(call, &multi, 2) == multi.count;
    bool absent = options.condition == RD_IF_ABSENT;
    enum rd_status status = stores ? store_pairs(call, &multi, 2, expiry, options.keep_ttl, absent) : RD_OK;
    rd_multi_end(&multi);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, stores);
}

const struct rd_command rd_strings_commands[] = {
    {"mget", -2, RD_CMD_READONLY | RD_CMD_FAST | RD_CMD_STRING, 1, -1, 1, cmd_mget,
     RD_DOCS("Atomically returns the string values of one or more keys.", "1.0.0", "string",
             "O(N) where N is the number of keys to retrieve.", .syntax = "key ...",
             .tips = "request_policy:multi_shard")},
    {"mset", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, -1, 2, cmd_mset,
     RD_DOCS("Atomically creates or modifies the string values of one or more keys.", "1.0.1", "string",
             "O(N) where N is the number of keys to set.", .access = "OW update", .syntax = "data{key value} ...",
             .tips = "request_policy:multi_shard response_policy:all_succeeded")},
    {"msetex", -4, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING | RD_CMD_MOVABLE_KEYS, 0, 0, 0, cmd_msetex,
     RD_DOCS("Atomically sets several strings with a shared optional time to live.", "8.4.0", "string",
             "O(N) where N is the number of keys to set.", .access = "OW update", .keys_counted_at = 1,
             .keys_step = 2,
             .syntax = "numkeys:integer data{key value} ... [condition(NX|XX)] [expiration(EX seconds:integer|"
             "PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time|"
             "KEEPTTL)]", .tips = "request_policy:multi_shard response_policy:all_succeeded")},
    {"msetnx", -3, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, -1, 2, cmd_msetnx,
     RD_DOCS("Atomically modifies the string values of one or more keys only when all keys don't exist.", "1.0.1",
             "string", "O(N) where N is the number of keys to set.", .access = "OW insert",
             .syntax = "data{key value} ...")},
    RD_END_OF_COMMANDS,
};
