/* This file owns ACL LOG. */
#include <stdio.h>

#include "call/handler.h"
#include "observe/observer.h"

static const char *word_of_reason(enum rd_access_reason reason) {
    static const char *const words[] = {[RD_REASON_COMMAND] = "command", [RD_REASON_KEY] = "key",
                                        [RD_REASON_DATABASE] = "database", [RD_REASON_AUTH] = "auth"};
    return words[reason];
}

static const char *word_of_context(enum rd_access_context context) {
    static const char *const words[] = {[RD_CONTEXT_TOPLEVEL] = "toplevel", [RD_CONTEXT_MULTI] = "multi",
                                        [RD_CONTEXT_SCRIPT] = "lua"};
    return words[context];
}

/* With a fraction of milliseconds: in RESP3 a double. */
static void reply_seconds(struct rd_reply *reply, int64_t ms) {
    char text[32];
    int length = snprintf(text, sizeof text, "%.3f", (double)(ms > 0 ? ms : 0) / 1000);
    rd_reply_double(reply, text, (size_t)length);
}

static void reply_word(struct rd_reply *reply, const char *name, const char *word) {
    rd_reply_text(reply, name);
    rd_reply_text(reply, word);
}

static void reply_entry(struct rd_reply *reply, const struct rd_access_entry *entry, int64_t now) {
    rd_reply_map(reply, 10);
    rd_reply_field(reply, "count", (int64_t)entry->count);
    reply_word(reply, "reason", word_of_reason(entry->reason));
    reply_word(reply, "context", word_of_context(entry->context));
    rd_reply_text(reply, "object");
    rd_reply_slice(reply, entry->object);
    rd_reply_text(reply, "username");
    rd_reply_slice(reply, entry->user);
    rd_reply_text(reply, "age-seconds");
    reply_seconds(reply, now - entry->first_ms);
    reply_word(reply, "client-info", entry->client ? entry->client : "");
    rd_reply_field(reply, "entry-id", (int64_t)entry->id);
    rd_reply_field(reply, "timestamp-created", entry->first_ms);
    rd_reply_field(reply, "timestamp-last-updated", entry->last_ms);
}

/* https://redis.io/docs/latest/commands/acl-log/ */
static void cmd_acl_log(struct rd_call *call) {
    struct rd_access_log *log = &call->loop->observer->all->access;
    int64_t most = 10;
    if (call->argc > 3) {
        rd_call_refuse_subcommand(call);
        return;
    }
    if (call->argc == 3 && rd_slice_is(call->argv[2], "reset")) {
        rd_access_log_clear(log);
        rd_reply_ok(call->reply);
        return;
    }
    if (call->argc == 3 && !rd_call_integer(call, call->argv[2], &most)) return;
    if (most < 0) most = 0;
    int64_t now = rd_unix_ms();
    rd_lock_acquire(&log->lock);
    uint32_t count = most < log->count ? (uint32_t)most : log->count;
    rd_reply_array(call->reply, count);
    for (uint32_t i = 0; i < count; i++) reply_entry(call->reply, &log->entries[i], now);
    rd_lock_release(&log->lock);
}

const struct rd_command rd_acl_log_commands[] = {
    {"acl|log", -2, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_acl_log,
     RD_DOCS("Lists recent security events generated due to ACL rules.", "6.0.0", "server",
             "O(N) with N being the number of entries shown.", .syntax = "[operation(count:integer|RESET)]",
             .history = "7.2.0 Added entry ID, timestamp created, and timestamp last updated.")},
    RD_END_OF_COMMANDS,
};
