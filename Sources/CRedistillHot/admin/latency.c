/* This file owns the LATENCY command. */
#include "call/handler.h"
#include "observe/observer.h"

#include <stdio.h>

/* The number of the event, RD_LATENCY_EVENTS when there is none of that name. */
static enum rd_latency_event event_named(struct rd_slice name) {
    enum rd_latency_event event = 0;
    while (event < RD_LATENCY_EVENTS && !rd_slice_is(name, rd_latency_event_name(event))) event++;
    return event;
}

/* One command's histogram: its calls, and for each power of two in us how many took no longer. */
static void reply_histogram(struct rd_reply *reply, const struct rd_command_statistics *command,
                            const uint64_t *latency) {
    rd_reply_text(reply, command->name);
    rd_reply_map(reply, 2);
    rd_reply_text(reply, "calls");
    rd_reply_integer(reply, (int64_t)command->calls);
    rd_reply_text(reply, "histogram_usec");
    uint64_t seen = 0, told = 0, all = 0;
    for (size_t i = 0; i < RD_LATENCY_BUCKETS; i++) all += latency[i];
    size_t at = 0, powers = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) rd_reply_map(reply, powers);
        at = 0;
        seen = told = 0;
        for (uint64_t end = 1024; seen < all; end *= 2) {
            while (at < RD_LATENCY_BUCKETS && (rd_latency_bucket_end(at) <= end || end > 1ull << 40)) seen += latency[at++];
            if (seen == told) continue;
            told = seen;
            if (pass == 0) {
                powers++;
                continue;
            }
            /* Redis keys them by whole microseconds too: 1, 2, 4, 8, 16, 33, 66, 132 ... */
            rd_reply_integer(reply, (int64_t)(end / 1000));
            rd_reply_integer(reply, (int64_t)seen);
        }
    }
}

static bool is_asked(const struct rd_call *call, const char *name) {
    if (call->argc == 2) return true;
    const char *bar = strchr(name, '|');
    for (uint32_t i = 2; i < call->argc; i++) {
        if (rd_slice_is(call->argv[i], name)) return true;
        /* A container's name stands for all its subcommands. */
        size_t length = bar ? (size_t)(bar - name) : 0;
        char parent[32];
        if (!bar || length >= sizeof parent) continue;
        memcpy(parent, name, length);
        parent[length] = 0;
        if (rd_slice_is(call->argv[i], parent)) return true;
    }
    return false;
}

/* https://redis.io/docs/latest/commands/latency-histogram/ */
static void cmd_latency_histogram(struct rd_call *call) {
    const struct rd_control *control = call->loop->control;
    struct rd_command_statistics command;
    uint64_t latency[RD_LATENCY_BUCKETS];
    size_t from = call->reply->length, count = 0;
    /* Other workers go on counting, and one may forget all: how many there are is known when they are told. */
    for (size_t i = 0; control->command_statistics(control->server, i, &command, latency); i++) {
        uint64_t any = 0;
        for (size_t bucket = 0; bucket < RD_LATENCY_BUCKETS && !any; bucket++) any = latency[bucket];
        if (!any || !is_asked(call, command.name)) continue;
        reply_histogram(call->reply, &command, latency);
        count++;
    }
    rd_reply_map_at(call->reply, from, count);
}

/* https://redis.io/docs/latest/commands/latency-latest/ */
static void cmd_latency_latest(struct rd_call *call) {
    struct rd_latency *latency = &call->loop->observer->all->latency;
    size_t from = call->reply->length, count = 0;
    rd_lock_acquire(&latency->lock);
    for (enum rd_latency_event event = 0; event < RD_LATENCY_EVENTS; event++) {
        const struct rd_latency_history *history = &latency->events[event];
        if (history->count == 0) continue;
        const struct rd_latency_sample *last = rd_latency_sample(history, history->count - 1);
        rd_reply_array(call->reply, 4);
        rd_reply_text(call->reply, rd_latency_event_name(event));
        rd_reply_integer(call->reply, last->unix_s);
        rd_reply_integer(call->reply, last->ms);
        rd_reply_integer(call->reply, history->most_ms);
        count++;
    }
    rd_lock_release(&latency->lock);
    rd_reply_array_at(call->reply, from, count);
}

