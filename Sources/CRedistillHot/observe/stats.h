/*
 * This file owns what is counted for each command: calls, failures and latencies, for one worker. Written by that
 * worker alone, summed by whoever asks.
 *
 * Reading the clock costs as much as a small command, so it is read around a batch, and the batch's time is shared
 * evenly among its commands. Commands that may be slow by themselves are timed apart, and their time is left out of
 * the share of the others.
 */
#ifndef RD_STATS_H
#define RD_STATS_H

#include "base/clock.h"
#include "call/command.h"
#include "base/counter.h"

/* A call with more arguments than this is timed apart, whatever the command. */
#define RD_STATS_MOST_ARGS 8
/* Below this threshold of the slow log a share of a batch says too little: every command is timed apart. */
#define RD_STATS_PRECISE_US 1000

struct rd_command_stats {
    rd_counter calls, failed, rejected, total_ns;
    uint32_t pending;  /* calls of the batch under way that wait for their share of its time; the worker's alone */
    bool apart;        /* timed apart; immutable */
    rd_counter latency[RD_LATENCY_BUCKETS];
};

/* All but the counters is the worker's alone. */
struct rd_stats {
    struct rd_command_stats *commands; /* by number in the index */
    uint32_t count;
    /* Of the batch under way. */
    bool all_apart;
    bool tracks_latency;       /* the setting latency-tracking */
    int64_t slow_ns;           /* what takes as long is worth a look by rd_slow_command */
    int64_t started_ns;
    int64_t apart_ns;          /* spent in calls that were timed apart */
    uint64_t exec_errors;      /* of the commands in the EXEC under way: they are not errors of EXEC */
    uint32_t pending;
    uint32_t touched_count;
    uint16_t touched[256];     /* numbers of the commands with pending calls */
};

/* For so many commands; each is then described, before it is counted. */
RD_MUST_USE enum rd_status rd_stats_init(struct rd_stats *stats, uint32_t count);
void rd_stats_describe(struct rd_stats *stats, uint32_t number, const struct rd_command *command);
void rd_stats_free(struct rd_stats *stats);

/*
 * Around a batch; slow_us and latency_ms are the thresholds of slow log and latency monitor in force. A batch of one
 * command (alone) has that command's time; all_apart: each command is looked at, and timed apart.
 */
void rd_stats_begin(struct rd_stats *stats, int64_t slow_us, int64_t latency_ms, bool alone, bool all_apart,
                    bool tracks_latency);
void rd_stats_set_thresholds(struct rd_stats *stats, int64_t slow_us, int64_t latency_ms);
/* Returns the nanoseconds of the commands that were not timed apart, -1 when there were none. */
int64_t rd_stats_end(struct rd_stats *stats);

/* A call that was timed apart. */
void rd_stats_add_apart(struct rd_stats *stats, struct rd_command_stats *command, int64_t ns);
/* A call inside one that is timed apart: what EXEC runs. */
void rd_stats_add_nested(const struct rd_stats *stats, struct rd_command_stats *command, int64_t ns);

/* Adds one worker's figures of a command to a snapshot; `latency` has RD_LATENCY_BUCKETS places, or is NULL. */
void rd_stats_add_to(const struct rd_stats *stats, uint32_t number, struct rd_command_statistics *sum,
                     uint64_t *latency);
void rd_stats_reset(struct rd_stats *stats);

static inline bool rd_stats_is_apart(const struct rd_stats *stats, const struct rd_command_stats *command,
                                     uint32_t argc) {
    return command->apart | stats->all_apart | (argc > RD_STATS_MOST_ARGS);
}

/* A call whose time is part of the batch's. */
static inline void rd_stats_count(struct rd_stats *stats, struct rd_command_stats *command) {
    if (command->pending++ == 0) stats->touched[stats->touched_count++] = (uint16_t)(command - stats->commands);
    stats->pending++;
}

#endif
