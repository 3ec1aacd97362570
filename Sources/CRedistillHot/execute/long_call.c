/* This file owns running a call on a fiber, parking it, and what becomes of its reply then. */
#include "execute/long_call.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fiber.h"
#include "call/handler.h"
#include "observe/large.h"
#include "observe/observer.h"
#include "observe/slow.h"

/* As deep as scripts may nest their calls, patterns and values. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_BYTES ((size_t)64 << 20)
#endif
#endif
#ifndef STACK_BYTES
#define STACK_BYTES ((size_t)8 << 20)
#endif
/* A parked call's share of each turn of its worker, which others wait for. */
#define SLICE_MS 2
/* What is kept of a parked call's arguments, for the logs that tell of it. */
#define KEPT_ARGUMENTS 64u
#define KEPT_BYTES 1024u

struct rd_long_call {
    struct rd_fiber fiber;
    struct rd_call call;        /* what its body is given */
    rd_handler_fn *body;        /* NULL: none is under way */
    struct rd_reply reply;      /* of it alone */
    struct rd_reply_owner owner;
    struct rd_reply scratch;
    struct rd_slice *kept;      /* owned: its arguments since it is parked; NULL before */
    int64_t started_ms;         /* monotonic, as what follows: when it was first asked for how long it runs; 0 before */
    int64_t parked_ms, resumed_ms;
    bool parked;
    bool used;                  /* since the stack was last given back */
};

static struct rd_long_call *of(const struct rd_loop *loop) {
    return loop->long_call;
}

static size_t most_of_reply(const struct rd_reply_owner *owner) {
    const struct rd_long_call *call = (const struct rd_long_call *)((const char *)owner - offsetof(struct rd_long_call, owner));
    return rd_conn_reply_limit(call->call.conn);
}

static struct rd_long_call *made_for(struct rd_loop *loop) {
    if (loop->long_call) return loop->long_call;
    struct rd_long_call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    if (rd_fiber_init(&call->fiber, STACK_BYTES) != RD_OK) {
        free(call);
        return NULL;
    }
    call->owner = (struct rd_reply_owner){most_of_reply, NULL};
    loop->long_call = call;
    return call;
}

static void run_body(void *argument) {
    struct rd_long_call *call = argument;
    call->body(&call->call);
}

/* The arguments lie in a buffer that others use next. What the logs show of them is kept; without memory nothing is. */
static void keep_arguments(struct rd_long_call *call) {
    uint32_t count = call->call.argc < KEPT_ARGUMENTS ? call->call.argc : KEPT_ARGUMENTS;
    struct rd_slice *kept = malloc(count * (sizeof *kept + KEPT_BYTES));
    char *place = kept ? (char *)(kept + count) : NULL;
    for (uint32_t i = 0; kept && i < count; i++) {
        struct rd_slice argument = call->call.argv[i];
        if (argument.length > KEPT_BYTES) argument.length = KEPT_BYTES;
        kept[i] = (struct rd_slice){place, argument.length};
        memcpy(place, argument.bytes, argument.length);
        place += argument.length;
    }
    call->kept = kept;
    call->call.argv = kept;
    call->call.argc = kept ? count : 0;
    call->call.received = NULL;
}

static void park(struct rd_long_call *call) {
    struct rd_conn *conn = call->call.conn;
    struct rd_store *store = call->call.store;
    keep_arguments(call);
    call->parked = true;
    call->parked_ms = rd_monotonic_ms();
    conn->awaits_call = true;
    call->call.loop->busy = true;
    atomic_fetch_add(&store->busy, 1);
}

/* Most calls are over before they are asked, and cost no look at the clock. */
int64_t rd_long_call_ms(struct rd_loop *loop) {
    struct rd_long_call *call = of(loop);
    int64_t now = rd_monotonic_ms();
    if (call->started_ms == 0) call->started_ms = now;
    return now - call->started_ms;
}

void rd_long_call_step(struct rd_loop *loop, int64_t limit_ms) {
    struct rd_long_call *call = of(loop);
    int64_t now = rd_monotonic_ms();
    if (call->parked ? now - call->resumed_ms < SLICE_MS : now - call->started_ms <= limit_ms) return;
    if (atomic_load_explicit(&loop->shared->ends, memory_order_relaxed)) return;
    if (!call->parked) park(call);
    uint64_t errors = rd_counter_get(&loop->counters.errors);
    rd_fiber_yield(&call->fiber);
    loop->observer->stats.exec_errors += rd_counter_get(&loop->counters.errors) - errors; /* those of others are not its own */
}

#define KEEP_REPLY_BYTES ((size_t)64 << 10)

static void empty(struct rd_reply *reply) {
    rd_reply_truncate(reply, 0, 0);
    rd_reply_shrink(reply, KEEP_REPLY_BYTES);
}

static void finish(struct rd_long_call *call) {
    call->body = NULL;
    free(call->kept);
    call->kept = NULL;
    empty(&call->reply);
    empty(&call->scratch);
}