/* https://redis.io/docs/latest/commands/latency-history/ */
static void cmd_latency_history(struct rd_call *call) {
    enum rd_latency_event event = event_named(call->argv[2]);
    if (event == RD_LATENCY_EVENTS) {
        rd_reply_array(call->reply, 0);
        return;
    }
    struct rd_latency *latency = &call->loop->observer->all->latency;
    rd_lock_acquire(&latency->lock);
    const struct rd_latency_history *history = &latency->events[event];
    rd_reply_array(call->reply, history->count);
    for (uint32_t i = 0; i < history->count; i++) {
        const struct rd_latency_sample *sample = rd_latency_sample(history, i);
        rd_reply_array(call->reply, 2);
        rd_reply_integer(call->reply, sample->unix_s);
        rd_reply_integer(call->reply, sample->ms);
    }
    rd_lock_release(&latency->lock);
}

/* https://redis.io/docs/latest/commands/latency-reset/ */
static void cmd_latency_reset(struct rd_call *call) {
    struct rd_latency *latency = &call->loop->observer->all->latency;
    int64_t count = 0;
    for (enum rd_latency_event event = 0; call->argc == 2 && event < RD_LATENCY_EVENTS; event++) count += rd_latency_reset(latency, event);
    for (uint32_t i = 2; i < call->argc; i++) {
        enum rd_latency_event event = event_named(call->argv[i]);
        if (event != RD_LATENCY_EVENTS) count += rd_latency_reset(latency, event);
    }
    rd_reply_integer(call->reply, count);
}

/* https://redis.io/docs/latest/commands/latency-graph/ : a column for each sample, as high as its share of the most. */
static void cmd_latency_graph(struct rd_call *call) {
    static const char levels[] = "_ox#";
    enum rd_latency_event event = event_named(call->argv[2]);
    struct rd_latency *latency = &call->loop->observer->all->latency;
    char text[RD_LATENCY_SAMPLES + 160];
    int length = 0;
    rd_lock_acquire(&latency->lock);
    const struct rd_latency_history *history = &latency->events[event < RD_LATENCY_EVENTS ? event : 0];
    uint32_t least = UINT32_MAX, most = 0, count = event < RD_LATENCY_EVENTS ? history->count : 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t ms = rd_latency_sample(history, i)->ms;
        if (ms < least) least = ms;
        if (ms > most) most = ms;
    }
    if (count > 0) {
        length = snprintf(text, 160, "%s - high %u ms, low %u ms (all time high %u ms)\n", rd_latency_event_name(event),
                          most, least, history->most_ms);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t span = most - least, height = rd_latency_sample(history, i)->ms - least;
            text[length++] = levels[span ? (uint64_t)height * 3 / span : 0];
        }
        text[length++] = '\n';
    }
    rd_lock_release(&latency->lock);
    if (count == 0) {
        int shown = rd_reply_shown(call->argv[2]);
        rd_reply_format_error(call->reply, "ERR No samples available for event '%.*s'", shown, call->argv[2].bytes);
        return;
    }
    rd_reply_verbatim(call->reply, text, (size_t)length);
}

