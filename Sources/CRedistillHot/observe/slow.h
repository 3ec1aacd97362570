/* This file owns what is done about a command that took long: the slow log, the latency monitor. */
#ifndef RD_SLOW_H
#define RD_SLOW_H

#include "observe/command_log.h"

/*
 * On the connection's worker, after the command; only within an EXEC with a shard's lock. The caller need not look at
 * thresholds.
 */
void rd_slow_command(const struct rd_observer *observer, const struct rd_logged *logged, int64_t ns);

#endif
