/* This file owns the CLIENT command. */
#include "cmd_client.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"

bool rd_client_name_is_valid(struct rd_slice name) {
    for (size_t i = 0; i < name.length; i++) {
        if (name.bytes[i] < '!' || name.bytes[i] > '~') return false;
    }
    return true;
}

static char **field_of(struct rd_client_info *info, enum rd_client_field field) {
    switch (field) {
    case RD_CLIENT_NAME: return &info->name;
    case RD_CLIENT_LIBRARY: return &info->library;
    case RD_CLIENT_LIBRARY_VERSION: return &info->library_version;
    }
    return NULL;
}

enum rd_status rd_client_set_name(struct rd_conn *conn, enum rd_client_field field, struct rd_slice text) {
    char *copy = text.length ? strndup(text.bytes, text.length) : NULL;
    struct rd_client_info *info = conn->info ? conn->info : calloc(1, sizeof *info);
    if ((text.length && !copy) || !info) {
        free(copy);
        if (info != conn->info) free(info);
        return RD_ERR_NO_MEMORY;
    }
    rd_lock_acquire(&conn->worker->connections_lock);
    conn->info = info;
    char **place = field_of(info, field);
    char *old = *place;
    *place = copy;
    rd_lock_release(&conn->worker->connections_lock);
    free(old);
    return RD_OK;
}

/* https://redis.io/docs/latest/commands/client-id/ */
void rd_cmd_client_id(struct rd_call *call) {
    rd_reply_integer(call->reply, (int64_t)call->conn->id);
}

