/* This file owns the CLIENT subcommands of client-side caching: TRACKING, CACHING, TRACKINGINFO, GETREDIR. */
#include <stdlib.h>

#include "call/handler.h"
#include "connection/login.h"
#include "observe/denial.h"
#include "observe/tracking.h"

static void refuse_prefix(struct rd_call *call, struct rd_slice prefix, struct rd_slice other, const char *which) {
    rd_reply_format_error(call->reply, "ERR Prefix '%.*s' overlaps with %s prefix '%.*s'. Prefixes for a single client "
                          "must not overlap.", (int)prefix.length, prefix.bytes, which, (int)other.length, other.bytes);
}

/*
 * Redis wants the prefixes of one client apart, so that a key makes one message. In sorted order one that another
 * begins with has a neighbour that does so too; only where there is such a pair the first one is looked for, to be told.
 */
static bool prefixes_are_apart(struct rd_call *call, const struct rd_tracker *wanted) {
    const struct rd_tracker *old = call->conn->tracker;
    struct rd_slice *sorted = malloc((wanted->prefix_count + 1) * sizeof *sorted);
    if (!sorted) {
        rd_reply_oom(call->reply);
        return false;
    }
    if (wanted->prefix_count) memcpy(sorted, wanted->prefixes, wanted->prefix_count * sizeof *sorted);
    qsort(sorted, wanted->prefix_count, sizeof *sorted, rd_prefix_compare);
    bool apart = true;
    for (uint32_t i = 1; i < wanted->prefix_count && apart; i++) apart = !rd_prefixes_overlap(sorted[i - 1], sorted[i]);
    free(sorted);
    for (uint32_t i = 0; i < wanted->prefix_count; i++) {
        struct rd_slice prefix = wanted->prefixes[i];
        const struct rd_slice *other = old ? rd_tracker_overlap(old, prefix) : NULL;
        if (other) {
            refuse_prefix(call, prefix, *other, "an existing");
            return false;
        }
        for (uint32_t j = i + 1; j < wanted->prefix_count && !apart; j++) {
            if (!rd_prefixes_overlap(prefix, wanted->prefixes[j])) continue;
            refuse_prefix(call, prefix, wanted->prefixes[j], "another provided");
            return false;
        }
    }
    return true;
}

struct search {
    uint64_t id;
    bool found;
    uint8_t protocol;
};

static void look(void *context, struct rd_conn *conn) {
    struct search *search = context;
    if (conn->id != search->id) return;
    search->found = true;
    search->protocol = atomic_load_explicit(&conn->protocol, memory_order_relaxed);
}

static bool parse_redirect(struct rd_call *call, struct rd_tracker *wanted, struct rd_slice text) {
    int64_t id;
    if (wanted->redirect) {
        rd_reply_fail(call->reply, "ERR A client can only redirect to a single other client");
        return false;
    }
    if (!rd_call_integer(call, text, &id)) return false;
    struct search search = {.id = (uint64_t)id};
    rd_shared_visit(call->loop->shared, look, &search);
    if (!search.found) {
        rd_reply_fail(call->reply, "ERR The client ID you want redirect to does not exist");
    } else if (search.protocol != 3) {
        rd_reply_fail(call->reply, "ERR REDIRECT to a connection of RESP2 needs pub/sub, which this server lacks: send "
                                   "HELLO 3 there first");
    } else {
        wanted->redirect = (uint64_t)id;
        return true;
    }
    return false;
}

