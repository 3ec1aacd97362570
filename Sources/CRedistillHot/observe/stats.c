/* This file owns the counters of commands and the sharing of a batch's time. */
#include "observe/stats.h"

#include <stdlib.h>

/*
 * Buckets of latency: eight of 32 ns each, then eight for every power of two up to 34 seconds, so that a percentile is
 * right to an eighth. Higher values go to the last.
 */
#define LINEAR_BITS 5
#define SUB_BITS 3
#define SUBS (1u << SUB_BITS)

static uint32_t bucket_of(uint64_t ns) {
    if (ns < 1u << (LINEAR_BITS + SUB_BITS)) return (uint32_t)(ns >> LINEAR_BITS);
    uint32_t power = 63 - (uint32_t)__builtin_clzll(ns);
    uint32_t bucket =
        (power - LINEAR_BITS - SUB_BITS + 1) * SUBS + (uint32_t)((ns >> (power - SUB_BITS)) & (SUBS - 1));
    return bucket < RD_LATENCY_BUCKETS ? bucket : RD_LATENCY_BUCKETS - 1;
}

uint64_t rd_latency_bucket_end(size_t bucket) {
    if (bucket < SUBS) return (bucket + 1) << LINEAR_BITS;
    uint64_t power = bucket / SUBS + LINEAR_BITS + SUB_BITS - 1;
    return (uint64_t)(SUBS + bucket % SUBS + 1) << (power - SUB_BITS);
}

/*
 * Redis's FAST, and writes of few keys, cost about what every other command of the batch does. The rest may take long
 * by itself: whole-table and admin commands, and those that read or write long values piece by piece.
 */
static bool is_apart(const struct rd_command *command) {
    if (command->flags & RD_CMD_FAST) return false;
    if (!(command->flags & RD_CMD_WRITE) || command->first_key == 0) return true;
    return !(command->flags & RD_CMD_ONE_KEY) && (command->flags & RD_CMD_DENYOOM);
}

enum rd_status rd_stats_init(struct rd_stats *stats, uint32_t count) {
    /* Pages of commands that are never called stay untouched. */
    stats->commands = calloc(count, sizeof *stats->commands);
    if (!stats->commands) return RD_ERR_NO_MEMORY;
    stats->count = count;
    return RD_OK;
}

void rd_stats_describe(struct rd_stats *stats, uint32_t number, const struct rd_command *command) {
    stats->commands[number].apart = is_apart(command);
}

void rd_stats_free(struct rd_stats *stats) {
    free(stats->commands);
    stats->commands = NULL;
    stats->count = 0;
}

void rd_stats_set_thresholds(struct rd_stats *stats, int64_t slow_us, int64_t latency_ms) {
    int64_t slow_ns = slow_us > INT64_MAX / 1000 ? INT64_MAX : slow_us * 1000;
    if (latency_ms > 0 && latency_ms * 1000000 < slow_ns) slow_ns = latency_ms * 1000000;
    stats->slow_ns = slow_ns;
}

void rd_stats_begin(struct rd_stats *stats, int64_t slow_us, int64_t latency_ms, bool alone, bool all_apart,
                    bool tracks_latency) {
    stats->tracks_latency = tracks_latency;
    rd_stats_set_thresholds(stats, slow_us, latency_ms);
    /* The time of a single command is the batch's. */
    stats->all_apart = all_apart || (!alone && stats->slow_ns < RD_STATS_PRECISE_US * 1000);
    stats->apart_ns = 0;
    stats->pending = stats->touched_count = 0;
    stats->started_ns = rd_nanoseconds();
}

int64_t rd_stats_end(struct rd_stats *stats) {
    if (stats->pending == 0) return -1;
    int64_t shared = rd_nanoseconds() - stats->started_ns - stats->apart_ns;
    if (shared < 0) shared = 0;
    uint64_t each = (uint64_t)shared / stats->pending;
    uint32_t bucket = bucket_of(each);
    for (uint32_t i = 0; i < stats->touched_count; i++) {
        struct rd_command_stats *command = &stats->commands[stats->touched[i]];
        rd_counter_add(&command->calls, command->pending);
        rd_counter_add(&command->total_ns, each * command->pending);
        if (stats->tracks_latency) rd_counter_add(&command->latency[bucket], command->pending);
        command->pending = 0;
    }
    return shared;
}

void rd_stats_add_nested(const struct rd_stats *stats, struct rd_command_stats *command, int64_t ns) {
    rd_counter_add(&command->calls, 1);
    rd_counter_add(&command->total_ns, (uint64_t)ns);
    if (stats->tracks_latency) rd_counter_add(&command->latency[bucket_of((uint64_t)ns)], 1);
}

void rd_stats_add_apart(struct rd_stats *stats, struct rd_command_stats *command, int64_t ns) {
    rd_stats_add_nested(stats, command, ns);
    stats->apart_ns += ns;
}

void rd_stats_add_to(const struct rd_stats *stats, uint32_t number, struct rd_command_statistics *sum,
                     uint64_t *latency) {
    const struct rd_command_stats *command = &stats->commands[number];
    uint64_t calls = rd_counter_get(&command->calls);
    sum->calls += calls;
    sum->failed += rd_counter_get(&command->failed);
    sum->rejected += rd_counter_get(&command->rejected);
    sum->total_ns += rd_counter_get(&command->total_ns);
    if (!latency || calls == 0) return;
    for (uint32_t i = 0; i < RD_LATENCY_BUCKETS; i++) latency[i] += rd_counter_get(&command->latency[i]);
}

static void reset_latency(struct rd_stats *stats, uint32_t number) {
    for (uint32_t i = 0; i < RD_LATENCY_BUCKETS; i++) rd_counter_set(&stats->commands[number].latency[i], 0);
}

void rd_stats_reset(struct rd_stats *stats) {
    for (uint32_t i = 0; i < stats->count; i++) {
        struct rd_command_stats *command = &stats->commands[i];
        if (rd_counter_get(&command->calls)) reset_latency(stats, i);
        rd_counter_set(&command->calls, 0);
        rd_counter_set(&command->failed, 0);
        rd_counter_set(&command->rejected, 0);
        rd_counter_set(&command->total_ns, 0);
    }
}
