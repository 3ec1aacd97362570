/* This file owns the connection commands: PING, ECHO, AUTH, HELLO, SELECT, QUIT. */
#include "call/handler.h"
#include "connection/login.h"
#include "execute/leave.h"
#include "observe/observer.h"

/* https://redis.io/docs/latest/commands/ping/ */
static void cmd_ping(struct rd_call *call) {
    if (call->argc > 2) rd_reply_wrong_arity(call->reply, call->command);
    else if (call->argc == 2) rd_reply_slice(call->reply, call->argv[1]);
    else rd_reply_literal(call->reply, "+PONG\r\n");
}

/* https://redis.io/docs/latest/commands/echo/ */
static void cmd_echo(struct rd_call *call) {
    rd_reply_slice(call->reply, call->argv[1]);
}

/* https://redis.io/docs/latest/commands/select/ */
static void cmd_select(struct rd_call *call) {
    int64_t number;
    if (!rd_call_int32(call, call->argv[1], &number)) return;
    if (call->loop->cluster && number != 0) {
        rd_reply_fail(call->reply, "ERR SELECT is not allowed in cluster mode");
        return;
    }
    if (!rd_call_database(call, call->argv[1], &number)) return;
    atomic_store_explicit(&call->conn->database, (uint8_t)number, memory_order_relaxed);
    rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/quit/ */
static void cmd_quit(struct rd_call *call) {
    rd_reply_ok(call->reply);
    call->conn->closing = true;
    rd_conn_leave(call->conn); /* before anybody can know of the reply */
}

/*
 * Whether these are the name and password of somebody, whose reference is then in *user; NULL: default. The control plane
 * is asked for any name, so that one that there is not takes as long.
 */
static bool knows(struct rd_call *call, struct rd_slice name, struct rd_slice password, struct rd_user **user) {
    const struct rd_callbacks *callbacks = call->loop->control->callbacks;
    bool is_default = rd_slice_is_default_user(name);
    *user = NULL;
    if (is_default && !rd_setting(call->loop->settings, RD_SET_AUTH_REQUIRED)) return true; /* as Redis's "nopass" */
    if (!callbacks->authenticate) return false;
    char address[RD_ADDRESS_SIZE];
    struct rd_peer peer = rd_call_peer(call, address);
    bool is_right = callbacks->authenticate(callbacks->context, &peer, name, password);
    if (is_default || !is_right) return is_right;
    *user = rd_users_find(&call->loop->shared->users, name); /* NULL: a reload has just taken it away */
    return *user != NULL;
}

/* Tells of it by the name of a user that there is; any other may be a password in the wrong place. */
static void tell_refused(struct rd_call *call, struct rd_slice name) {
    struct rd_loop *loop = call->loop;
    struct rd_user *user = rd_users_find(&loop->shared->users, name);
    char address[RD_ADDRESS_SIZE];
    const char *command = rd_slice_is(call->argv[0], "hello") ? "HELLO" : "AUTH";
    rd_conn_peer(call->conn, address, sizeof address);
    rd_counter_add(&loop->counters.auth_failures, 1);
    rd_events_tell_of(&loop->shared->events, RD_EVENT_AUTH_FAILED, address, user ? user->name : NULL, NULL);
    if (user) rd_user_release(user);
    rd_access_log_tell(&loop->observer->all->access, call->conn, RD_REASON_AUTH, RD_CONTEXT_TOPLEVEL,
                       (struct rd_slice){command, strlen(command)}, name);
}

/* A wrong password came: the answer is written now, or kept back with the connection. */
static void refuse(struct rd_call *call, struct rd_slice name) {
    struct rd_loop *loop = call->loop;
    struct rd_shared *shared = loop->shared;
    struct rd_conn *conn = call->conn;
    tell_refused(call, name);
    size_t length = call->reply->length;
    uint32_t blobs = call->reply->blob_count;
    rd_reply_fail(call->reply, RD_WRONG_PASSWORD);
    bool has_secrets = rd_setting(loop->settings, RD_SET_AUTH_REQUIRED) || rd_users_count(&shared->users);
    if (!has_secrets) return; /* there is nothing to guess */
    switch (rd_auth_guard_failed(&shared->auth_guard, conn, loop->monotonic_ms,
                                 rd_setting(loop->settings, RD_SET_AUTH_FAILURE_DELAY),
                                 rd_setting(loop->settings, RD_SET_MAX_CONNECTIONS), &conn->auth_hold)) {
    case RD_AUTH_ANSWER: return;
    case RD_AUTH_HOLD:
        rd_counter_add(&loop->counters.auth_delayed, 1);
        rd_conn_suspend(conn);
        /* Whoever was authenticated before may have more in this batch, whose answers must keep their order. */
        if (conn->authenticated) return;
        rd_reply_truncate(call->reply, length, blobs);
        conn->answer_due = true;
        return;
    case RD_AUTH_CLOSE:
        if (conn->authenticated && !rd_conn_user(conn)) return; /* there is nothing that it could guess */
        rd_counter_add(&loop->counters.auth_refused, 1);
        conn->closing = true;
    }
}

/* Authenticates the connection, or writes why not and returns false. */
static bool authenticate(struct rd_call *call, struct rd_slice name, struct rd_slice password) {
    if (__builtin_expect(call->conn->auth_hold != 0, 0)) { /* authenticated, and in one batch or EXEC with a wrong one */
        rd_counter_add(&call->loop->counters.auth_refused, 1);
        rd_reply_fail(call->reply, "ERR a wrong password came just before, try again later");
        return false;
    }
    struct rd_user *user;
    if (!knows(call, name, password, &user)) {
        refuse(call, name);
        return false;
    }
    if (rd_conn_log_in(call->conn, user) != RD_OK) {
        if (user) rd_user_release(user);
        rd_reply_oom(call->reply);
        return false;
    }
    /* What it follows may be more than this user may read. */
    bool follows_all = user && call->conn->tracker && call->conn->tracker->broadcasts;
    if (follows_all && !(user->all_keys && user->all_databases)) rd_tracking_end(call->conn, call->in_exec);
    bool is_told = user || rd_setting(call->loop->settings, RD_SET_TELL_ADMIN_CALLS);
    if (is_told) rd_conn_tell(call->conn, RD_EVENT_LOGGED_IN, NULL, NULL);
    return true;
}

/* https://redis.io/docs/latest/commands/auth/ */
static void cmd_auth(struct rd_call *call) {
    if (call->argc > 3) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    struct rd_slice user = {"default", 7}, password = call->argv[call->argc - 1];
    if (call->argc == 3) user = call->argv[1];
    else if (!rd_setting(call->loop->settings, RD_SET_AUTH_REQUIRED)) {
        rd_reply_fail(call->reply, "ERR AUTH <password> called without any password configured for the default user. "
                                   "Are you sure your configuration is correct?");
        return;
    }
    if (authenticate(call, user, password)) rd_reply_ok(call->reply);
}

static void describe_server(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    rd_reply_map(reply, 7);
    rd_reply_text(reply, "server");
    rd_reply_text(reply, "redis");
    rd_reply_text(reply, "version");
    rd_reply_text(reply, RD_REDIS_VERSION);
    rd_reply_text(reply, "proto");
    rd_reply_integer(reply, call->conn->protocol);
    rd_reply_text(reply, "id");
    rd_reply_integer(reply, (int64_t)call->conn->id);
    rd_reply_text(reply, "mode");
    rd_reply_text(reply, call->loop->cluster ? "cluster" : "standalone");
    rd_reply_text(reply, "role");
    rd_reply_text(reply, "master");
    rd_reply_text(reply, "modules");
    rd_reply_array(reply, 0);
}

/* https://redis.io/docs/latest/commands/hello/ */
static void cmd_hello(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    int64_t version = call->conn->protocol;
    if (call->argc > 1) {
        if (!rd_parse_i64(call->argv[1].bytes, call->argv[1].length, &version)) {
            rd_reply_fail(reply, "ERR Protocol version is not an integer or out of range");
            return;
        }
        if (version != 2 && version != 3) {
            rd_reply_fail(reply, "NOPROTO unsupported protocol version");
            return;
        }
    }
    struct rd_slice user = {NULL, 0}, password = {NULL, 0}, name = {NULL, 0};
    for (uint32_t i = 2; i < call->argc; i++) {
        uint32_t left = call->argc - 1 - i;
        if (rd_slice_is(call->argv[i], "auth") && left >= 2) {
            user = call->argv[i + 1];
            password = call->argv[i + 2];
            i += 2;
        } else if (rd_slice_is(call->argv[i], "setname") && left >= 1) {
            name = call->argv[i + 1];
            if (!rd_client_name_is_valid(name)) {
                rd_reply_fail(reply, "ERR Client names cannot contain spaces, newlines or special characters.");
                return;
            }
            i += 1;
        } else {
            int shown = rd_reply_shown(call->argv[i]);
            rd_reply_format_error(reply, "ERR Syntax error in HELLO option '%.*s'", shown, call->argv[i].bytes);
            return;
        }
    }
    if (user.bytes && !authenticate(call, user, password)) return;
    if (rd_conn_is_stranger(call->conn)) {
        rd_reply_fail(reply, "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
                             "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the "
                             "RESP protocol version at the same time");
        return;
    }
    if (name.bytes && rd_client_set_name(call->conn, RD_CLIENT_NAME, name) != RD_OK) {
        rd_reply_oom(reply);
        return;
    }
    call->conn->protocol = reply->protocol = (uint8_t)version;
    describe_server(call);
}

const struct rd_command rd_conn_commands[] = {
    {"auth", -2, RD_CMD_OF_CONNECTION | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_ALLOW_BUSY | RD_CMD_SECRET | RD_CMD_SETTLES,
     0, 0, 0, cmd_auth,
     RD_DOCS("Authenticates the connection.", "1.0.0", "connection", "O(1)", .syntax = "[username@6.0.0] password",
             .history = "6.0.0 Added ACL style (username and password).")},
    {"echo", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, cmd_echo,
     RD_DOCS("Returns the given string.", "1.0.0", "connection", "O(1)", .syntax = "message")},
    {"hello", -1, RD_CMD_OF_CONNECTION | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_ALLOW_BUSY | RD_CMD_SECRET_AFTER_AUTH |
     RD_CMD_SETTLES, 0, 0, 0, cmd_hello,
     RD_DOCS("Handshakes with the Redis server.", "6.0.0", "connection", "O(1)",
             .syntax = "[arguments{protover:integer [AUTH auth{username password}] [SETNAME clientname]}]",
             .history = "6.2.0 `protover` made optional; when called without arguments the command reports the "
             "current connection's context.")},
    {"ping", -1, RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, cmd_ping,
     RD_DOCS("Returns the server's liveliness response.", "1.0.0", "connection", "O(1)", .syntax = "[message]",
             .tips = "request_policy:all_shards response_policy:all_succeeded")},
    {"quit", -1, RD_CMD_OF_CONNECTION | RD_CMD_FAST | RD_CMD_NO_AUTH | RD_CMD_ALLOW_BUSY | RD_CMD_AT_ONCE, 0, 0, 0, cmd_quit,
     RD_DOCS("Closes the connection.", "1.0.0", "connection", "O(1)", .syntax = "",
             .deprecated = "7.2.0 just closing the connection")},
    {"select", 2, RD_CMD_LOADING | RD_CMD_STALE | RD_CMD_FAST | RD_CMD_CONNECTION, 0, 0, 0, cmd_select,
     RD_DOCS("Changes the selected database.", "1.0.0", "connection", "O(1)", .databases_at = 1, .databases = 1,
             .syntax = "index:integer")},
    RD_END_OF_COMMANDS,
};
