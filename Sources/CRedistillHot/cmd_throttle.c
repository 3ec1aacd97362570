/* This file owns CL.THROTTLE, rate limiting as the redis-cell module does it. */
#include "cmd.h"

/*
 * https://github.com/brandur/redis-cell : CL.THROTTLE key max_burst count period [quantity], by the generic cell rate
 * algorithm. The key's value is the theoretical arrival time in nanoseconds of Unix time: when the bucket will be
 * empty. A rate of `count` a period leaks one unit each period / count; the bucket holds max_burst + 1 of them.
 */

#define NS_PER_S 1000000000ll
#define NS_PER_MS 1000000ll

struct rate {
    __int128 interval;  /* ns per unit */
    __int128 tolerance; /* ns that a full bucket holds */
    int64_t capacity;   /* units */
};

static bool parse(struct rd_call *call, struct rate *rate, int64_t *quantity) {
    int64_t burst, count, period;
    *quantity = 1;
    if (call->argc > 6) {
        rd_reply_fail(call->reply, "ERR wrong number of arguments for 'cl.throttle' command");
        return false;
    }
    if (!rd_call_integer(call, call->argv[2], &burst) || !rd_call_integer(call, call->argv[3], &count) ||
        !rd_call_integer(call, call->argv[4], &period)) {
        return false;
    }
    if (call->argc == 6 && !rd_call_integer(call, call->argv[5], quantity)) return false;
    if (burst < 0 || burst == INT64_MAX || count <= 0 || period <= 0 || *quantity < 0) {
        rd_reply_fail(call->reply, "ERR invalid rate: max_burst and quantity must be 0 or more, count and period more");
        return false;
    }
    rate->interval = (__int128)period * NS_PER_S / count;
    if (rate->interval == 0) rate->interval = 1;
    rate->capacity = burst + 1;
    rate->tolerance = rate->interval * rate->capacity;
    return true;
}

/* Whole seconds, upwards, so that who waits so long is let in. */
static int64_t seconds(__int128 ns) {
    return ns <= 0 ? 0 : (int64_t)((ns + NS_PER_S - 1) / NS_PER_S);
}

static enum rd_status store(struct rd_call *call, struct rd_found *found, __int128 empty_at) {
    char text[RD_I64_DIGITS];
    int64_t value = empty_at > INT64_MAX ? INT64_MAX : (int64_t)empty_at;
    struct rd_new_value new = {.value = {text, (size_t)(rd_format_i64(text, value) - text)}};
    new.expiry = value / NS_PER_MS + 1; /* an empty bucket is as good as none */
    return rd_shard_put(call->shard, call->hash, rd_call_key(call), found, &new);
}

/* Replies: limited (0 or 1), capacity, units left, seconds until a retry can succeed (-1: now), until all is free. */
void rd_cmd_throttle(struct rd_call *call) {
    struct rate rate;
    int64_t quantity, stored;
    if (!parse(call, &rate, &quantity)) return;
    __int128 now = (__int128)call->now * NS_PER_MS, empty_at = now;
    struct rd_found found = rd_call_write(call);
    if (found.entry) {
        struct rd_slice value = rd_entry_value(found.entry);
        if (!rd_parse_i64(value.bytes, value.length, &stored)) {
            rd_reply_not_an_integer(call->reply);
            return;
        }
        if (stored > now) empty_at = stored;
    }
    __int128 wanted = empty_at + rate.interval * quantity;
    bool limited = wanted - now > rate.tolerance;
    if (!limited) empty_at = wanted;
    if (!limited && quantity > 0 && store(call, &found, empty_at) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    __int128 room = rate.tolerance - (empty_at - now);
    /* More than the bucket holds will never be let in. */
    bool may_retry = limited && rate.interval * quantity <= rate.tolerance;
    rd_reply_array(call->reply, 5);
    rd_reply_integer(call->reply, limited);
    rd_reply_integer(call->reply, rate.capacity);
    rd_reply_integer(call->reply, room > 0 ? (int64_t)(room / rate.interval) : 0);
    rd_reply_integer(call->reply, may_retry ? seconds(wanted - now - rate.tolerance) : -1);
    rd_reply_integer(call->reply, seconds(empty_at - now));
}