enum rd_status rd_long_call_run(struct rd_call *call, rd_handler_fn *body) {
    struct rd_long_call *own = made_for(call->loop);
    if (!own) return RD_ERR_NO_MEMORY;
    if (own->body) return RD_ERR_STATE;
    own->call = *call;
    own->call.reply = &own->reply;
    own->body = body;
    own->used = true;
    own->reply.protocol = call->reply->protocol;
    own->reply.failed = own->reply.too_long = false;
    own->reply.errors = call->reply->errors;
    own->reply.error_codes = call->reply->error_codes;
    own->reply.owner = &own->owner;
    own->started_ms = 0;
    call->loop->observer->stats.exec_errors = 0;
    if (!rd_fiber_begin(&own->fiber, run_body, own)) {
        rd_conn_suspend(call->conn);
        return RD_OK;
    }
    rd_reply_append(call->reply, &own->reply);
    finish(own);
    return RD_OK;
}

void rd_long_call_run_or_refuse(struct rd_call *call, rd_handler_fn *body) {
    if (call->in_exec) {
        body(call);
        return;
    }
    enum rd_status status = rd_long_call_run(call, body);
    if (status == RD_ERR_STATE) rd_reply_busy(call->reply);
    else if (status != RD_OK) rd_reply_oom(call->reply);
}

/* The call is counted already, with the time until it was parked. */
static void count_late(const struct rd_long_call *call) {
    struct rd_observer *observer = call->call.loop->observer;
    struct rd_command_stats *own = &observer->stats.commands[call->call.number];
    int64_t ns = (rd_monotonic_ms() - call->started_ms) * 1000000;
    rd_counter_add(&own->total_ns, (uint64_t)(rd_monotonic_ms() - call->parked_ms) * 1000000);
    if (call->reply.length && call->reply.bytes[0] == '-') rd_counter_add(&own->failed, 1);
    if (call->kept && !(call->call.command->flags & RD_CMD_EXEC)) {
        struct rd_logged logged = rd_logged_call(&call->call);
        rd_slow_command(observer, &logged, ns);
        int64_t bytes = (int64_t)rd_reply_bytes(&call->reply, (struct rd_reply_mark){0, 0});
        rd_command_log_tell(observer, RD_LOG_LARGE_REPLY, &logged, bytes);
    }
}

/* What follows every command, see serve/dispatch.c. */
static void end_command(struct rd_conn *conn) {
    rd_conn_next_reply(conn);
    if (!conn->tracker) return;
    conn->tracker->caching = false;
    rd_readers_make_room(conn->tracker);
}

/* EXEC has dropped by itself what is not wanted. */
static bool is_wanted(const struct rd_long_call *call) {
    return call->call.command->flags & RD_CMD_EXEC || !rd_conn_is_silent(call->call.conn);
}

/* It has ended: its connection is answered, and goes on with what it has sent since. */
static void end_parked(struct rd_long_call *call) {
    struct rd_conn *conn = call->call.conn;
    struct rd_reply *reply = &call->reply;
    bool wanted = is_wanted(call);
    call->parked = false;
    conn->awaits_call = false;
    atomic_fetch_sub(&call->call.store->busy, 1);
    count_late(call);
    end_command(conn);
    rd_conn_note_activity(conn);
    /* The answer to a wrong password, within it or before it in the batch, has its own time to wait for. */
    if (!conn->dead && !conn->auth_hold && !rd_conn_resume(conn)) rd_conn_break(conn);
    if (wanted && reply->failed && reply->too_long && !conn->dead) rd_conn_close_for_output(conn);
    else if (wanted && reply->failed) rd_conn_break(conn);
    struct rd_reply_walk walk = {.to = reply->length, .end_blob = reply->blob_count};
    if (wanted) rd_conn_send(conn, reply, walk, RD_TURN_BYTES);
    if (conn->output && !conn->dead) rd_conn_wait_for_write(conn); /* of what came before, too */
    finish(call);
    rd_loop_queue(conn->loop, conn);
}

void rd_long_call_go_on(struct rd_loop *loop) {
    struct rd_long_call *call = of(loop);
    call->resumed_ms = rd_monotonic_ms();
    if (rd_fiber_resume(&call->fiber)) end_parked(call);
}

void rd_long_call_end(struct rd_loop *loop) {
    struct rd_long_call *call = of(loop);
    while (call && call->parked) rd_long_call_go_on(loop);
}

struct rd_reply *rd_long_call_scratch(const struct rd_loop *loop) {
    return &of(loop)->scratch;
}

bool rd_long_call_is_parked(const struct rd_loop *loop) {
    return loop->long_call && loop->long_call->parked;
}

#define KEEP_STACK_BYTES ((size_t)64 << 10)

void rd_long_call_rest(struct rd_loop *loop) {
    struct rd_long_call *call = of(loop);
    if (!call || call->body || !call->used) return;
    call->used = false;
    rd_fiber_rest(&call->fiber, KEEP_STACK_BYTES);
}

void rd_long_call_free(struct rd_long_call *call) {
    if (!call) return;
    rd_fiber_destroy(&call->fiber);
    rd_reply_free(&call->reply);
    rd_reply_free(&call->scratch);
    free(call);
}
