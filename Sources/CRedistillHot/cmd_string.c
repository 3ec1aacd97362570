/* This file owns the string commands: GET, SET, MGET, MSET, APPEND, STRLEN. */
#include "cmd.h"
#include "evict.h"
#include "multi.h"

/* https://redis.io/docs/latest/commands/get/ */
void rd_cmd_get(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    if (found.entry) rd_reply_value(call->reply, found.entry);
    else rd_reply_null(call->reply);
}

/* https://redis.io/docs/latest/commands/strlen/ */
void rd_cmd_strlen(struct rd_call *call) {
    struct rd_found found = rd_call_read(call);
    rd_reply_integer(call->reply, found.entry ? (int64_t)rd_entry_value(found.entry).length : 0);
}

enum set_condition {
    SET_ALWAYS,
    SET_IF_ABSENT,
    SET_IF_PRESENT,
};

struct set_options {
    enum set_condition condition;
    bool get, keep_ttl;
    struct rd_slice expire; /* its argument; bytes NULL when there is none */
    enum rd_time_unit unit;
    bool absolute;
};

/* Options in any order; false when they contradict each other or are unknown. */
static bool parse_set_options(const struct rd_call *call, struct set_options *options) {
    for (uint32_t i = 3; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        bool has_value = i + 1 < call->argc;
        if (rd_slice_is(word, "nx") && options->condition != SET_IF_PRESENT) {
            options->condition = SET_IF_ABSENT;
        } else if (rd_slice_is(word, "xx") && options->condition != SET_IF_ABSENT) {
            options->condition = SET_IF_PRESENT;
        } else if (rd_slice_is(word, "get")) {
            options->get = true;
        } else if (rd_slice_is(word, "keepttl") && !options->expire.bytes) {
            options->keep_ttl = true;
        } else if (has_value && !options->expire.bytes && !options->keep_ttl &&
                   (rd_slice_is(word, "ex") || rd_slice_is(word, "px") || rd_slice_is(word, "exat") ||
                    rd_slice_is(word, "pxat"))) {
            options->unit = (word.bytes[0] | 0x20) == 'e' ? RD_SECONDS : RD_MILLISECONDS;
            options->absolute = word.length == 4;
            options->expire = call->argv[++i];
        } else {
            return false;
        }
    }
    return true;
}

/* Stores key = value. A large value that was received into a blob is taken over, not copied. With the lock held. */
static enum rd_status store_value(struct rd_call *call, struct rd_shard *shard, uint64_t hash, struct rd_slice key,
                                  struct rd_found *found, const struct rd_new_value *wanted) {
    struct rd_new_value new = *wanted;
    new.blob = rd_call_take_blob(call, new.value);
    if (!new.blob) return rd_shard_put(shard, hash, key, found, &new);
    enum rd_status status = rd_evict_for_received(shard, new.blob, found->entry ? found : NULL);
    if (status == RD_OK) status = rd_shard_put(shard, hash, key, found, &new);
    if (status != RD_OK) rd_blob_release(new.blob);
    return status;
}

/* The same for the call's own key and argv[2]. */
static enum rd_status store_argument(struct rd_call *call, struct rd_found *found, int64_t expiry) {
    struct rd_new_value new = {.value = call->argv[2], .expiry = expiry};
    return store_value(call, call->shard, call->hash, rd_call_key(call), found, &new);
}

static void set_with_options(struct rd_call *call) {
    struct rd_reply *reply = call->reply;
    struct set_options options = {0};
    if (!parse_set_options(call, &options)) {
        rd_reply_syntax_error(reply);
        return;
    }
    int64_t expiry = 0;
    if (options.expire.bytes && !rd_call_expiry(call, options.expire, options.unit, options.absolute, true, &expiry)) {
        return;
    }
    struct rd_found found = options.get ? rd_call_read(call) : rd_call_write(call);
    size_t length_before = reply->length;
    uint32_t blobs_before = reply->blob_count;
    if (options.get) {
        if (found.entry) rd_reply_value(reply, found.entry);
        else rd_reply_null(reply);
    }
    if ((options.condition == SET_IF_ABSENT && found.entry) || (options.condition == SET_IF_PRESENT && !found.entry)) {
        if (!options.get) rd_reply_null(reply);
        return;
    }
    if (options.keep_ttl && found.entry) expiry = rd_entry_expiry(found.entry);
    if (store_argument(call, &found, expiry) != RD_OK) {
        rd_reply_truncate(reply, length_before, blobs_before);
        rd_reply_oom(reply);
        return;
    }
    /* EXAT and PXAT may name a time that is past: the key is then gone at once. */
    if (expiry && expiry <= call->now) {
        found = rd_call_write(call);
    }
    if (!options.get) rd_reply_ok(reply);
}

/* https://redis.io/docs/latest/commands/set/ */
void rd_cmd_set(struct rd_call *call) {
    if (call->argc > 3) {
        set_with_options(call);
        return;
    }
    struct rd_found found = rd_call_write(call);
    if (store_argument(call, &found, 0) != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}

/* https://redis.io/docs/latest/commands/append/ */
void rd_cmd_append(struct rd_call *call) {
    struct rd_slice added = call->argv[2];
    struct rd_found found = rd_call_write(call);
    uint64_t length = added.length;
    enum rd_status status;
    if (!found.entry) {
        status = store_argument(call, &found, 0);
    } else {
        uint64_t old_length = rd_entry_value(found.entry).length;
        length += old_length;
        if (length > (uint64_t)rd_setting(call->worker->server, RD_SET_MAX_BULK_LENGTH)) {
            rd_reply_fail(call->reply, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
            return;
        }
        char *bytes;
        status = added.length ? rd_shard_resize(call->shard, call->hash, &found, length, &bytes) : RD_OK;
        if (status == RD_OK && added.length) memcpy(bytes + old_length, added.bytes, added.length);
    }
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, (int64_t)length);
}

/* https://redis.io/docs/latest/commands/mget/ */
void rd_cmd_mget(struct rd_call *call) {
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    rd_reply_array(call->reply, multi.count);
    uint64_t hits = 0;
    for (uint32_t i = 0; i < multi.count; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], call->argv[1 + i], call->now);
        if (found.entry) {
            hits++;
            rd_entry_touch(found.entry);
            rd_reply_value(call->reply, found.entry);
        } else {
            rd_reply_null(call->reply);
        }
    }
    rd_counter_add(&call->worker->counters.hits, hits);
    rd_counter_add(&call->worker->counters.misses, multi.count - hits);
    rd_multi_end(&multi);
}

/* https://redis.io/docs/latest/commands/mset/ */
void rd_cmd_mset(struct rd_call *call) {
    if (call->argc % 2 == 0) {
        rd_reply_fail(call->reply, "ERR wrong number of arguments for 'mset' command");
        return;
    }
    /* The keys end one before the last argument, which multi counts from the command's last_key. */
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    enum rd_status status = RD_OK;
    for (uint32_t i = 0; i < multi.count && status == RD_OK; i++) {
        struct rd_slice key = call->argv[1 + 2 * i], value = call->argv[2 + 2 * i];
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], key, call->now);
        struct rd_new_value new = {.value = value};
        status = store_value(call, shard, multi.hashes[i], key, &found, &new);
    }
    rd_multi_end(&multi);
    if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_ok(call->reply);
}
