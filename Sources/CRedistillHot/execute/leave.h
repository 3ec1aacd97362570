/* This file owns a connection's leaving: what commands began for it ends. */
#ifndef RD_LEAVE_H
#define RD_LEAVE_H

#include <stdbool.h>

struct rd_conn;

/*
 * May it leave now? Not while its own call goes on, nor where that needs shards that a script holds for long: then it is
 * asked again later.
 */
bool rd_conn_may_leave(const struct rd_conn *conn);

/*
 * It is about to be closed: for everybody else it is gone from here on, though its last replies may be on their way
 * still. It is in no list, is told of no key and no command, and who redirected to it knows. Without a shard's lock.
 */
void rd_conn_leave(struct rd_conn *conn);

#endif
