/*
 * This file owns calls that may take longer than others should wait: scripts, and transactions that hold some. Such a
 * call runs on a fiber of its worker. Mostly it is done before anybody notices. One that goes on for longer than it may
 * is parked between two of its steps, with the locks that it has: from then on its worker's loop turns again, and gives
 * the call some time in each turn. Its connection waits; all others are told BUSY, until it has ended.
 */
#ifndef RD_LONG_CALL_H
#define RD_LONG_CALL_H

#include "call/command.h"

/* A worker's. It exists from the first such call on. */
struct rd_long_call;

/*
 * Runs the body of a call. It has replied when this returns, unless the call is parked, and its connection suspended.
 * The body may not look at the arguments again after it has stepped, but for telling of itself. RD_ERR_NO_MEMORY: there
 * is no stack for it; RD_ERR_STATE: another one is under way. Then nothing was run, nor replied.
 */
RD_MUST_USE enum rd_status rd_long_call_run(struct rd_call *call, rd_handler_fn *body);

/* The same for a call that is refused otherwise. In an EXEC, which is a long call itself then, it is part of that. */
void rd_long_call_run_or_refuse(struct rd_call *call, rd_handler_fn *body);

/* Within the body, between two of its steps, after rd_long_call_ms: others are served if it has run for so long. */
void rd_long_call_step(struct rd_loop *loop, int64_t limit_ms);
/* Within the body: for how many ms it has run since this was first asked. */
int64_t rd_long_call_ms(struct rd_loop *loop);

/* Kept from call to call: for what the body's steps reply. */
struct rd_reply *rd_long_call_scratch(const struct rd_loop *loop);

/* Is one under way that is parked? */
bool rd_long_call_is_parked(const struct rd_loop *loop);
/* On the worker, outside any group: goes on with the call that is parked, for some time. */
void rd_long_call_go_on(struct rd_loop *loop);

/* The worker ends, after shared->ends was set: so does the call that is parked. */
void rd_long_call_end(struct rd_loop *loop);
/* Once in a while: gives back what a deep call has left of its stack. */
void rd_long_call_rest(struct rd_loop *loop);
void rd_long_call_free(struct rd_long_call *call);

#endif
