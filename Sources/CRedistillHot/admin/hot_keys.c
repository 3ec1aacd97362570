/* This file owns the HOTKEYS command. */
#include <stdio.h>
#include <stdlib.h>

#include "call/handler.h"
#include "observe/observer.h"

/* Reads an integer within a range; writes the error, given with its code, and returns false when it is none. */
static bool read_integer(struct rd_call *call, uint32_t argument, int64_t most, int64_t *value, const char *error) {
    struct rd_slice text = call->argv[argument];
    if (rd_parse_i64(text.bytes, text.length, value) && *value >= 1 && *value <= most) return true;
    rd_reply_error(call->reply, error, strlen(error));
    return false;
}

/*
 * METRICS count [CPU] [NET], which stand first. As in Redis, names of others are passed over, so that clients may ask
 * for what a later version has. False: the error has been written. *next is the argument behind them.
 */
static bool read_metrics(struct rd_call *call, struct rd_hot_terms *terms, uint32_t *next) {
    int64_t count;
    if (call->argc < 4 || !rd_slice_is(call->argv[2], "metrics")) {
        rd_reply_fail(call->reply, "ERR METRICS parameter is required");
        return false;
    }
    if (!read_integer(call, 3, RD_HOT_METRICS, &count, "ERR METRICS count must be > 0 and <= 2")) return false;
    for (*next = 4; *next < call->argc && *next < 4 + count; ++*next) {
        bool is_time = rd_slice_is(call->argv[*next], "cpu");
        if (!is_time && !rd_slice_is(call->argv[*next], "net")) continue;
        bool *metric = &terms->metrics[is_time ? RD_HOT_TIME : RD_HOT_BYTES];
        if (*metric) {
            rd_reply_format_error(call->reply, "ERR METRICS %s defined more than once!", is_time ? "CPU" : "NET");
            return false;
        }
        *metric = true;
    }
    if (*next != 4 + count) {
        rd_reply_fail(call->reply, "ERR METRICS count does not match number of metric types provided");
        return false;
    }
    if (!terms->metrics[RD_HOT_TIME] && !terms->metrics[RD_HOT_BYTES]) {
        rd_reply_fail(call->reply, "ERR METRICS no valid metrics passed. Supported: CPU|NET");
        return false;
    }
    return true;
}

/* What follows METRICS. False: the error has been written. */
static bool read_options(struct rd_call *call, struct rd_hot_terms *terms, uint32_t at) {
    int64_t count = terms->count, seconds = 0, sample = terms->sample;
    for (; at < call->argc; at += 2) {
        struct rd_slice option = call->argv[at];
        bool is_read = false;
        if (at + 1 == call->argc) {
            rd_reply_syntax_error(call->reply);
        } else if (rd_slice_is(option, "count")) {
            is_read = read_integer(call, at + 1, RD_HOT_KEYS_MOST, &count, "ERR COUNT must be between 1 and 64");
        } else if (rd_slice_is(option, "duration")) {
            is_read = read_integer(call, at + 1, 1000000, &seconds, "ERR DURATION must be between 1 and 1000000");
        } else if (rd_slice_is(option, "sample")) {
            is_read = read_integer(call, at + 1, INT32_MAX, &sample, "ERR SAMPLE ratio must be positive");
        } else if (rd_slice_is(option, "slots")) {
            if (!call->loop->cluster) rd_reply_fail(call->reply, "ERR SLOTS parameter cannot be used in non-cluster mode");
            else rd_reply_fail(call->reply, "ERR SLOTS parameter is not supported: keys of all slots are tracked");
        } else {
            rd_reply_syntax_error(call->reply);
        }
        if (!is_read) return false;
    }
    terms->count = (uint32_t)count;
    terms->duration_ms = seconds * 1000;
    terms->sample = (uint32_t)sample;
    return true;
}

#define IN_PROGRESS "ERR hotkey tracking session already in progress"

