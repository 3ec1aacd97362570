/* This file owns DUMP and RESTORE, by which keys move from and to other servers. */
#include "call/handler.h"
#include "command/payload.h"
#include "resp/rdb.h"
#include "store/room.h"

/* Written where it is sent from: a copy of the largest values is too much to have twice. */
static void reply_payload(struct rd_reply *reply, struct rd_slice value) {
    size_t front = RD_I64_DIGITS + 3;
    char *at = rd_reply_room(reply, front + value.length + RD_RDB_OVERHEAD + 2);
    if (!at) return;
    size_t length = rd_rdb_write(value, at + front);
    *at = '$';
    char *end = rd_format_u64(at + 1, length);
    memcpy(end, "\r\n", 2);
    memmove(end + 2, at + front, length);
    end += 2 + length;
    memcpy(end, "\r\n", 2);
    reply->length += (size_t)(end + 2 - at);
}

/* The largest are not even copied: the payload's ends stand around the value itself. */
static void reply_framed(struct rd_reply *reply, struct rd_blob *blob) {
    struct rd_rdb_frame frame;
    rd_rdb_frame((struct rd_slice){blob->bytes, blob->length}, &frame);
    rd_reply_header(reply, '$', (int64_t)(frame.head_length + blob->length + sizeof frame.tail));
    rd_reply_raw(reply, frame.head, frame.head_length);
    rd_reply_reference(reply, blob, 0, blob->length);
    rd_reply_raw(reply, frame.tail, sizeof frame.tail);
    rd_reply_literal(reply, "\r\n");
}

/* https://redis.io/docs/latest/commands/dump/ */
static void cmd_dump(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (!found.entry) {
        rd_reply_null(call->reply);
        return;
    }
    if (rd_entry_is_shaped(found.entry)) {
        rd_payload_reply(call, &found);
        return;
    }
    struct rd_blob *held;
    struct rd_slice value = rd_call_hold(call, found.entry, &held); /* the checksum, and packing, take long */
    if (held && held->length >= RD_RDB_FRAMED_FROM) reply_framed(call->reply, held);
    else reply_payload(call->reply, value);
    rd_call_let_go(call, held);
}

struct restore_options {
    bool replace, absolute;
    bool idle;         /* IDLETIME was given: no time is kept with an entry */
    bool has_frequency;
    uint8_t frequency; /* 0 to 255 as in Redis */
};

