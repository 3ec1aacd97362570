/* This file owns the answer to a command that is not here. */
#ifndef RD_UNKNOWN_H
#define RD_UNKNOWN_H

#include "resp/reply.h"

/* Redis's words, which clients look for at the beginning, and behind them, of what Redis knows, what there is instead. */
void rd_reply_unknown(struct rd_reply *reply, const struct rd_slice *argv, uint32_t argc);

#endif