/* https://redis.io/docs/latest/commands/hotkeys-start/ */
static void cmd_hotkeys_start(struct rd_call *call) {
    struct rd_hot_terms terms = {.count = 10, .sample = 1};
    uint32_t next;
    if (rd_hot_keys_is_active(call->loop)) { /* as Redis, before what is wrong with the arguments */
        rd_reply_fail(call->reply, IN_PROGRESS);
        return;
    }
    if (!read_metrics(call, &terms, &next) || !read_options(call, &terms, next)) return;
    enum rd_status status = rd_hot_keys_start(call->loop, &terms);
    if (status == RD_OK) rd_reply_ok(call->reply);
    else if (status == RD_ERR_STATE) rd_reply_fail(call->reply, IN_PROGRESS);
    else rd_reply_oom(call->reply);
}

/* https://redis.io/docs/latest/commands/hotkeys-stop/ */
static void cmd_hotkeys_stop(struct rd_call *call) {
    if (rd_hot_keys_stop(call->loop)) rd_reply_ok(call->reply);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/hotkeys-reset/ */
static void cmd_hotkeys_reset(struct rd_call *call) {
    if (rd_hot_keys_reset(call->loop) == RD_OK) rd_reply_ok(call->reply);
    else rd_reply_fail(call->reply, "ERR hotkey tracking session in progress, stop tracking first");
}

/* A key of which not all is kept ends as in the slow log. */
static void reply_key(struct rd_reply *reply, const struct rd_hot_key *key) {
    char text[RD_HEAVY_KEY_BYTES + 64];
    size_t length = key->kept;
    memcpy(text, key->bytes, length);
    if (key->length > key->kept) {
        unsigned long long more = key->length - key->kept;
        length += (size_t)snprintf(text + length, 64, "... (%llu more bytes)", more);
    }
    rd_reply_slice(reply, (struct rd_slice){text, length});
}

/* Nanoseconds as whole microseconds; what has been seen is not told as nothing. */
static int64_t microseconds(uint64_t ns) {
    return (int64_t)((ns + 999) / 1000);
}

static void reply_keys(struct rd_reply *reply, const struct rd_hot_report *report, enum rd_hot_metric metric) {
    rd_reply_text(reply, metric == RD_HOT_TIME ? "by-cpu-time-us" : "by-net-bytes");
    rd_reply_array(reply, (size_t)report->counts[metric] * 2);
    for (uint32_t i = 0; i < report->counts[metric]; i++) {
        const struct rd_hot_key *key = &report->keys[metric][i];
        reply_key(reply, key);
        rd_reply_integer(reply, metric == RD_HOT_TIME ? microseconds(key->weight) : (int64_t)key->weight);
    }
}

/* As Redis without a cluster: one map in an array, since of a cluster there would be one for each node; all slots. */
static void reply_report(struct rd_reply *reply, const struct rd_hot_report *report) {
    bool has_time = report->terms.metrics[RD_HOT_TIME], has_bytes = report->terms.metrics[RD_HOT_BYTES];
    rd_reply_array(reply, 1);
    rd_reply_map(reply, 7 + (has_time ? 3 : 0) + (has_bytes ? 2 : 0));
    rd_reply_field(reply, "tracking-active", report->active);
    rd_reply_field(reply, "sample-ratio", report->terms.sample);
    rd_reply_text(reply, "selected-slots");
    rd_reply_literal(reply, "*1\r\n*2\r\n:0\r\n:16383\r\n");
    rd_reply_field(reply, "all-commands-all-slots-us", microseconds(report->totals[RD_HOT_TIME]));
    rd_reply_field(reply, "net-bytes-all-commands-all-slots", (int64_t)report->totals[RD_HOT_BYTES]);
    rd_reply_field(reply, "collection-start-time-unix-ms", report->started_unix_ms);
    rd_reply_field(reply, "collection-duration-ms", report->duration_ms);
    if (has_time) {
        rd_reply_field(reply, "total-cpu-time-user-ms", report->user_ms);
        rd_reply_field(reply, "total-cpu-time-sys-ms", report->system_ms);
    }
    if (has_bytes) rd_reply_field(reply, "total-net-bytes", (int64_t)report->seen_bytes);
    if (has_time) reply_keys(reply, report, RD_HOT_TIME);
    if (has_bytes) reply_keys(reply, report, RD_HOT_BYTES);
}

/* https://redis.io/docs/latest/commands/hotkeys-get/ */
static void cmd_hotkeys_get(struct rd_call *call) {
    struct rd_hot_report *report;
    enum rd_status status = rd_hot_keys_report(call->loop, &report);
    if (status == RD_OK) reply_report(call->reply, report);
    else if (status == RD_ERR_STATE) rd_reply_null(call->reply);
    else rd_reply_oom(call->reply);
    free(report);
}

/* Redis has it without documenting it. */
static void cmd_hotkeys_help(struct rd_call *call) {
    static const char *const lines[] = {
        "HOTKEYS <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "START <METRICS count [CPU] [NET]> [COUNT k] [DURATION duration] [SAMPLE ratio] [SLOTS count slot...]",
        "    Starts hotkeys tracking with specified metrics.",
        "    * METRICS count [CPU] [NET]",
        "        Specify count of metrics and choose amongst:",
        "        - CPU: Track hotkeys by CPU time percentage",
        "        - NET: Track hotkeys by network bytes percentage",
        "    * COUNT k",
        "        Specifies the value of K for the top-K hotkeys tracking. Default: 10",
        "    * DURATION duration",
        "        Specifies tracking duration in seconds. 0 means tracking will continue until manually stopped. "
        "Default: 0",
        "    * SAMPLE ratio",
        "        Keys are tracked with probability 1/ratio. Default: 1 (tracks every key)",
        "    * SLOTS count slot...",
        "        Specify which slots to track keys from. Only available in cluster mode. Default: empty (track all "
        "slots)",
        "STOP",
        "    Stop hotkeys tracking. Results are still available via GET",
        "GET",
        "    Get results from hotkeys tracking.",
        "RESET",
        "    Reset memory used for hotkeys tracking. Tracking must have been stopped.",
        "    Results will no longer be available after this command.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

#define HOTKEYS_FLAGS (RD_CMD_ADMIN | RD_CMD_NOSCRIPT | RD_CMD_DANGEROUS)
const struct rd_command rd_hot_keys_commands[] = {
    {"hotkeys", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for hotkeys tracking commands.", "8.6.0", "server", "Depends on subcommand.")},
    {"hotkeys|get", 2, HOTKEYS_FLAGS, 0, 0, 0, cmd_hotkeys_get,
     RD_DOCS("Returns lists of top K hotkeys depending on metrics chosen in HOTKEYS START command.", "8.6.0",
             "server", "O(K) where K is the number of hotkeys returned.", .syntax = "")},
    {"hotkeys|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_hotkeys_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "8.6.0", "server", "O(1)", .syntax = "")},
    {"hotkeys|reset", 2, HOTKEYS_FLAGS, 0, 0, 0, cmd_hotkeys_reset,
     RD_DOCS("Release the resources used for hotkey tracking.", "8.6.0", "server", "O(1)", .syntax = "")},
    {"hotkeys|start", -2, HOTKEYS_FLAGS, 0, 0, 0, cmd_hotkeys_start,
     RD_DOCS("Starts hotkeys tracking.", "8.6.0", "server", "O(1)",
             .syntax = "METRICS metrics{count:integer [CPU] [NET]} [COUNT k:integer] [DURATION seconds:integer] "
                       "[SAMPLE ratio:integer] [SLOTS slots{count:integer slot:integer ...}]")},
    {"hotkeys|stop", 2, HOTKEYS_FLAGS, 0, 0, 0, cmd_hotkeys_stop,
     RD_DOCS("Stops hotkeys tracking.", "8.6.0", "server", "O(1)", .syntax = "")},
    RD_END_OF_COMMANDS,
};
