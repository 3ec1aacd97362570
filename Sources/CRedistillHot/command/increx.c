/*
 * This file owns INCREX: a counter with bounds and a time to live, in one step.
 * Source: https://redis.io/docs/latest/commands/increx/
 */
#include <float.h>
#include <math.h>

#include "call/handler.h"
#include "base/float_text.h"
#include "call/set_options.h"

/* A number of either kind; which one, its owner knows. */
union number {
    int64_t whole;
    long double real;
};

struct options {
    bool by_float;
    bool saturates;    /* a result out of bounds becomes the bound, and is not refused */
    bool persists;
    bool only_if_none; /* ENX: the time to live is for keys that have none */
    union number amount, lowest, highest;
    int64_t expiry;    /* 0: none wanted */
};

/* The arguments as they came; bytes NULL when absent. */
struct words {
    struct rd_slice whole, real, lower, upper, expire;
    enum rd_time_unit unit;
    bool absolute;
};

/* Takes the argument that follows an option; false when there is none, or the option was there before. */
static bool take(struct rd_call *call, uint32_t *at, struct rd_slice *place) {
    if (place->bytes || *at + 1 >= call->argc) return false;
    *place = call->argv[++*at];
    return true;
}

static bool take_flag(bool *flag) {
    bool is_new = !*flag;
    *flag = true;
    return is_new;
}

/* False: a syntax error. */
static bool read_words(struct rd_call *call, struct words *words, struct options *options) {
    for (uint32_t i = 2; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        bool fits = false;
        if (rd_slice_is(word, "byint")) fits = !words->real.bytes && take(call, &i, &words->whole);
        else if (rd_slice_is(word, "byfloat")) fits = !words->whole.bytes && take(call, &i, &words->real);
        else if (rd_slice_is(word, "lbound")) fits = take(call, &i, &words->lower);
        else if (rd_slice_is(word, "ubound")) fits = take(call, &i, &words->upper);
        else if (rd_slice_is(word, "saturate")) fits = take_flag(&options->saturates);
        else if (rd_slice_is(word, "enx")) fits = take_flag(&options->only_if_none);
        else if (rd_slice_is(word, "persist")) fits = take_flag(&options->persists);
        else if (!words->expire.bytes && rd_expire_named(word, &words->unit, &words->absolute)) {
            fits = take(call, &i, &words->expire);
        }
        if (!fits) return false;
    }
    return !(options->persists && (options->only_if_none || words->expire.bytes));
}

/* An absent argument leaves *number as it is. */
static bool read_number(const struct options *options, struct rd_slice word, union number *number) {
    if (!word.bytes) return true;
    return options->by_float ? rd_float_parse(word, &number->real)
                             : rd_parse_i64(word.bytes, word.length, &number->whole);
}

static bool less(const struct options *options, const union number *a, const union number *b) {
    return options->by_float ? a->real < b->real : a->whole < b->whole;
}

/* What is wrong with the arguments, NULL when nothing is. */
static const char *read_numbers(const struct words *words, struct options *options) {
    options->by_float = words->real.bytes != NULL;
    bool by_float = options->by_float;
    options->amount = (union number){.whole = 1};
    options->lowest = by_float ? (union number){.real = -LDBL_MAX} : (union number){.whole = INT64_MIN};
    options->highest = by_float ? (union number){.real = LDBL_MAX} : (union number){.whole = INT64_MAX};
    if (!read_number(options, by_float ? words->real : words->whole, &options->amount)) {
        return by_float ? "ERR Increment is not a valid float" : "ERR Increment is not an integer or out of range";
    }
    if (by_float && isinf(options->amount.real)) return "ERR BYFLOAT increment cannot be Infinity";
    if (!read_number(options, words->lower, &options->lowest)) {
        return by_float ? "ERR LBOUND is not a valid float" : "ERR LBOUND is not an integer or out of range";
    }
    if (!read_number(options, words->upper, &options->highest)) {
        return by_float ? "ERR UBOUND is not a valid float" : "ERR UBOUND is not an integer or out of range";
    }
    if (less(options, &options->highest, &options->lowest)) return "ERR LBOUND can't be greater than UBOUND";
    if (options->only_if_none && !words->expire.bytes) return "ERR ENX flag requires an expiration";
    return NULL;
}

