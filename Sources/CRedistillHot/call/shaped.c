/* This file owns how handlers open values with a shape, and reply their parts. */
#include "call/shaped.h"

#include "call/limits.h"

bool rd_call_open_at(struct rd_call *call, struct rd_shape *shape, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                     struct rd_found found, enum rd_type_of_value type) {
    struct rd_shape_limits limits = rd_shape_limits_of(call->loop->settings, type);
    if (rd_shape_open(shape, shard, hash, key, found, type, limits, &call->loop->shape_scratch)) return true;
    rd_reply_wrong_type(call->reply);
    return false;
}

bool rd_call_open_to_read(struct rd_call *call, struct rd_shape *shape, enum rd_type_of_value type) {
    struct rd_found found = rd_call_read(call);
    return rd_call_open_at(call, shape, call->shard, call->hash, rd_call_key(call), found, type);
}

bool rd_call_open_to_write(struct rd_call *call, struct rd_shape *shape, enum rd_type_of_value type) {
    struct rd_found found = rd_call_write(call);
    return rd_call_open_at(call, shape, call->shard, call->hash, rd_call_key(call), found, type);
}

bool rd_call_admit(struct rd_call *call, struct rd_shape *shape, uint32_t first) {
    uint64_t bytes = 0;
    for (uint32_t i = first; i < call->argc; i++) bytes += call->argv[i].length + 1;
    if (rd_shape_admit(shape, bytes) == RD_OK) return true;
    rd_reply_oom(call->reply);
    return false;
}

bool rd_call_close(struct rd_call *call, struct rd_shape *shape) {
    if (rd_shape_close(shape) == RD_OK) return true;
    rd_reply_oom(call->reply);
    return false;
}

void rd_call_close_from(struct rd_call *call, struct rd_shape *shape, struct rd_reply_mark mark) {
    if (rd_shape_close(shape) != RD_OK) rd_reply_oom_from(call->reply, mark);
}

bool rd_call_open_anew(struct rd_call *call, struct rd_shape *shape, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                       enum rd_type_of_value type, uint64_t bytes) {
    if (!rd_call_open_at(call, shape, shard, hash, key, (struct rd_found){0}, type)) return false;
    if (bytes == 0 || rd_shape_admit(shape, bytes) == RD_OK) return true;
    rd_reply_oom(call->reply);
    return false;
}

bool rd_call_close_over(struct rd_call *call, struct rd_shape *shape) {
    shape->found = rd_shard_find(shape->shard, shape->hash, shape->key, call->now);
    if (shape->count > 0 || shape->out_of_memory) return rd_call_close(call, shape);
    if (shape->found.entry) rd_shard_remove(shape->shard, shape->found);
    return true;
}

void rd_reply_part(struct rd_reply *reply, const char *part) {
    char digits[RD_I64_DIGITS];
    rd_reply_slice(reply, rd_part_text(part, digits));
}
