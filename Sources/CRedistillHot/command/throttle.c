/* This file owns CL.THROTTLE, rate limiting as the redis-cell module does it. */
#include "call/handler.h"

/*
 * https://github.com/brandur/redis-cell : CL.THROTTLE key max_burst count period [quantity], by the generic cell rate
 * algorithm. The key's value is the theoretical arrival time in nanoseconds of Unix time: when the bucket will be
 * empty. A rate of `count` a period leaks one unit each period / count; the bucket holds max_burst + 1 of them.
 */

#define NS_PER_S 1000000000ll
#define NS_PER_MS 1000000ll
/* No time is longer: sums of three stay within 128 bits. A bucket that needs more to fill, 10^21 years, holds this. */
#define LONGEST ((__int128)1 << 125)
/* A stored time has at most so many digits: with them it is below 2^127 less LONGEST. */
#define TIME_DIGITS 38
#define LOW_DIGITS 19 /* of a time that 64 bits don't hold, in its lower part */

struct rate {
    __int128 interval;  /* ns per unit */
    __int128 tolerance; /* ns that a full bucket holds */
    int64_t capacity;   /* units */
};

static __int128 time_for(const struct rate *rate, int64_t units) {
    return units > 0 && rate->interval > LONGEST / units ? LONGEST : rate->interval * units;
}

static bool parse(struct rd_call *call, struct rate *rate, int64_t *quantity) {
    int64_t burst, count, period;
    *quantity = 1;
    if (call->argc > 6) {
        rd_reply_wrong_arity(call->reply, call->command);
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
    rate->tolerance = time_for(rate, rate->capacity);
    return true;
}

static int64_t clamp(__int128 value) {
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* Whole seconds, upwards, so that who waits so long is let in. */
static int64_t seconds(__int128 ns) {
    return ns <= 0 ? 0 : clamp((ns + NS_PER_S - 1) / NS_PER_S);
}

/* A time as text; returns its length. */
static size_t format(char text[TIME_DIGITS], __int128 time) {
    if (time <= INT64_MAX) return (size_t)(rd_format_i64(text, (int64_t)time) - text);
    __int128 unit = 1;
    for (int i = 0; i < LOW_DIGITS; i++) unit *= 10;
    char *end = time < unit ? text : rd_format_u64(text, (uint64_t)(time / unit));
    uint64_t low = (uint64_t)(time % unit);
    for (int i = LOW_DIGITS; i-- > 0; low /= 10) end[i] = (char)('0' + low % 10);
    return (size_t)(end + LOW_DIGITS - text);
}

static bool read_time(struct rd_slice text, __int128 *time) {
    int64_t small;
    if (rd_parse_i64(text.bytes, text.length, &small)) {
        *time = small;
        return true;
    }
    if (text.length == 0 || text.length > TIME_DIGITS || text.bytes[0] == '0') return false;
    *time = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned char)text.bytes[i] - (unsigned)'0';
        if (digit > 9) return false;
        *time = *time * 10 + digit;
    }
    return true;
}

static enum rd_status store(struct rd_call *call, struct rd_found *found, __int128 empty_at) {
    char text[TIME_DIGITS];
    struct rd_new_value new = {.value = {text, format(text, empty_at)}};
    new.expiry = clamp(empty_at / NS_PER_MS + 1); /* an empty bucket is as good as none */
    return rd_shard_put(call->shard, call->hash, rd_call_key(call), found, &new);
}

/* Replies: limited (0 or 1), capacity, units left, seconds until a retry can succeed (-1: now), until all is free. */
static void cmd_throttle(struct rd_call *call) {
    struct rate rate;
    int64_t quantity;
    if (!parse(call, &rate, &quantity)) return;
    __int128 now = (__int128)call->now * NS_PER_MS, empty_at = now, stored;
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
    if (found.entry) {
        if (!read_time(rd_entry_value(found.entry), &stored)) {
            rd_reply_not_an_integer(call->reply);
            return;
        }
        if (stored > now) empty_at = stored;
    }
    bool fits = quantity <= rate.capacity; /* more than the bucket holds will never be let in */
    __int128 wanted = empty_at + time_for(&rate, quantity);
    bool limited = !fits || wanted - now > rate.tolerance;
    if (!limited) empty_at = wanted;
    if (!limited && quantity > 0 && store(call, &found, empty_at) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    /* In units, and not of the tolerance, which for the largest buckets is less than they hold. */
    __int128 held = empty_at - now, used = held < rate.tolerance ? (held + rate.interval - 1) / rate.interval : rate.capacity;
    rd_reply_array(call->reply, 5);
    rd_reply_integer(call->reply, limited);
    rd_reply_integer(call->reply, rate.capacity);
    rd_reply_integer(call->reply, rate.capacity - clamp(used));
    rd_reply_integer(call->reply, limited && fits ? seconds(wanted - now - rate.tolerance) : -1);
    rd_reply_integer(call->reply, seconds(empty_at - now));
}

const struct rd_command rd_throttle_commands[] = {
    {"cl.throttle", -5, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_throttle,
     RD_DOCS("Limits a rate with the generic cell rate algorithm.", "0.1.0", "module", "O(1)",
             .syntax = "key max-burst:integer count:integer period:integer [quantity:integer]",
             .origin = "redis-cell")},
    RD_END_OF_COMMANDS,
};
