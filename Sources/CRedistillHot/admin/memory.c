/* This file owns MEMORY. */
#include <stdio.h>

#include "call/handler.h"
#include "shape/look.h"
#include "store/relief.h"

/* A key's share of its bucket, of 64 bytes for 8.5 keys on average. */
#define BUCKET_SHARE 8

static uint64_t footprint(const struct rd_shard *shard, const struct rd_found *found) {
    const struct rd_entry *entry = found->entry;
    uint64_t bytes = shard->arena.classes->size[rd_arena_class_at(&shard->arena, found->reference)] + BUCKET_SHARE;
    const struct rd_blob *value = rd_entry_value_blob(entry);
    if (value) bytes += rd_blob_footprint(value) + rd_shape_footprint(entry);
    const struct rd_blob *key = rd_entry_key_blob(entry);
    if (key) bytes += rd_blob_footprint(key);
    return bytes;
}

/* https://redis.io/docs/latest/commands/memory-usage/ : SAMPLES is for types with elements. */
static void cmd_memory_usage(struct rd_call *call) {
    int64_t samples;
    for (uint32_t i = 3; i < call->argc; i += 2) {
        if (!rd_slice_is(call->argv[i], "samples") || i + 1 == call->argc) {
            rd_reply_syntax_error(call->reply);
            return;
        }
        if (!rd_call_integer(call, call->argv[i + 1], &samples)) return;
        if (samples < 0) {
            rd_reply_syntax_error(call->reply);
            return;
        }
    }
    struct rd_found found = rd_call_write(call);
    if (found.entry) rd_reply_integer(call->reply, (int64_t)footprint(call->shard, &found));
    else rd_reply_null(call->reply);
}

static void reply_field(struct rd_reply *reply, const char *name, uint64_t value) {
    rd_reply_field(reply, name, (int64_t)value);
}

static void reply_difference(struct rd_reply *reply, const char *name, uint64_t whole, uint64_t part) {
    reply_field(reply, name, whole - part);
}

static void reply_share(struct rd_reply *reply, const char *name, uint64_t part, uint64_t whole, double factor) {
    char text[64];
    double share = whole ? factor * (double)part / (double)whole : 0;
    int length = snprintf(text, sizeof text, "%.17g", share);
    rd_reply_text(reply, name);
    rd_reply_double(reply, text, (size_t)length);
}

/* https://redis.io/docs/latest/commands/memory-stats/ : what does not exist here is zero. */
static void cmd_memory_stats(struct rd_call *call) {
    struct rd_statistics s;
    struct rd_reply *reply = call->reply;
    call->loop->control->statistics(call->loop->control->server, &s);
    uint64_t overhead = s.memory_used > s.memory_dataset ? s.memory_used - s.memory_dataset : 0;
    uint64_t taken = s.memory_arena + s.memory_values;
    uint64_t holes = taken > s.memory_dataset ? taken - s.memory_dataset : 0;
    uint64_t allocated = s.memory_used > holes ? s.memory_used - holes : 0, resident = rd_process_resident(call->store->pool.region);
    uint64_t own = resident > s.memory_startup ? resident - s.memory_startup : resident, net = s.memory_used - s.memory_initial;
    rd_reply_map(reply, s.keys ? 33 : 32);
    reply_field(reply, "peak.allocated", s.memory_peak);
    reply_field(reply, "total.allocated", s.memory_used);
    reply_field(reply, "startup.allocated", s.memory_initial);
    reply_field(reply, "replication.backlog", 0);
    reply_field(reply, "clients.slaves", 0);
    reply_field(reply, "clients.normal", s.memory_clients);
    reply_field(reply, "cluster.links", 0);
    reply_field(reply, "aof.buffer", 0);
    reply_field(reply, "lua.caches", 0);
    reply_field(reply, "functions.caches", 0);
    reply_field(reply, "script.VMs", 0);
    if (s.keys) {
        rd_reply_text(reply, "db.0");
        rd_reply_map(reply, 2);
        reply_field(reply, "overhead.hashtable.main", s.memory_table);
        reply_field(reply, "overhead.hashtable.expires", 0);
    }
    reply_field(reply, "overhead.db.hashtable.lut", s.keys ? s.memory_table : 0);
    reply_field(reply, "overhead.db.hashtable.rehashing", 0);
    reply_field(reply, "db.dict.rehashing.count", 0);
    reply_field(reply, "overhead.total", overhead);
    reply_field(reply, "keys.count", s.keys);
    reply_field(reply, "keys.bytes-per-key", s.keys ? net / s.keys : 0);
    reply_field(reply, "dataset.bytes", s.memory_dataset);
    reply_share(reply, "dataset.percentage", s.memory_dataset, net, 100);
    reply_share(reply, "peak.percentage", s.memory_used, s.memory_peak, 100);
    /* Pages of entries and values are active, what lies in them is allocated. */
    reply_field(reply, "allocator.allocated", allocated);
    reply_field(reply, "allocator.active", s.memory_used);
    reply_field(reply, "allocator.resident", own);
    reply_field(reply, "allocator.muzzy", 0);
    reply_share(reply, "allocator-fragmentation.ratio", s.memory_used, allocated, 1);
    reply_field(reply, "allocator-fragmentation.bytes", s.memory_used - allocated);
    reply_share(reply, "allocator-rss.ratio", own, s.memory_used, 1);
    reply_difference(reply, "allocator-rss.bytes", own, s.memory_used);
    reply_share(reply, "rss-overhead.ratio", resident, own, 1);
    reply_difference(reply, "rss-overhead.bytes", resident, own);
    /* The program itself is needed, too, as in INFO: else an idle server would look like holes. */
    uint64_t needed = net + (s.memory_startup > s.memory_initial ? s.memory_startup : s.memory_initial);
    reply_share(reply, "fragmentation", resident, needed, 1);
    reply_difference(reply, "fragmentation.bytes", resident, needed);
}

