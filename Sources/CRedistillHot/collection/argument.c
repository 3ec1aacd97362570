/* This file owns how arguments that count something are read. */
#include "collection/argument.h"

bool rd_call_signed(struct rd_call *call, uint32_t argument, int64_t *value) {
    if (!rd_call_integer(call, call->argv[argument], value)) return false;
    if (*value != INT64_MIN) return true;
    rd_reply_fail(call->reply,
                  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
    return false;
}

bool rd_call_at_least(struct rd_call *call, uint32_t argument, int64_t least, const char *complaint, int64_t *value) {
    struct rd_slice text = call->argv[argument];
    if (rd_parse_i64(text.bytes, text.length, value) && *value >= least) return true;
    rd_reply_error(call->reply, complaint, strlen(complaint));
    return false;
}

bool rd_call_count(struct rd_call *call, uint32_t argument, int64_t *value) {
    return rd_call_at_least(call, argument, 0, "ERR value is out of range, must be positive", value);
}

uint32_t rd_call_behind_keys(struct rd_call *call, uint32_t argument) {
    int64_t keys;
    if (!rd_call_at_least(call, argument, 1, "ERR numkeys should be greater than 0", &keys)) return 0;
    if (keys < call->argc - argument - 1) return argument + 1 + (uint32_t)keys;
    rd_reply_syntax_error(call->reply);
    return 0;
}

bool rd_call_count_option(struct rd_call *call, uint32_t argument, int64_t *count) {
    if (argument == call->argc) return true;
    if (argument + 1 == call->argc || !rd_slice_is(call->argv[argument], "count")) {
        rd_reply_syntax_error(call->reply);
        return false;
    }
    if (!rd_call_at_least(call, argument + 1, 1, "ERR count should be greater than 0", count)) return false;
    if (argument + 2 == call->argc) return true;
    rd_reply_syntax_error(call->reply);
    return false;
}

bool rd_call_random_count(struct rd_call *call, const char *with_both, int64_t *count, bool *both) {
    if (!rd_call_signed(call, 2, count)) return false;
    *both = call->argc == 4;
    if (call->argc > 4 || (*both && !rd_slice_is(call->argv[3], with_both))) {
        rd_reply_syntax_error(call->reply);
        return false;
    }
    if (!*both || (*count >= -(INT64_MAX / 2) && *count <= INT64_MAX / 2)) return true;
    rd_reply_fail(call->reply, "ERR value is out of range");
    return false;
}

struct rd_stretch rd_stretch_between(int64_t start, int64_t stop, uint64_t length) {
    int64_t count = (int64_t)length;
    if (start < 0) start += count;
    if (stop < 0) stop += count;
    if (start < 0) start = 0;
    if (start > stop || start >= count) return (struct rd_stretch){0, 0};
    if (stop >= count) stop = count - 1;
    return (struct rd_stretch){(uint64_t)start, (uint64_t)(stop - start) + 1};
}
