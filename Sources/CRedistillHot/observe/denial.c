/* This file owns telling of denials. */
#include "observe/denial.h"

#include <stdio.h>

#include "connection/login.h"

static rd_counter *counter_of(struct rd_counters *counters, enum rd_access access) {
    if (access == RD_DENIED_KEY) return &counters->denied_keys;
    return access == RD_DENIED_DATABASE ? &counters->denied_databases : &counters->denied_commands;
}

static enum rd_access_reason reason_of(enum rd_access access) {
    if (access == RD_DENIED_KEY) return RD_REASON_KEY;
    return access == RD_DENIED_DATABASE ? RD_REASON_DATABASE : RD_REASON_COMMAND;
}

void rd_denial_tell(struct rd_conn *conn, const struct rd_command *command, struct rd_verdict verdict,
                    enum rd_access_context context) {
    static const char *const words[] = {[RD_REASON_COMMAND] = "command", [RD_REASON_KEY] = "key",
                                        [RD_REASON_DATABASE] = "database"};
    char detail[64];
    const char *name = rd_conn_user_name(conn);
    enum rd_access_reason reason = reason_of(verdict.access);
    struct rd_slice object = verdict.object, user = {name, strlen(name)};
    if (reason == RD_REASON_COMMAND) object = (struct rd_slice){command->name, strlen(command->name)};
    snprintf(detail, sizeof detail, "%s %s", command->name, words[reason]);
    rd_conn_tell(conn, RD_EVENT_ACCESS_DENIED, counter_of(&conn->loop->counters, verdict.access), detail);
    rd_access_log_tell(&conn->loop->observer->all->access, conn, reason, context, object, user);
}

void rd_denial_reply(struct rd_conn *conn, struct rd_reply *reply, const struct rd_command *command,
                     struct rd_verdict verdict, enum rd_access_context context) {
    char text[RD_DENIAL_SIZE];
    rd_access_describe(verdict, rd_conn_user(conn), command, false, text);
    rd_reply_format_error(reply, "NOPERM %s", text);
    rd_denial_tell(conn, command, verdict, context);
}