/* https://redis.io/docs/latest/commands/client-getname/ */
void rd_cmd_client_getname(struct rd_call *call) {
    const struct rd_client_info *info = call->conn->info;
    if (info && info->name) rd_reply_text(call->reply, info->name);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/client-setname/ */
void rd_cmd_client_setname(struct rd_call *call) {
    struct rd_slice name = call->argv[2];
    if (!rd_client_name_is_valid(name)) {
        rd_reply_fail(call->reply, "ERR Client names cannot contain spaces, newlines or special characters.");
    } else if (rd_client_set_name(call->conn, RD_CLIENT_NAME, name) != RD_OK) {
        rd_reply_oom(call->reply);
    } else {
        rd_reply_ok(call->reply);
    }
}

/* https://redis.io/docs/latest/commands/client-setinfo/ */
void rd_cmd_client_setinfo(struct rd_call *call) {
    struct rd_slice option = call->argv[2], value = call->argv[3];
    enum rd_client_field field;
    if (rd_slice_is(option, "lib-name")) field = RD_CLIENT_LIBRARY;
    else if (rd_slice_is(option, "lib-ver")) field = RD_CLIENT_LIBRARY_VERSION;
    else {
        int shown = option.length < 128 ? (int)option.length : 128;
        rd_reply_format_error(call->reply, "ERR Unrecognized option '%.*s'", shown, option.bytes);
        return;
    }
    if (!rd_client_name_is_valid(value)) {
        rd_reply_format_error(call->reply, "ERR %s cannot contain spaces, newlines or special characters.",
                              field == RD_CLIENT_LIBRARY ? "lib-name" : "lib-ver");
    } else if (rd_client_set_name(call->conn, field, value) != RD_OK) {
        rd_reply_oom(call->reply);
    } else {
        rd_reply_ok(call->reply);
    }
}

/* One line of CLIENT LIST. With the connections lock of the connection's worker held. */
static void describe(struct rd_reply *text, const struct rd_conn *conn, uint32_t now_s) {
    char peer[128], local[128], line[640];
    rd_conn_peer(conn, peer, sizeof peer);
    rd_conn_local(conn, local, sizeof local);
    const struct rd_client_info *info = conn->info;
    const struct rd_command *last = atomic_load_explicit(&conn->last_command, memory_order_relaxed);
    uint32_t active = atomic_load_explicit(&conn->active_s, memory_order_relaxed);
    int length = snprintf(line, sizeof line,
                          "id=%llu addr=%s laddr=%s fd=%d name=%s age=%u idle=%u flags=%s db=0 sub=0 psub=0 ssub=0 "
                          "multi=-1 watch=0 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 "
                          "tot-mem=%zu events=r cmd=%s user=default redir=-1 resp=%d lib-name=%s lib-ver=%s\n",
                          (unsigned long long)conn->id, peer, local, conn->fd, info && info->name ? info->name : "",
                          now_s - conn->created_s, now_s > active ? now_s - active : 0, conn->unix_socket ? "U" : "N",
                          sizeof *conn, last ? last->full_name : "NULL",
                          atomic_load_explicit(&conn->protocol, memory_order_relaxed),
                          info && info->library ? info->library : "",
                          info && info->library_version ? info->library_version : "");
    if (length < 0) return;
    rd_reply_raw(text, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

static uint32_t now_s(const struct rd_call *call) {
    return (uint32_t)((call->worker->monotonic_ms - call->worker->server->start_ms) / 1000);
}

/* https://redis.io/docs/latest/commands/client-info/ */
void rd_cmd_client_info(struct rd_call *call) {
    struct rd_reply text = {0};
    rd_lock_acquire(&call->worker->connections_lock);
    describe(&text, call->conn, now_s(call));
    rd_lock_release(&call->worker->connections_lock);
    rd_reply_verbatim(call->reply, text.bytes, text.length);
    rd_reply_free(&text);
}

struct list_filter {
    bool none;                    /* of a type that nobody here is */
    const struct rd_slice *ids;   /* NULL: all */
    uint32_t id_count;
};

static bool parse_list_filter(struct rd_call *call, struct list_filter *filter) {
    if (call->argc == 2) return true;
    if (rd_slice_is(call->argv[2], "type") && call->argc == 4) {
        struct rd_slice type = call->argv[3];
        bool normal = rd_slice_is(type, "normal");
        filter->none = !normal;
        if (normal || rd_slice_is(type, "master") || rd_slice_is(type, "replica") || rd_slice_is(type, "slave") ||
            rd_slice_is(type, "pubsub")) {
            return true;
        }
        int shown = type.length < 128 ? (int)type.length : 128;
        rd_reply_format_error(call->reply, "ERR Unknown client type '%.*s'", shown, type.bytes);
        return false;
    }
    if (rd_slice_is(call->argv[2], "id") && call->argc > 3) {
        filter->ids = call->argv + 3;
        filter->id_count = call->argc - 3;
        for (uint32_t i = 0; i < filter->id_count; i++) {
            int64_t id;
            if (rd_parse_i64(filter->ids[i].bytes, filter->ids[i].length, &id) && id > 0) continue;
            rd_reply_fail(call->reply, "ERR Invalid client ID");
            return false;
        }
        return true;
    }
    rd_reply_syntax_error(call->reply);
    return false;
}

static bool passes(const struct list_filter *filter, const struct rd_conn *conn) {
    if (!filter->ids) return !filter->none;
    for (uint32_t i = 0; i < filter->id_count; i++) {
        uint64_t id;
        if (rd_parse_u64(filter->ids[i].bytes, filter->ids[i].length, &id) && id == conn->id) return true;
    }
    return false;
}

/* https://redis.io/docs/latest/commands/client-list/ */
void rd_cmd_client_list(struct rd_call *call) {
    struct list_filter filter = {0};
    if (!parse_list_filter(call, &filter)) return;
    struct rd_reply text = {0};
    struct rd_server *server = call->worker->server;
    for (uint32_t i = 0; i < server->worker_count; i++) {
        struct rd_worker *worker = &server->workers[i];
        rd_lock_acquire(&worker->connections_lock);
        for (const struct rd_conn *conn = worker->connections; conn; conn = conn->next) {
            if (passes(&filter, conn)) describe(&text, conn, now_s(call));
        }
        rd_lock_release(&worker->connections_lock);
    }
    if (text.failed) rd_reply_oom(call->reply);
    else rd_reply_verbatim(call->reply, text.length ? text.bytes : "", text.length);
    rd_reply_free(&text);
}

/* https://redis.io/docs/latest/commands/client-help/ */
void rd_cmd_client_help(struct rd_call *call) {
    static const char *const lines[] = {
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GETNAME",
        "    Return the name of the current connection.",
        "ID",
        "    Return the ID of the current connection.",
        "INFO",
        "    Return information about the current client connection.",
        "LIST [options ...]",
        "    Return information about client connections. Options:",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "      Return clients of specified type.",
        "    * ID <client-id> [<client-id> ...]",
        "      Return clients of specified IDs only.",
        "SETNAME <name>",
        "    Assign the name <name> to the current connection.",
        "SETINFO <option> <value>",
        "    Set client meta attr. Options are:",
        "    * LIB-NAME: the client lib name.",
        "    * LIB-VER: the client lib version.",
        "HELP",
        "    Print this help.",
    };
    rd_reply_lines(call->reply, lines, sizeof lines / sizeof lines[0]);
}