/* https://redis.io/docs/latest/commands/latency-doctor/ */
static void cmd_latency_doctor(struct rd_call *call) {
    struct rd_latency *latency = &call->loop->observer->all->latency;
    char text[1024];
    int length = 0;
    if (rd_setting(call->loop->settings, RD_SET_LATENCY_THRESHOLD) == 0) {
        length = snprintf(text, sizeof text,
                          "Latency monitoring is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it "
                          "on; LATENCY HISTOGRAM and SLOWLOG GET tell of commands at any time.\n");
    } else {
        rd_lock_acquire(&latency->lock);
        for (enum rd_latency_event event = 0; event < RD_LATENCY_EVENTS; event++) {
            const struct rd_latency_history *history = &latency->events[event];
            if (history->count == 0) continue;
            uint64_t sum = 0;
            for (uint32_t i = 0; i < history->count; i++) sum += rd_latency_sample(history, i)->ms;
            length += snprintf(text + length, sizeof text - (size_t)length,
                               "%s: %u latency spikes (average %llu ms, worst %u ms). SLOWLOG GET names the commands; "
                               "commands over the whole keyspace, or over very many keys at once, are the usual "
                               "cause.\n",
                               rd_latency_event_name(event), history->count,
                               (unsigned long long)(sum / history->count), history->most_ms);
        }
        rd_lock_release(&latency->lock);
        if (length == 0) length = snprintf(text, sizeof text, "No latency spike was seen since the last reset.\n");
    }
    rd_reply_verbatim(call->reply, text, (size_t)length);
}

/* https://redis.io/docs/latest/commands/latency-help/ */
static void cmd_latency_help(struct rd_call *call) {
    static const char *const lines[] = {
        "LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR",
        "    Return a human readable latency analysis report.",
        "GRAPH <event>",
        "    Return an ASCII latency graph for the <event> class.",
        "HISTORY <event>",
        "    Return time-latency samples for the <event> class.",
        "LATEST",
        "    Return the latest latency samples for all events.",
        "RESET [<event> ...]",
        "    Reset latency data of one or more <event> classes.",
        "    (default: reset all data for all event classes)",
        "HISTOGRAM [COMMAND ...]",
        "    Return a cumulative distribution of commands' latencies in histogram format.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}

const struct rd_command rd_latency_commands[] = {
    {"latency", -2, RD_CMD_CONTAINER, 0, 0, 0, NULL,
     RD_DOCS("A container for latency diagnostics commands.", "2.8.13", "server", "Depends on subcommand.")},
    {"latency|doctor", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_latency_doctor,
     RD_DOCS("Returns a human-readable latency analysis report.", "2.8.13", "server", "O(1)", .syntax = "",
             .tips = "nondeterministic_output request_policy:all_nodes response_policy:special")},
    {"latency|graph", 3, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_latency_graph,
     RD_DOCS("Returns a latency graph for an event.", "2.8.13", "server", "O(1)", .syntax = "event",
             .tips = "nondeterministic_output request_policy:all_nodes response_policy:special")},
    {"latency|help", 2, RD_CMD_LOADING | RD_CMD_STALE, 0, 0, 0, cmd_latency_help,
     RD_DOCS("Returns helpful text about the different subcommands.", "2.8.13", "server", "O(1)", .syntax = "")},
    {"latency|histogram", -2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_latency_histogram,
     RD_DOCS("Returns the cumulative distribution of latencies of a subset or all commands.", "7.0.0", "server",
             "O(N) where N is the number of commands with latency information being retrieved.",
             .syntax = "[command ...]",
             .tips = "nondeterministic_output request_policy:all_nodes response_policy:special")},
    {"latency|history", 3, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_latency_history,
     RD_DOCS("Returns timestamp-latency samples for an event.", "2.8.13", "server", "O(1)", .syntax = "event",
             .tips = "nondeterministic_output request_policy:all_nodes response_policy:special")},
    {"latency|latest", 2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_latency_latest,
     RD_DOCS("Returns the latest latency samples for all events.", "2.8.13", "server", "O(1)", .syntax = "",
             .tips = "nondeterministic_output request_policy:all_nodes response_policy:special")},
    {"latency|reset", -2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_latency_reset,
     RD_DOCS("Resets the latency data for one or more events.", "2.8.13", "server", "O(1)", .syntax = "[event ...]",
             .tips = "request_policy:all_nodes response_policy:agg_sum")},
    RD_END_OF_COMMANDS,
};
