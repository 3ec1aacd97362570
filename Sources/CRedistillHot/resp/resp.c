/* This file owns the request scanner. */
#include "resp/resp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line that announces something, or an inline request, may be this long without its end (Redis's figure). */
#define RD_LINE_MAX (64 * 1024)

enum rd_status rd_args_push(struct rd_args *args, const char *bytes, size_t length) {
    if (args->count == args->capacity) {
        uint32_t capacity = args->capacity ? args->capacity * 2 : 16;
        if (capacity < args->capacity) return RD_ERR_NO_MEMORY;
        struct rd_slice *grown = realloc(args->at, (size_t)capacity * sizeof *grown);
        if (!grown) return RD_ERR_NO_MEMORY;
        args->at = grown;
        args->capacity = capacity;
    }
    args->at[args->count++] = (struct rd_slice){bytes, length};
    return RD_OK;
}

void rd_args_rebase(struct rd_args *args, uintptr_t from, size_t length, const char *to) {
    for (uint32_t i = 0; i < args->count; i++) {
        uintptr_t at = (uintptr_t)args->at[i].bytes;
        if (at >= from && at <= from + length) args->at[i].bytes = to + (at - from);
    }
}

void rd_args_free(struct rd_args *args) {
    free(args->at);
    *args = (struct rd_args){0};
}

static enum rd_scan bad(struct rd_scan_state *state, const char *what) {
    snprintf(state->error, sizeof state->error, "Protocol error: %s", what);
    return RD_SCAN_BAD;
}

enum number { NUMBER_OK, NUMBER_MORE, NUMBER_BAD, NUMBER_LONG };

/*
 * Reads "<strict signed decimal>\r\n" at p. Strict as Redis's string2ll: no plus sign, no spaces, no leading zero.
 * The byte after \r is taken as the line feed unseen, as Redis does.
 */
static inline enum number read_number(const char *p, const char *end, int64_t *value, const char **next) {
    /* Nearly every length has up to four digits and is all here. */
    if (end - p >= 6 && (unsigned char)(*p - '1') < 9) {
        int64_t sum = *p - '0';
        const char *digit = p + 1;
        while (digit < p + 4 && (unsigned char)(*digit - '0') < 10) sum = sum * 10 + (*digit++ - '0');
        if (*digit == '\r') {
            *value = sum;
            *next = digit + 2;
            return NUMBER_OK;
        }
    }
    /* As Redis, a line is judged when its end is here; until then only its length is. */
    const char *line_end = memchr(p, '\r', (size_t)(end - p));
    if (!line_end) return end - p > RD_LINE_MAX ? NUMBER_LONG : NUMBER_MORE;
    const char *digit = p;
    bool negative = digit < line_end && *digit == '-';
    if (negative) digit++;
    const char *first = digit;
    uint64_t sum = 0;
    while (digit < line_end && (unsigned char)(*digit - '0') < 10) {
        if (digit - first >= 18) return NUMBER_BAD; /* no count or length this protocol allows is so long */
        sum = sum * 10 + (unsigned char)(*digit - '0');
        digit++;
    }
    if (digit != line_end || digit == first) return NUMBER_BAD;
    if (*first == '0' && (digit - first > 1 || negative)) return NUMBER_BAD;
    if (end - digit < 2) return NUMBER_MORE;
    *value = negative ? -(int64_t)sum : (int64_t)sum;
    *next = digit + 2;
    return NUMBER_OK;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static char unescape(char c) {
    switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return c;
    }
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* One argument of an inline line, decoded in place from *at. Returns false on unbalanced quotes. */
static bool inline_argument(char **at, char *end, struct rd_slice *argument) {
    char *in = *at, *out = in;
    argument->bytes = out;
    bool in_double = false, in_single = false;
    for (;;) {
        if (in == end) {
            if (in_double || in_single) return false;
            break;
        }
        char c = *in;
        if (in_double) {
            if (c == '\\' && end - in >= 4 && in[1] == 'x' && hex_digit(in[2]) >= 0 && hex_digit(in[3]) >= 0) {
                *out++ = (char)(hex_digit(in[2]) * 16 + hex_digit(in[3]));
                in += 4;
            } else if (c == '\\' && end - in >= 2) {
                *out++ = unescape(in[1]);
                in += 2;
            } else if (c == '"') {
                if (end - in > 1 && !is_space(in[1])) return false;
                in++;
                break;
            } else {
                *out++ = c;
                in++;
            }
        } else if (in_single) {
            if (c == '\\' && end - in >= 2 && in[1] == '\'') {
                *out++ = '\'';
                in += 2;
            } else if (c == '\'') {
                if (end - in > 1 && !is_space(in[1])) return false;
                in++;
                break;
            } else {
                *out++ = c;
                in++;
            }
        } else if (is_space(c) || c == 0) {
            break;
        } else if (c == '"') {
            in_double = true;
            in++;
        } else if (c == '\'') {
            in_single = true;
            in++;
        } else {
            *out++ = c;
            in++;
        }
    }
    argument->length = (size_t)(out - argument->bytes);
    *at = in;
    return true;
}

static enum rd_scan scan_inline(struct rd_scan_state *state, char *bytes, size_t length,
                                const struct rd_scan_limits *limits, struct rd_args *args) {
    char *feed = memchr(bytes, '\n', length);
    if (!feed) {
        if (length > RD_LINE_MAX) return bad(state, "too big inline request");
        return RD_SCAN_MORE;
    }
    char *at = bytes, *end = feed;
    if (end > bytes && end[-1] == '\r') end--;
    state->position = (size_t)(feed + 1 - bytes);
    uint64_t count = 0;
    for (;;) {
        while (at < end && is_space(*at)) at++;
        if (at == end || *at == 0) break;
        struct rd_slice argument;
        if (!inline_argument(&at, end, &argument)) return bad(state, "unbalanced quotes in request");
        if (++count > limits->max_args) return bad(state, "unauthenticated multibulk length");
        if (rd_args_push(args, argument.bytes, argument.length) != RD_OK) return RD_SCAN_NO_MEMORY;
    }
    return count ? RD_SCAN_COMMAND : RD_SCAN_EMPTY;
}

#define RD_SHORT_MOST 999

/*
 * Reads "$", up to three digits without a leading zero, and a line end, whose feed is unseen as in read_number. Returns
 * where that ends, NULL for anything else. Six bytes are there.
 */
static inline const char *read_short_length(const char *at, size_t *length) {
    size_t first = (unsigned char)(at[1] - '0');
    if (at[0] != '$' || first > 9) return NULL;
    *length = first;
    if (at[2] == '\r') return at + 4;
    size_t second = (unsigned char)(at[2] - '0');
    if (second > 9 || first == 0) return NULL;
    *length = first * 10 + second;
    if (at[3] == '\r') return at + 5;
    size_t third = (unsigned char)(at[3] - '0');
    if (third > 9 || at[4] != '\r') return NULL;
    *length = *length * 10 + third;
    return at + 6;
}

/*
 * Nearly every request: up to nine arguments of up to three digits of length, and all of it here. Returns its length; 0
 * for any other, which is then looked at from its start, and nothing has happened.
 */
static inline size_t scan_short(const char *bytes, const char *end, const struct rd_scan_limits *limits,
                                struct rd_args *args) {
    if (end - bytes < 4 || bytes[0] != '*' || bytes[2] != '\r') return 0;
    uint32_t count = (unsigned char)(bytes[1] - '0');
    if (count - 1 >= 9 || count > limits->max_args || limits->max_bulk < RD_SHORT_MOST) return 0;
    if (args->capacity - args->count < count) return 0;
    struct rd_slice *argument = args->at + args->count;
    const char *at = bytes + 4;
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        if (end - at < 6 || !(at = read_short_length(at, &length))) return 0;
        if (end - at < (ptrdiff_t)(length + 2) || memcmp(at + length, "\r\n", 2) != 0) return 0;
        argument[i] = (struct rd_slice){at, length};
        at += length + 2;
    }
    args->count += count;
    return (size_t)(at - bytes);
}