static bool read_options(struct rd_call *call, struct options *options) {
    struct words words = {0};
    if (!read_words(call, &words, options)) {
        rd_reply_syntax_error(call->reply);
        return false;
    }
    const char *error = read_numbers(&words, options);
    if (error) {
        rd_reply_error(call->reply, error, strlen(error));
        return false;
    }
    return !words.expire.bytes || rd_call_expiry(call, words.expire, words.unit, words.absolute, true, &options->expiry);
}

struct step {
    union number before, after, applied;
    bool is_refused; /* out of bounds, without SATURATE */
};

/* Adds within the bounds. What is wrong, NULL when nothing is. */
static const char *add(const struct options *options, struct step *step) {
    bool overflows;
    if (options->by_float) {
        if (isinf(step->before.real)) return "ERR value cannot be Infinity";
        step->after.real = step->before.real + options->amount.real;
        overflows = isinf(step->after.real);
    } else {
        overflows = __builtin_add_overflow(step->before.whole, options->amount.whole, &step->after.whole);
    }
    bool grows = options->by_float ? options->amount.real >= 0 : options->amount.whole >= 0;
    bool is_high = overflows ? grows : less(options, &options->highest, &step->after);
    bool is_low = overflows ? !grows : less(options, &step->after, &options->lowest);
    if ((is_high || is_low) && !options->saturates) {
        step->is_refused = true;
        step->after = step->before;
    } else if (is_high || is_low) {
        step->after = is_high ? options->highest : options->lowest;
    }
    if (options->by_float) {
        step->applied.real = step->after.real - step->before.real;
        return isinf(step->applied.real) ? "ERR applied increment would be Infinity" : NULL;
    }
    bool fits = !__builtin_sub_overflow(step->after.whole, step->before.whole, &step->applied.whole);
    return fits ? NULL : "ERR applied increment would overflow";
}

static void reply_number(struct rd_reply *reply, const struct options *options, const union number *number) {
    if (!options->by_float) {
        rd_reply_integer(reply, number->whole);
        return;
    }
    char text[RD_FLOAT_TEXT];
    size_t length = rd_float_format(text, number->real);
    rd_reply_double(reply, text, length);
}

/* The number and its time to live, or neither. */
static enum rd_status store(struct rd_call *call, const struct options *options, struct rd_found *found,
                            const union number *number) {
    int64_t expiry = found->entry ? rd_entry_expiry(found->entry) : 0;
    if (options->persists) expiry = 0;
    if (options->expiry && !(options->only_if_none && expiry)) {
        expiry = options->expiry;
        if (expiry <= call->now) {
            if (found->entry) rd_shard_remove(call->shard, *found);
            return RD_OK;
        }
    }
    char text[RD_FLOAT_TEXT];
    size_t length = options->by_float ? rd_float_format(text, number->real)
                                      : (size_t)(rd_format_i64(text, number->whole) - text);
    struct rd_new_value new = {.value = {text, length}, .expiry = expiry};
    return rd_shard_put(call->shard, call->hash, rd_call_key(call), found, &new);
}

/* https://redis.io/docs/latest/commands/increx/ */
static void cmd_increx(struct rd_call *call) {
    struct options options = {0};
    if (!read_options(call, &options)) return;
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
    struct step step = {.is_refused = false};
    if (options.by_float) step.before.real = 0;
    if (found.entry && !read_number(&options, rd_entry_value(found.entry), &step.before)) {
        if (options.by_float) rd_reply_fail(call->reply, "ERR value is not a valid float");
        else rd_reply_not_an_integer(call->reply);
        return;
    }
    const char *error = add(&options, &step);
    if (error) {
        rd_reply_error(call->reply, error, strlen(error));
        return;
    }
    if (!step.is_refused && store(call, &options, &found, &step.after) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    rd_reply_array(call->reply, 2);
    reply_number(call->reply, &options, &step.after);
    reply_number(call->reply, &options, &step.applied);
}

const struct rd_command rd_increx_commands[] = {
    {"increx", -2, RD_CMD_FAST_WRITE | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_increx,
     RD_DOCS("Increments a number within bounds and sets its expiration time. Uses 0 as initial value if the key "
             "doesn't exist.", "8.8.0", "string", "O(1)",
             .syntax = "key [increment-by(BYFLOAT increment:double|BYINT increment:integer)] [LBOUND lowerbound] "
             "[UBOUND upperbound] [SATURATE] [expiration(EX seconds:integer|PX milliseconds:integer|"
             "EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time|PERSIST)] [ENX]")},
    RD_END_OF_COMMANDS,
};
