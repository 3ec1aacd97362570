/* This file owns what is done about a command that took long: the slow log, the latency monitor. */
#ifndef RD_SLOW_H
#define RD_SLOW_H

#include "call/command.h"

struct rd_observer;

/*
 * On the connection's worker, after the command; only within an EXEC with a shard's lock. The caller need not look at
 * thresholds. received, which may be NULL, says which arguments have been taken over.
 */
void rd_slow_command(struct rd_observer *observer, const struct rd_conn *conn, const struct rd_command *command,
                     const struct rd_slice *argv, uint32_t argc, const struct rd_received *received, int64_t ns);

#endif
