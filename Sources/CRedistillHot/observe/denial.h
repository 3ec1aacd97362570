/* This file owns what becomes of a call that its user may not make: it is counted, told, and in ACL LOG. */
#ifndef RD_DENIAL_H
#define RD_DENIAL_H

#include "call/access.h"
#include "observe/access_log.h"
#include "observe/observer.h"

/* On the connection's thread. */
void rd_denial_tell(struct rd_conn *conn, const struct rd_command *command, struct rd_verdict verdict,
                    enum rd_access_context context);
/* The same, and the error, NOPERM and why, is written. */
void rd_denial_reply(struct rd_conn *conn, struct rd_reply *reply, const struct rd_command *command,
                     struct rd_verdict verdict, enum rd_access_context context);

#endif
