/* This file owns what of running a handler is off the short path. */
#include "execute/run.h"

#include "base/clock.h"
#include "observe/large.h"
#include "observe/observer.h"
#include "observe/slow.h"

void rd_run_tracked(struct rd_call *call) {
    struct rd_key_range key = {(uint32_t)call->command->first_key, 1, 1, 0};
    rd_tracking_enter(call, key, &call->hash);
    call->command->handler(call);
    rd_tracking_leave(call);
}

void rd_run_queued(struct rd_call *call) {
    struct rd_observer *observer = call->loop->observer;
    struct rd_counters *counters = &call->loop->counters;
    struct rd_command_stats *own = &observer->stats.commands[call->number];
    rd_counter_add(&counters->commands, 1);
    if (observer->monitored) rd_monitor_tell(observer, call);
    uint64_t errors = rd_counter_get(&counters->errors);
    uint64_t nested_before = observer->stats.exec_errors;
    struct rd_reply_mark mark = rd_reply_mark(call->reply);
    int64_t start = rd_nanoseconds();
    rd_run(call);
    int64_t ns = rd_nanoseconds() - start;
    rd_stats_add_nested(&observer->stats, own, ns);
    uint64_t errors_now = rd_counter_get(&counters->errors);
    uint64_t nested = observer->stats.exec_errors - nested_before; /* of a script's own commands */
    if (errors_now > errors + nested) { /* less than before after CONFIG RESETSTAT */
        rd_counter_add(&own->failed, 1);
        observer->stats.exec_errors += errors_now - errors - nested;
    }
    if (ns >= observer->stats.slow_ns) {
        struct rd_logged logged = rd_logged_call(call);
        rd_slow_command(observer, &logged, ns);
    }
    bool is_told = call->command->flags & RD_CMD_ADMIN && rd_setting(call->loop->settings, RD_SET_TELL_ADMIN_CALLS);
    if (is_told) rd_call_tell(call, RD_EVENT_ADMIN_CALL);
    if (call->by_script) return; /* what a script calls comes from no client, and its reply goes to none */
    if (observer->samples_keys) rd_hot_keys_add(observer, call, mark, ns);
    int64_t large = rd_setting(call->loop->settings, RD_SET_LARGE_REQUEST);
    bool may_be_large = rd_request_may_have(call->argv, call->argc, large) ||
                        rd_reply_bytes(call->reply, mark) >= RD_LARGE_REPLY_SEEN;
    if (observer->looks_at_sizes || may_be_large) rd_large_command(observer, call, mark);
}