static bool parse_options(struct rd_call *call, struct restore_options *options) {
    for (uint32_t i = 4; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        bool has_value = i + 1 < call->argc;
        int64_t value;
        if (rd_slice_is(word, "replace")) {
            options->replace = true;
        } else if (rd_slice_is(word, "absttl")) {
            options->absolute = true;
        } else if (rd_slice_is(word, "idletime") && has_value && !options->has_frequency) {
            if (!rd_call_integer(call, call->argv[++i], &value)) return false;
            if (value < 0) {
                rd_reply_fail(call->reply, "ERR Invalid IDLETIME value, must be >= 0");
                return false;
            }
            options->idle = true;
        } else if (rd_slice_is(word, "freq") && has_value && !options->idle) {
            if (!rd_call_integer(call, call->argv[++i], &value)) return false;
            if (value < 0 || value > 255) {
                rd_reply_fail(call->reply, "ERR Invalid FREQ value, must be >= 0 and <= 255");
                return false;
            }
            options->has_frequency = true;
            options->frequency = (uint8_t)value;
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}

/* The unpacked string as a blob, owned by the caller; NULL with *status set when that fails. */
static struct rd_blob *unpack(struct rd_call *call, const struct rd_rdb_string *string, enum rd_status *status) {
    *status = RD_ERR_INVALID;
    if (!rd_rdb_may_unpack(string, rd_call_value_limit(call))) return NULL;
    *status = rd_room_for_blob(call->shard, string->length, NULL);
    if (*status != RD_OK) return NULL;
    struct rd_blob *blob = rd_blob_new(&call->store->blobs, string->length, 0);
    if (!blob) {
        *status = RD_ERR_NO_MEMORY;
        return NULL;
    }
    *status = rd_rdb_unpack(string, blob->bytes);
    blob->length = string->length;
    if (*status == RD_OK) return blob;
    rd_blob_release(blob);
    return NULL;
}

/* Redis's scale goes on where ours ends: there it takes a million hits, here some hundred. */
static void keep_frequency(struct rd_call *call, struct rd_entry *entry, const struct restore_options *options) {
    if (!options->has_frequency || !rd_store_policy(call->store)->counts_use) return;
    entry->age = options->frequency < RD_FREQUENCY_MOST ? options->frequency : RD_FREQUENCY_MOST;
    entry->flags &= (uint8_t)~RD_HIT_MASK;
}

static enum rd_status store_string(struct rd_call *call, struct rd_slice payload, int64_t expiry, struct rd_found *found) {
    struct rd_rdb_string string;
    enum rd_status status = rd_rdb_read(payload, &string);
    if (status != RD_OK) return status;
    struct rd_new_value new = {.value = string.bytes, .expiry = expiry};
    struct rd_blob *blob = NULL;
    if (string.compressed) {
        blob = unpack(call, &string, &status);
        if (!blob) return status;
        new.value = (struct rd_slice){blob->bytes, blob->length};
        if (blob->length > RD_DIRECT_BULK) new.blob = blob;
    }
    /* Looked for only now: making room may have moved it. */
    *found = rd_call_write(call);
    if (expiry && expiry <= call->now) {
        if (found->entry) rd_shard_remove(call->shard, *found);
        found->entry = NULL;
        if (blob) rd_blob_release(blob);
        rd_counter_add(&call->shard->expired, 1); /* as in Redis, though it was never there */
        return RD_OK;
    }
    status = rd_shard_put(call->shard, call->hash, rd_call_key(call), found, &new);
    if (blob && (status != RD_OK || !new.blob)) rd_blob_release(blob);
    return status;
}

static enum rd_status store(struct rd_call *call, const struct restore_options *options, int64_t expiry) {
    struct rd_slice payload = call->argv[3];
    struct rd_found found;
    enum rd_status status = rd_rdb_is_string(payload) ? store_string(call, payload, expiry, &found)
                                                      : rd_payload_restore(call, payload, options->replace, expiry, &found);
    if (status == RD_OK && found.entry) keep_frequency(call, found.entry, options);
    return status;
}

static void reply_busy_key(struct rd_reply *reply) {
    rd_reply_fail(reply, "BUSYKEY Target key name already exists.");
}

/* https://redis.io/docs/latest/commands/restore/ */
static void cmd_restore(struct rd_call *call) {
    struct restore_options options = {0};
    if (!parse_options(call, &options)) return;
    if (!options.replace && rd_call_write(call).entry) {
        reply_busy_key(call->reply);
        return;
    }
    int64_t expiry;
    if (!rd_call_integer(call, call->argv[2], &expiry)) return;
    if (expiry < 0) {
        rd_reply_fail(call->reply, "ERR Invalid TTL value, must be >= 0");
        return;
    }
    if (!rd_rdb_is_sound(call->argv[3])) {
        rd_reply_fail(call->reply, "ERR DUMP payload version or checksum are wrong");
        return;
    }
    if (expiry && !options.absolute && __builtin_add_overflow(expiry, call->now, &expiry)) expiry = INT64_MAX;
    switch (store(call, &options, expiry)) {
    case RD_OK: rd_reply_ok(call->reply); break;
    case RD_ERR_INVALID: rd_reply_fail(call->reply, "ERR Bad data format"); break;
    case RD_ERR_STATE: reply_busy_key(call->reply); break;
    default: rd_reply_oom(call->reply); break;
    }
}

const struct rd_command rd_dump_commands[] = {
    {"dump", 2, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_KEYSPACE, 1, 1, 1, cmd_dump,
     RD_DOCS("Returns a serialized representation of the value stored at a key.", "2.6.0", "generic",
             "O(N) where N is the length of the value.", .syntax = "key", .tips = "nondeterministic_output")},
    {"restore", -4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_KEYSPACE | RD_CMD_DANGEROUS, 1, 1, 1,
     cmd_restore,
     RD_DOCS("Creates a key from the serialized representation of a value.", "2.6.0", "generic",
             "O(N) where N is the length of the value.", .access = "OW update",
             .syntax = "key ttl:integer serialized-value [REPLACE@3.0.0] [ABSTTL@5.0.0] "
             "[IDLETIME seconds:integer@5.0.0] [FREQ frequency:integer@5.0.0]",
             .history = "3.0.0 Added the `REPLACE` modifier.\n"
             "5.0.0 Added the `ABSTTL` modifier.\n"
             "5.0.0 Added the `IDLETIME` and `FREQ` options.")},
    RD_END_OF_COMMANDS,
};