/* wanted->prefixes has room for as many as there are arguments. */
static bool parse(struct rd_call *call, struct rd_tracker *wanted) {
    for (uint32_t i = 3; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        bool has_value = i + 1 < call->argc;
        if (rd_slice_is(word, "bcast")) wanted->broadcasts = true;
        else if (rd_slice_is(word, "optin")) wanted->opt_in = true;
        else if (rd_slice_is(word, "optout")) wanted->opt_out = true;
        else if (rd_slice_is(word, "noloop")) wanted->no_loop = true;
        else if (rd_slice_is(word, "prefix") && has_value) wanted->prefixes[wanted->prefix_count++] = call->argv[++i];
        else if (rd_slice_is(word, "redirect") && has_value) {
            if (!parse_redirect(call, wanted, call->argv[++i])) return false;
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}

static bool is_consistent(struct rd_call *call, const struct rd_tracker *wanted) {
    const struct rd_tracker *old = call->conn->tracker;
    struct rd_reply *reply = call->reply;
    if (!wanted->broadcasts && wanted->prefix_count) {
        rd_reply_fail(reply, "ERR PREFIX option requires BCAST mode to be enabled");
    } else if (old && old->broadcasts != wanted->broadcasts) {
        rd_reply_fail(reply, "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and "
                             "then re-enabling it with a different mode.");
    } else if (wanted->broadcasts && (wanted->opt_in || wanted->opt_out)) {
        rd_reply_fail(reply, "ERR OPTIN and OPTOUT are not compatible with BCAST");
    } else if (wanted->opt_in && wanted->opt_out) {
        rd_reply_fail(reply, "ERR You can't specify both OPTIN mode and OPTOUT mode");
    } else if (old && ((wanted->opt_in && old->opt_out) || (wanted->opt_out && old->opt_in))) {
        rd_reply_fail(reply, "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and "
                             "then re-enabling it with a different mode.");
    } else {
        return prefixes_are_apart(call, wanted);
    }
    return false;
}

/* BCAST without a prefix means every key, which is the empty prefix. */
static void add_empty_prefix(struct rd_call *call, struct rd_tracker *wanted) {
    const struct rd_tracker *old = call->conn->tracker;
    if (!wanted->broadcasts || wanted->prefix_count) return;
    for (uint32_t i = 0; old && i < old->prefix_count; i++) {
        if (old->prefixes[i].length == 0) return;
    }
    wanted->prefixes[wanted->prefix_count++] = (struct rd_slice){"", 0};
}

/* A broadcast tells names of keys, of whatever database, which the client has not read: it may touch all of these? */
static bool may_follow(struct rd_call *call, const struct rd_tracker *wanted) {
    const struct rd_user *user = rd_conn_user(call->conn);
    struct rd_verdict verdict = {RD_ALLOWED, {NULL, 0}};
    if (!user || !wanted->broadcasts) return true;
    if (!user->all_databases) verdict = (struct rd_verdict){RD_DENIED_DATABASE, {"*", 1}};
    for (uint32_t i = 0; i < wanted->prefix_count && verdict.access == RD_ALLOWED; i++) {
        if (rd_user_may_prefix(user, wanted->prefixes[i])) continue;
        verdict = (struct rd_verdict){RD_DENIED_KEY, wanted->prefixes[i]};
    }
    if (verdict.access == RD_ALLOWED) return true;
    rd_denial_reply(call->conn, call->reply, call->command, verdict, RD_CONTEXT_TOPLEVEL);
    return false;
}

static void begin(struct rd_call *call, struct rd_tracker *wanted) {
    if (rd_tracking_begin(call->conn, wanted, call->in_exec) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    if (wanted->redirect != call->conn->tracker->redirect) rd_tracking_redirect(call->conn, wanted->redirect);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/client-tracking/ */
static void cmd_client_tracking(struct rd_call *call) {
    struct rd_tracker wanted = {.prefixes = malloc(call->argc * sizeof *wanted.prefixes)};
    if (!wanted.prefixes) {
        rd_reply_oom(call->reply);
        return;
    }
    if (parse(call, &wanted)) {
        if (rd_slice_is(call->argv[2], "off")) {
            rd_tracking_end(call->conn, call->in_exec);
            rd_reply_ok(call->reply);
        } else if (!rd_slice_is(call->argv[2], "on")) {
            rd_reply_syntax_error(call->reply);
        } else if (is_consistent(call, &wanted)) {
            add_empty_prefix(call, &wanted);
            if (may_follow(call, &wanted)) begin(call, &wanted);
        }
    }
    free(wanted.prefixes);
}

/* https://redis.io/docs/latest/commands/client-caching/ */
static void cmd_client_caching(struct rd_call *call) {
    struct rd_tracker *tracker = call->conn->tracker;
    bool yes = rd_slice_is(call->argv[2], "yes");
    if (!tracker) {
        rd_reply_fail(call->reply, "ERR CLIENT CACHING can be called only when the client is in tracking mode with "
                                   "OPTIN or OPTOUT mode enabled");
    } else if (!yes && !rd_slice_is(call->argv[2], "no")) {
        rd_reply_syntax_error(call->reply);
    } else if (yes && !tracker->opt_in) {
        rd_reply_fail(call->reply, "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    } else if (!yes && !tracker->opt_out) {
        rd_reply_fail(call->reply, "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    } else {
        tracker->caching = true;
        rd_reply_ok(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/client-getredir/ */
static void cmd_client_getredir(struct rd_call *call) {
    bool broken;
    rd_reply_integer(call->reply, rd_tracking_redirection(call->conn, &broken));
}

static void reply_flags(struct rd_reply *reply, const struct rd_tracker *tracker, bool broken) {
    const char *flags[8];
    size_t count = 0;
    flags[count++] = tracker ? "on" : "off";
    if (tracker && tracker->broadcasts) flags[count++] = "bcast";
    if (tracker && tracker->opt_in) flags[count++] = "optin";
    if (tracker && tracker->opt_in && tracker->caching) flags[count++] = "caching-yes";
    if (tracker && tracker->opt_out) flags[count++] = "optout";
    if (tracker && tracker->opt_out && tracker->caching) flags[count++] = "caching-no";
    if (tracker && tracker->no_loop) flags[count++] = "noloop";
    if (broken) flags[count++] = "broken_redirect";
    rd_reply_set(reply, count);
    for (size_t i = 0; i < count; i++) rd_reply_text(reply, flags[i]);
}

/* https://redis.io/docs/latest/commands/client-trackinginfo/ */
static void cmd_client_trackinginfo(struct rd_call *call) {
    const struct rd_tracker *tracker = call->conn->tracker;
    struct rd_reply *reply = call->reply;
    bool broken;
    int64_t redirection = rd_tracking_redirection(call->conn, &broken);
    rd_reply_map(reply, 3);
    rd_reply_text(reply, "flags");
    reply_flags(reply, tracker, broken);
    rd_reply_text(reply, "redirect");
    rd_reply_integer(reply, redirection);
    rd_reply_text(reply, "prefixes");
    rd_reply_array(reply, tracker ? tracker->prefix_count : 0);
    for (uint32_t i = 0; tracker && i < tracker->prefix_count; i++) rd_reply_slice(reply, tracker->prefixes[i]);
}

const struct rd_command rd_tracking_commands[] = {
    {"client|caching", 3, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_caching,
     RD_DOCS("Instructs the server whether to track the keys in the next request.", "6.0.0", "connection", "O(1)",
             .syntax = "mode(YES|NO)")},
    {"client|getredir", 2, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_getredir,
     RD_DOCS("Returns the client ID to which the connection's tracking notifications are redirected.", "6.0.0",
             "connection", "O(1)", .syntax = "")},
    {"client|tracking", -3, RD_CMD_OF_CONNECTION | RD_CMD_ALL_KEYS, 0, 0, 0, cmd_client_tracking,
     RD_DOCS("Controls server-assisted client-side caching for the connection.", "6.0.0", "connection",
             "O(1). Some options may introduce additional complexity.", .grants = RD_GRANT_ASKS_OF_KEYS,
             .syntax = "status(ON|OFF) [REDIRECT client-id:integer] [PREFIX prefix]... [BCAST] [OPTIN] [OPTOUT] "
             "[NOLOOP]")},
    {"client|trackinginfo", 2, RD_CMD_OF_CONNECTION, 0, 0, 0, cmd_client_trackinginfo,
     RD_DOCS("Returns information about server-assisted client-side caching for the connection.", "6.2.0",
             "connection", "O(1)", .syntax = "")},
    RD_END_OF_COMMANDS,
};
