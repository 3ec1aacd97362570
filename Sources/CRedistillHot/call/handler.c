/* This file owns what handlers of several families share. */
#include "call/handler.h"

#include "connection/login.h"
#include "connection/received.h"
#include "store/room.h"

enum rd_status rd_call_store_at(struct rd_call *call, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                                struct rd_found *found, uint32_t argument, int64_t expiry) {
    struct rd_new_value new = {.value = call->argv[argument], .expiry = expiry};
    if (__builtin_expect(call->received != NULL, 0)) new.blob = rd_received_take(call->received, argument);
    if (!new.blob) return rd_shard_put(shard, hash, key, found, &new);
    enum rd_status status = rd_room_for_received(shard, new.blob, found->entry ? found : NULL);
    if (status == RD_OK) status = rd_shard_put(shard, hash, key, found, &new);
    if (status != RD_OK) rd_room_refused(shard->store, new.blob);
    return status;
}

enum rd_status rd_call_store(struct rd_call *call, struct rd_found *found, uint32_t argument, int64_t expiry) {
    return rd_call_store_at(call, call->shard, call->hash, rd_call_key(call), found, argument, expiry);
}

/* A new key with a value of zeroes, in one piece so that a large one is as large as asked for, not larger. */
static enum rd_status create_zeroed(struct rd_call *call, struct rd_found *found, uint64_t length) {
    char zeroes[RD_ENTRY_MAX] = {0};
    struct rd_new_value new = {.value = {zeroes, length}};
    if (length > sizeof zeroes) {
        if (rd_room_for_blob(call->shard, length, NULL) != RD_OK) return RD_ERR_NO_MEMORY;
        new.blob = rd_blob_new(&call->store->blobs, length, 0);
        if (!new.blob) return RD_ERR_NO_MEMORY;
        memset(new.blob->bytes, 0, length);
        new.blob->length = length;
        new.value = (struct rd_slice){NULL, 0};
    }
    enum rd_status status = rd_shard_put(call->shard, call->hash, rd_call_key(call), found, &new);
    if (status != RD_OK && new.blob) rd_blob_release(new.blob);
    return status;
}

enum rd_status rd_call_resize(struct rd_call *call, struct rd_found *found, uint64_t length, char **bytes) {
    enum rd_status status;
    if (found->entry) {
        status = rd_shard_resize(call->shard, call->hash, found, length, bytes);
    } else {
        status = create_zeroed(call, found, length);
        if (status == RD_OK) *bytes = (char *)rd_entry_value(found->entry).bytes;
    }
    if (status == RD_OK) found->entry->flags |= RD_RAW;
    return status;
}

bool rd_call_integer(struct rd_call *call, struct rd_slice argument, int64_t *value) {
    if (rd_parse_i64(argument.bytes, argument.length, value)) return true;
    rd_reply_not_an_integer(call->reply);
    return false;
}

bool rd_call_int32(struct rd_call *call, struct rd_slice argument, int64_t *value) {
    if (!rd_call_integer(call, argument, value)) return false;
    if (*value >= INT32_MIN && *value <= INT32_MAX) return true;
    rd_reply_fail(call->reply, "ERR value is out of range, value must between -2147483648 and 2147483647");
    return false;
}

bool rd_call_timeout(struct rd_call *call, struct rd_slice argument, int64_t *ms) {
    if (!rd_parse_i64(argument.bytes, argument.length, ms)) {
        rd_reply_fail(call->reply, "ERR timeout is not an integer or out of range");
    } else if (*ms < 0) {
        rd_reply_fail(call->reply, "ERR timeout is negative");
    } else if (*ms > INT64_MAX - call->now) {
        rd_reply_fail(call->reply, "ERR timeout is out of range");
    } else {
        return true;
    }
    return false;
}

bool rd_call_database(struct rd_call *call, struct rd_slice argument, int64_t *database) {
    if (!rd_call_int32(call, argument, database)) return false;
    if (*database >= 0 && *database < call->store->databases.count) return true;
    rd_reply_fail(call->reply, "ERR DB index is out of range");
    return false;
}

void rd_reply_lines(struct rd_reply *reply, const char *const *lines, size_t count) {
    rd_reply_array(reply, count);
    for (size_t i = 0; i < count; i++) rd_reply_simple(reply, lines[i], strlen(lines[i]));
}

bool rd_call_expiry(struct rd_call *call, struct rd_slice argument, enum rd_time_unit unit, bool absolute,
                    bool must_be_positive, int64_t *expiry) {
    int64_t value;
    if (!rd_call_integer(call, argument, &value)) return false;
    bool valid = !must_be_positive || value > 0;
    if (unit == RD_SECONDS) valid = valid && !__builtin_mul_overflow(value, 1000, &value);
    if (!absolute) valid = valid && !__builtin_add_overflow(value, call->now, &value);
    if (!valid) {
        rd_reply_format_error(call->reply, "ERR invalid expire time in '%s' command", call->command->name);
        return false;
    }
    *expiry = value;
    return true;
}

void rd_reply_refuse_subcommand(struct rd_reply *reply, const struct rd_command *command, struct rd_slice name,
                                const char *complaint) {
    char container[32];
    size_t length = strcspn(command->name, "|");
    if (length > sizeof container) length = sizeof container;
    for (size_t i = 0; i < length; i++) container[i] = (char)(command->name[i] - 32);
    int shown = rd_reply_shown(name);
    rd_reply_format_error(reply, "%s '%.*s'. Try %.*s HELP.", complaint, shown, name.bytes, (int)length, container);
}

void rd_call_refuse_subcommand(struct rd_call *call) {
    rd_reply_refuse_subcommand(call->reply, call->command, call->argv[1],
                               "ERR unknown subcommand or wrong number of arguments for");
}

void rd_call_tell(const struct rd_call *call, enum rd_event_kind kind) {
    rd_conn_tell(call->conn, kind, NULL, call->command->name);
}

struct rd_peer rd_call_peer(const struct rd_call *call, char *address) {
    const struct rd_conn *conn = call->conn;
    rd_conn_peer(conn, address, RD_ADDRESS_SIZE);
    return (struct rd_peer){conn->id, address, conn->tls != NULL, conn->authenticated, rd_conn_user_name(conn)};
}
