/* This file owns what is done about a command that took long: the slow log, the latency monitor. */
#ifndef RD_SLOW_H
#define RD_SLOW_H

#include "command.h"

/* On the connection's worker, without a shard's lock, after the command. The caller need not look at thresholds. */
void rd_slow_command(struct rd_worker *worker, const struct rd_conn *conn, const struct rd_command *command,
                     const struct rd_slice *argv, uint32_t argc, int64_t ns);

#endif