/* https://redis.io/docs/latest/commands/memory-doctor/ */
static void cmd_memory_doctor(struct rd_call *call) {
    static const char healthy[] = "Hi Sam, I can't find any memory issue in your instance. I can only account for what "
                                  "occurs on this base.\n";
    static const char empty[] = "Hi Sam, this instance is empty or is using very little memory, my issue detector "
                                "can't be used in these conditions. Please, leave for your mission on Earth and fill "
                                "it with some data. The new Sam and I will be back to our programming as soon as I "
                                "finished rebooting.\n";
    struct rd_statistics s;
    call->loop->control->statistics(call->loop->control->server, &s);
    if (s.memory_used < 5u << 20) rd_reply_verbatim(call->reply, empty, sizeof empty - 1);
    else rd_reply_verbatim(call->reply, healthy, sizeof healthy - 1);
}

/* https://redis.io/docs/latest/commands/memory-purge/ */
static void cmd_memory_purge(struct rd_call *call) {
    call->loop->control->purge(call->loop->control->server); /* others need not wait for it */
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/memory-malloc-stats/ */
static void cmd_memory_malloc_stats(struct rd_call *call) {
    rd_reply_text(call->reply, "Stats not supported for the current allocator");
}

/* https://redis.io/docs/latest/commands/memory-help/ */
static void cmd_memory_help(struct rd_call *call) {
    static const char *const lines[] = {
        "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR",
        "    Return memory problems reports.",
        "MALLOC-STATS",
        "    Return internal statistics report from the memory allocator.",
        "PURGE",
        "    Attempt to purge dirty pages for reclamation by the allocator.",
        "STATS",
        "    Return information about the memory usage of the server.",
        "USAGE <key> [SAMPLES <count>]",
        "    Return memory in bytes used by <key> and its value. Nested values are",
        "    sampled up to <count> times (default: 5, 0 means sample all).",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

const struct rd_command rd_memory_commands[] = {
    {"memory", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for memory diagnostics commands.", "4.0.0", "server", "Depends on subcommand.")},
    {"memory|doctor", 2, 0, 0, 0, 0, cmd_memory_doctor,
     RD_DOCS("Outputs a memory problems report.", "4.0.0", "server", "O(1)", .syntax = "",
             .tips = "nondeterministic_output request_policy:all_shards response_policy:special")},
    {"memory|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_memory_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "4.0.0", "server", "O(1)", .syntax = "")},
    {"memory|malloc-stats", 2, 0, 0, 0, 0, cmd_memory_malloc_stats,
     RD_DOCS("Returns the allocator statistics.", "4.0.0", "server", "O(1)", .syntax = "",
             .tips = "nondeterministic_output request_policy:all_shards response_policy:special")},
    {"memory|purge", 2, 0, 0, 0, 0, cmd_memory_purge,
     RD_DOCS("Asks the allocator to release memory.", "4.0.0", "server", "O(1)", .syntax = "",
             .tips = "request_policy:all_shards response_policy:all_succeeded")},
    {"memory|stats", 2, 0, 0, 0, 0, cmd_memory_stats,
     RD_DOCS("Returns details about memory usage.", "4.0.0", "server", "O(1)", .syntax = "",
             .tips = "nondeterministic_output request_policy:all_shards response_policy:special")},
    {"memory|usage", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 2, 2, 1, cmd_memory_usage,
     RD_DOCS("Estimates the memory usage of a key.", "4.0.0", "server", "O(1)", .access = "RO",
             .syntax = "key [SAMPLES count:integer]")},
    RD_END_OF_COMMANDS,
};