enum rd_scan rd_resp_scan(struct rd_scan_state *state, char *bytes, size_t length,
                          const struct rd_scan_limits *limits, struct rd_args *args) {
    if (length == 0) return RD_SCAN_MORE;
    const char *end = bytes + length;
    const char *at = bytes + state->position;
    int64_t number;

    if (state->announced == 0) {
        uint32_t before = args->count;
        if ((state->position = scan_short(bytes, end, limits, args))) {
            state->announced = state->arrived = args->count - before;
            return RD_SCAN_COMMAND;
        }
        if (bytes[0] != '*') return scan_inline(state, bytes, length, limits, args);
        switch (read_number(bytes + 1, end, &number, &at)) {
        case NUMBER_OK: break;
        case NUMBER_MORE: return RD_SCAN_MORE;
        case NUMBER_BAD: return bad(state, "invalid multibulk length");
        case NUMBER_LONG: return bad(state, "too big mbulk count string");
        }
        state->position = (size_t)(at - bytes);
        if (number > INT32_MAX) return bad(state, "invalid multibulk length");
        if (number <= 0) return RD_SCAN_EMPTY;
        if ((uint64_t)number > limits->max_args) {
            return bad(state, limits->authenticated ? "invalid multibulk length" : "unauthenticated multibulk length");
        }
        state->announced = number;
    }

    while (state->arrived < state->announced) {
        if (!state->in_bulk) {
            if (at == end) return RD_SCAN_MORE;
            if (*at != '$') {
                snprintf(state->error, sizeof state->error, "Protocol error: expected '$', got '%c'", *at);
                return RD_SCAN_BAD;
            }
            const char *body;
            switch (read_number(at + 1, end, &number, &body)) {
            case NUMBER_OK: break;
            case NUMBER_MORE: return RD_SCAN_MORE;
            case NUMBER_BAD: return bad(state, "invalid bulk length");
            case NUMBER_LONG: return bad(state, "too big bulk count string");
            }
            if (number < 0) return bad(state, "invalid bulk length");
            if ((uint64_t)number > limits->max_bulk) {
                return bad(state, limits->authenticated ? "invalid bulk length" : "unauthenticated bulk length");
            }
            at = body;
            state->position = (size_t)(at - bytes);
            state->bulk_length = (uint64_t)number;
            state->in_bulk = true;
        }
        if ((uint64_t)(end - at) < state->bulk_length + 2) return RD_SCAN_MORE;
        const char *after = at + state->bulk_length;
        /* Redis skips these two bytes unseen; a sender that lost count is better told than misread. */
        if (after[0] != '\r' || after[1] != '\n') return bad(state, "expected CRLF after bulk");
        if (rd_args_push(args, at, state->bulk_length) != RD_OK) return RD_SCAN_NO_MEMORY;
        at = after + 2;
        state->position = (size_t)(at - bytes);
        state->in_bulk = false;
        state->arrived++;
    }
    return RD_SCAN_COMMAND;
}
