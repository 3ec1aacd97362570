/* This file owns the MONITOR, RESET and ROLE commands. */
#include "call/handler.h"
#include "connection/login.h"
#include "observe/observer.h"
#include "execute/transaction.h"

/* https://redis.io/docs/latest/commands/monitor/ */
static void cmd_monitor(struct rd_call *call) {
    if (rd_monitor_begin(call->conn) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    call->loop->observer->monitored = true; /* what follows in the same batch, or EXEC, is told too */
    rd_call_tell(call, RD_EVENT_ADMIN_COMMAND);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/reset/ */
static void cmd_reset(struct rd_call *call) {
    struct rd_conn *conn = call->conn;
    rd_monitor_end(conn);
    rd_transaction_end(conn);
    rd_tracking_end(conn, false);
    rd_conn_log_out(conn);
    conn->protocol = call->reply->protocol = 2;
    conn->reply_mode &= RD_REPLIES_SKIP_THIS;
    conn->database = 0;
    conn->no_evict = conn->no_touch = false;
    rd_clients_note(conn);
    if (conn->info && rd_client_set_name(conn, RD_CLIENT_NAME, (struct rd_slice){NULL, 0}) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    rd_reply_literal(call->reply, "+RESET\r\n");
}

/* https://redis.io/docs/latest/commands/role/ : a master without replicas. */
static void cmd_role(struct rd_call *call) {
    rd_reply_array(call->reply, 3);
    rd_reply_text(call->reply, "master");
    rd_reply_integer(call->reply, 0);
    rd_reply_array(call->reply, 0);
}

const struct rd_command rd_monitor_commands[] = {
    {"monitor", 1, RD_CMD_OF_ADMIN, 0, 0, 0, cmd_monitor,
     RD_DOCS("Listens for all requests received by the server in real-time.", "1.0.0", "server", "O(1)",
             .syntax = "")},
    {"reset", 1, RD_CMD_OF_CONNECTION | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_ALLOW_BUSY | RD_CMD_SETTLES | RD_CMD_AT_ONCE,
     0, 0, 0, cmd_reset,
     RD_DOCS("Resets the connection.", "6.2.0", "connection", "O(1)", .syntax = "")},
    {"role", 1, RD_CMD_NOSCRIPT | RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_DANGEROUS, 0, 0, 0, cmd_role,
     RD_DOCS("Returns the replication role.", "2.8.12", "server", "O(1)", .syntax = "", .also = "@admin")},
    RD_END_OF_COMMANDS,
};
