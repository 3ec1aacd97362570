/* This file owns what handlers of several families share. */
#include "cmd.h"

struct rd_blob *rd_call_take_blob(struct rd_call *call, struct rd_slice argument) {
    if (!call->input || argument.length < RD_DIRECT_BULK) return NULL;
    return rd_input_take_blob(call->input, argument.bytes);
}

void rd_reply_lines(struct rd_reply *reply, const char *const *lines, size_t count) {
    rd_reply_array(reply, count);
    for (size_t i = 0; i < count; i++) rd_reply_simple(reply, lines[i], strlen(lines[i]));
}

bool rd_call_expiry(struct rd_call *call, struct rd_slice argument, enum rd_time_unit unit, bool absolute,
                    bool must_be_positive, int64_t *expiry) {
    int64_t value;
    if (!rd_parse_i64(argument.bytes, argument.length, &value)) {
        rd_reply_not_an_integer(call->reply);
        return false;
    }
    bool valid = !must_be_positive || value > 0;
    if (unit == RD_SECONDS) valid = valid && !__builtin_mul_overflow(value, 1000, &value);
    if (!absolute) valid = valid && !__builtin_add_overflow(value, call->now, &value);
    if (!valid) {
        rd_reply_format_error(call->reply, "ERR invalid expire time in '%s' command", call->command->full_name);
        return false;
    }
    *expiry = value;
    return true;
}
