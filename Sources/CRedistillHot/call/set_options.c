/* This file owns the reading of options, and of the conditions among them. */
#include "call/set_options.h"

#include <strings.h>

#include "base/digest.h"

bool rd_condition_named(struct rd_slice word, enum rd_condition *condition) {
    if (rd_slice_is(word, "ifeq")) *condition = RD_IF_EQUAL;
    else if (rd_slice_is(word, "ifne")) *condition = RD_IF_NOT_EQUAL;
    else if (rd_slice_is(word, "ifdeq")) *condition = RD_IF_DIGEST_EQUAL;
    else if (rd_slice_is(word, "ifdne")) *condition = RD_IF_DIGEST_NOT_EQUAL;
    else return false;
    return true;
}

bool rd_condition_accepts(struct rd_call *call, enum rd_condition condition, struct rd_slice operand) {
    if (condition != RD_IF_DIGEST_EQUAL && condition != RD_IF_DIGEST_NOT_EQUAL) return true;
    if (operand.length == RD_DIGEST_DIGITS) return true;
    rd_reply_fail(call->reply, "ERR must be exactly 16 hexadecimal characters");
    return false;
}

static bool equals(const struct rd_entry *entry, struct rd_slice operand) {
    struct rd_slice value = rd_entry_value(entry);
    return value.length == operand.length && memcmp(value.bytes, operand.bytes, value.length) == 0;
}

static bool digest_equals(const struct rd_entry *entry, struct rd_slice operand) {
    char digest[RD_DIGEST_DIGITS];
    rd_digest_format(rd_entry_value(entry), digest);
    return strncasecmp(digest, operand.bytes, sizeof digest) == 0; /* the digest has no zero byte to stop at */
}

bool rd_condition_holds(enum rd_condition condition, struct rd_slice operand, const struct rd_entry *entry) {
    switch (condition) {
    case RD_IF_ALWAYS: return true;
    case RD_IF_ABSENT: return !entry;
    case RD_IF_PRESENT: return entry;
    case RD_IF_EQUAL: return entry && equals(entry, operand);
    case RD_IF_NOT_EQUAL: return !entry || !equals(entry, operand);
    case RD_IF_DIGEST_EQUAL: return entry && digest_equals(entry, operand);
    case RD_IF_DIGEST_NOT_EQUAL: return !entry || !digest_equals(entry, operand);
    }
    return false;
}

/* A time to live, as Redis: the same word may be repeated, and the last one counts. */
static bool take_expire(struct rd_set_options *options, enum rd_time_unit unit, bool absolute, struct rd_slice value) {
    if (options->expire.bytes && (unit != options->unit || absolute != options->absolute)) return false;
    options->unit = unit;
    options->absolute = absolute;
    options->expire = value;
    return true;
}

bool rd_expire_named(struct rd_slice word, enum rd_time_unit *unit, bool *absolute) {
    bool is_absolute = rd_slice_is(word, "exat") || rd_slice_is(word, "pxat");
    if (!is_absolute && !rd_slice_is(word, "ex") && !rd_slice_is(word, "px")) return false;
    *absolute = is_absolute;
    *unit = (word.bytes[0] | 0x20) == 'e' ? RD_SECONDS : RD_MILLISECONDS;
    return true;
}

/* A condition may be repeated; its last operand counts. */
static bool take_condition(struct rd_set_options *options, enum rd_condition condition) {
    if (options->condition != RD_IF_ALWAYS && options->condition != condition) return false;
    options->condition = condition;
    return true;
}

bool rd_set_options_parse(struct rd_call *call, uint32_t first, enum rd_option_set set,
                          struct rd_set_options *options) {
    for (uint32_t i = first; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        bool has_value = i + 1 < call->argc;
        bool fits = false;
        enum rd_condition condition;
        enum rd_time_unit unit;
        bool absolute;
        if (set != RD_OPTIONS_OF_GETEX && rd_slice_is(word, "nx")) {
            fits = take_condition(options, RD_IF_ABSENT);
        } else if (set != RD_OPTIONS_OF_GETEX && rd_slice_is(word, "xx")) {
            fits = take_condition(options, RD_IF_PRESENT);
        } else if (set == RD_OPTIONS_OF_SET && rd_slice_is(word, "get")) {
            fits = options->get = true;
        } else if (set != RD_OPTIONS_OF_GETEX && rd_slice_is(word, "keepttl")) {
            fits = !options->expire.bytes;
            options->keep_ttl = true;
        } else if (set == RD_OPTIONS_OF_GETEX && rd_slice_is(word, "persist")) {
            fits = !options->expire.bytes;
            options->persist = true;
        } else if (has_value && rd_expire_named(word, &unit, &absolute)) {
            fits = !options->keep_ttl && !options->persist && take_expire(options, unit, absolute, call->argv[++i]);
        } else if (has_value && set == RD_OPTIONS_OF_SET && rd_condition_named(word, &condition)) {
            fits = take_condition(options, condition);
            options->operand = call->argv[++i];
        }
        if (!fits) {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}
