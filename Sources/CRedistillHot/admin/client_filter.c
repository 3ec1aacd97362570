/* This file owns the options that choose clients. */
#include "admin/client_filter.h"

#include <stdlib.h>

#include "call/handler.h"
#include "connection/login.h"

static bool parse_type(struct rd_client_filter *filter, struct rd_call *call, struct rd_slice type) {
    if (rd_slice_is(type, "normal")) return true;
    filter->none = true; /* there are no masters, replicas and subscribers here */
    if (rd_slice_is(type, "master") || rd_slice_is(type, "replica") || rd_slice_is(type, "slave") ||
        rd_slice_is(type, "pubsub")) {
        return true;
    }
    int shown = rd_reply_shown(type);
    rd_reply_format_error(call->reply, "ERR Unknown client type '%.*s'", shown, type.bytes);
    return false;
}

static int compare(const void *a, const void *b) {
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return first < second ? -1 : first > second;
}

/* As many as follow; *count says how many arguments those are. */
static bool parse_ids(struct rd_client_filter *filter, struct rd_call *call, uint32_t first, uint32_t *count) {
    rd_client_filter_free(filter); /* the last ID option holds */
    filter->ids = malloc((call->argc - first) * sizeof *filter->ids);
    if (!filter->ids) {
        rd_reply_oom(call->reply);
        return false;
    }
    bool is_list = rd_slice_is(call->argv[1], "list");
    for (*count = 0; first + *count < call->argc; ++*count) {
        int64_t id;
        struct rd_slice text = call->argv[first + *count];
        bool is_number = rd_parse_i64(text.bytes, text.length, &id);
        if (!is_number && *count > 0 && !is_list) break; /* the next option */
        if (is_list && !is_number) {
            rd_reply_fail(call->reply, "ERR Invalid client ID");
            return false;
        }
        if (!is_list && (!is_number || id <= 0)) {
            rd_reply_fail(call->reply, "ERR client-id should be greater than 0");
            return false;
        }
        filter->ids[filter->id_count++] = id > 0 ? (uint64_t)id : 0; /* no client has 0 */
    }
    /* Once, so that each client is a search of a few steps. */
    qsort(filter->ids, filter->id_count, sizeof *filter->ids, compare);
    return true;
}

void rd_client_filter_free(struct rd_client_filter *filter) {
    free(filter->ids);
    filter->ids = NULL;
    filter->id_count = 0;
}

static bool parse_user(struct rd_client_filter *filter, struct rd_call *call, struct rd_slice user) {
    filter->user = user;
    if (rd_slice_is_default_user(user)) return true;
    struct rd_user *known = rd_users_find(&call->loop->shared->users, user);
    if (known) {
        rd_user_release(known);
        return true;
    }
    int shown = rd_reply_shown(user);
    rd_reply_format_error(call->reply, "ERR No such user '%.*s'", shown, user.bytes);
    return false;
}

static bool parse_age(struct rd_client_filter *filter, struct rd_call *call, struct rd_slice age) {
    if (!rd_parse_i64(age.bytes, age.length, &filter->least_age_s)) {
        rd_reply_fail(call->reply, "ERR maxage is not an integer or out of range");
        return false;
    }
    if (filter->least_age_s > 0) return true;
    rd_reply_fail(call->reply, "ERR maxage should be greater than 0");
    return false;
}

bool rd_client_filter_parse(struct rd_client_filter *filter, struct rd_call *call, uint32_t first) {
    for (uint32_t i = first; i < call->argc; i += 2) {
        struct rd_slice option = call->argv[i];
        struct rd_slice value = i + 1 < call->argc ? call->argv[i + 1] : (struct rd_slice){NULL, 0};
        bool fine = true;
        if (!value.bytes) {
            rd_reply_syntax_error(call->reply);
            return false;
        }
        if (rd_slice_is(option, "id")) {
            uint32_t count;
            fine = parse_ids(filter, call, i + 1, &count);
            if (fine) i += count - 1;
        } else if (rd_slice_is(option, "type")) fine = parse_type(filter, call, value);
        else if (rd_slice_is(option, "addr")) filter->address = value;
        else if (rd_slice_is(option, "laddr")) filter->local = value;
        else if (rd_slice_is(option, "user")) fine = parse_user(filter, call, value);
        else if (rd_slice_is(option, "maxage")) fine = parse_age(filter, call, value);
        else if (rd_slice_is(option, "skipme") && rd_slice_is(value, "yes")) filter->skip_caller = true;
        else if (rd_slice_is(option, "skipme") && rd_slice_is(value, "no")) filter->skip_caller = false;
        else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
        if (!fine) return false;
    }
    return true;
}

static bool has_id(const struct rd_client_filter *filter, uint64_t wanted) {
    return filter->id_count == 0 || bsearch(&wanted, filter->ids, filter->id_count, sizeof wanted, compare) != NULL;
}

static bool equals(struct rd_slice wanted, const char *text) {
    return strlen(text) == wanted.length && memcmp(text, wanted.bytes, wanted.length) == 0;
}

bool rd_client_filter_passes(const struct rd_client_filter *filter, const struct rd_conn *conn, int64_t now_ms) {
    char text[RD_ADDRESS_SIZE];
    if (filter->none || !has_id(filter, conn->id)) return false;
    if (filter->least_age_s > 0 && (now_ms - conn->created_ms) / 1000 < filter->least_age_s) return false;
    if (filter->user.bytes && !equals(filter->user, rd_conn_user_name(conn))) return false;
    if (filter->address.bytes) {
        rd_conn_peer(conn, text, sizeof text);
        if (!equals(filter->address, text)) return false;
    }
    if (filter->local.bytes) {
        rd_conn_local(conn, text, sizeof text);
        if (!equals(filter->local, text)) return false;
    }
    return true;
}
