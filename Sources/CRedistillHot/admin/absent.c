/*
 * This file owns the answers about what is not here, and clients and tools ask for all the same: modules,
 * subscribers, other copies.
 */
#include "call/handler.h"

/* https://redis.io/docs/latest/commands/module-list/ */
static void cmd_module_list(struct rd_call *call) {
    rd_reply_array(call->reply, 0);
}

/* https://redis.io/docs/latest/commands/pubsub-channels/ and pubsub-shardchannels */
static void cmd_pubsub_channels(struct rd_call *call) {
    if (call->argc > 3) rd_call_refuse_subcommand(call);
    else rd_reply_array(call->reply, 0);
}

/* https://redis.io/docs/latest/commands/pubsub-numpat/ */
static void cmd_pubsub_numpat(struct rd_call *call) {
    rd_reply_integer(call->reply, 0);
}

/* https://redis.io/docs/latest/commands/pubsub-numsub/ and pubsub-shardnumsub */
static void cmd_pubsub_numsub(struct rd_call *call) {
    rd_reply_array(call->reply, (size_t)(call->argc - 2) * 2);
    for (uint32_t i = 2; i < call->argc; i++) {
        rd_reply_slice(call->reply, call->argv[i]);
        rd_reply_integer(call->reply, 0);
    }
}

/* https://redis.io/docs/latest/commands/waitaof/ : nothing is written that could be waited for. */
static void cmd_waitaof(struct rd_call *call) {
    int64_t local, replicas, timeout;
    if (!rd_call_integer(call, call->argv[1], &local)) return;
    if (local < 0 || local > 1) {
        rd_reply_fail(call->reply, "ERR value is out of range, must be between 0 and 1");
        return;
    }
    if (!rd_call_integer(call, call->argv[2], &replicas)) return;
    if (replicas < 0) {
        rd_reply_fail(call->reply, "ERR value is out of range, must be positive");
        return;
    }
    if (!rd_call_timeout(call, call->argv[3], &timeout)) return;
    if (local) rd_reply_fail(call->reply, "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
    else rd_reply_literal(call->reply, "*2\r\n:0\r\n:0\r\n");
}

#define QUESTION (RD_CMD_LOADING | RD_CMD_STALE)

const struct rd_command rd_absent_commands[] = {
    {"module", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for module commands.", "4.0.0", "server", "Depends on subcommand.")},
    {"module|list", 2, RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_DANGEROUS, 0, 0, 0, cmd_module_list,
     RD_DOCS("Returns all loaded modules: none.", "4.0.0", "server", "O(1)", .syntax = "",
             .tips = "nondeterministic_output_order")},
    {"pubsub", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for Pub/Sub commands.", "2.8.0", "pubsub", "Depends on subcommand.")},
    {"pubsub|channels", -2, QUESTION, 0, 0, 0, cmd_pubsub_channels,
     RD_DOCS("Returns the active channels: none.", "2.8.0", "pubsub", "O(1)", .syntax = "[pattern:pattern]",
             .also = "pubsub")},
    {"pubsub|numpat", 2, QUESTION, 0, 0, 0, cmd_pubsub_numpat,
     RD_DOCS("Returns a count of unique pattern subscriptions: none.", "2.8.0", "pubsub", "O(1)", .syntax = "",
             .also = "pubsub")},
    {"pubsub|numsub", -2, QUESTION, 0, 0, 0, cmd_pubsub_numsub,
     RD_DOCS("Returns a count of subscribers to channels: none.", "2.8.0", "pubsub",
             "O(N) where N is the number of channels", .syntax = "[channel ...]", .also = "pubsub")},
    {"pubsub|shardchannels", -2, QUESTION, 0, 0, 0, cmd_pubsub_channels,
     RD_DOCS("Returns the active shard channels: none.", "7.0.0", "pubsub", "O(1)", .syntax = "[pattern:pattern]",
             .also = "pubsub")},
    {"pubsub|shardnumsub", -2, QUESTION, 0, 0, 0, cmd_pubsub_numsub,
     RD_DOCS("Returns the count of subscribers of shard channels: none.", "7.0.0", "pubsub",
             "O(N) where N is the number of channels", .syntax = "[shardchannel ...]", .also = "pubsub")},
    {"waitaof", 4, RD_CMD_CONNECTION, 0, 0, 0, cmd_waitaof,
     RD_DOCS("Blocks until the writes of the connection are on disk; there is none, so never.", "7.2.0", "generic", "O(1)",
             .syntax = "numlocal:integer numreplicas:integer timeout:integer",
             .tips = "request_policy:all_shards response_policy:agg_min", .also = "blocking @blocking")},
    RD_END_OF_COMMANDS,
};
