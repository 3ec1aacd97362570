/* This file owns how scores and ranges are read, and scores written. */
#include "collection/score.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is longer than any number that somebody writes is none. */
#define LONGEST 5120
/* From here on not every integer is a double. */
#define EXACT (INT64_C(1) << 53)

/* What strtod reads of the text; *end: how much that is. */
static double read(struct rd_slice text, size_t *end) {
    char copy[LONGEST];
    *end = 0;
    if (text.length >= sizeof copy) return NAN;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = 0;
    char *stop;
    errno = 0;
    double value = strtod(copy, &stop);
    *end = (size_t)(stop - copy);
    return value;
}

bool rd_score_parse(struct rd_slice text, double *score) {
    int64_t integer;
    if (rd_parse_i64(text.bytes, text.length, &integer) && integer <= EXACT && integer >= -EXACT) {
        *score = (double)integer;
        return true;
    }
    if (text.length == 0 || isspace((unsigned char)text.bytes[0])) return false;
    size_t end;
    *score = read(text, &end);
    bool out_of_range = errno == ERANGE && (isinf(*score) || *score == 0);
    return end == text.length && !out_of_range && !isnan(*score);
}

/*
 * The fewest digits that read back as the value, which is finite, positive and no integer; returns how many, and the
 * power of ten of the last one. What has 15 digits is always given back by its 15 digits, unless it is denormal.
 */
static int shortest_digits(double value, char digits[18], int *exponent) {
    char text[32];
    int precision = value < DBL_MIN ? 1 : 15;
    for (; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision - 1, value);
        if (strtod(text, NULL) == value) break;
    }
    if (precision == 17) snprintf(text, sizeof text, "%.16e", value);
    int count = 0;
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at != '.') digits[count++] = *at;
    }
    int power = atoi(at + 1) - (count - 1);
    while (count > 1 && digits[count - 1] == '0') {
        count--;
        power++;
    }
    *exponent = power;
    return count;
}

/* The digits times ten to that power, written as Redis does since 7.2: with zeroes, with a point, or with an exponent. */
static size_t lay_out(char *text, const char *digits, int count, int power) {
    int first = power + count - 1; /* the power of the first digit */
    int size = first < 0 ? -first : first;
    if (power >= 0 && size < count + 7) return (size_t)snprintf(text, RD_SCORE_TEXT, "%.*s%.*s", count, digits, power, "0000000");
    if (power < 0 && (power > -7 || size < 4)) {
        int whole = count + power;
        if (whole > 0) return (size_t)snprintf(text, RD_SCORE_TEXT, "%.*s.%.*s", whole, digits, -power, digits + whole);
        return (size_t)snprintf(text, RD_SCORE_TEXT, "0.%.*s%.*s", -whole, "000000", count, digits);
    }
    const char *point = count > 1 ? "." : "";
    return (size_t)snprintf(text, RD_SCORE_TEXT, "%c%s%.*se%c%d", digits[0], point, count - 1, digits + 1, first < 0 ? '-' : '+', size);
}

size_t rd_score_format(char text[RD_SCORE_TEXT], double score) {
    char *at = text;
    if (signbit(score)) *at++ = '-';
    double size = fabs(score);
    if (isinf(size)) {
        memcpy(at, "inf", 3);
        return (size_t)(at - text) + 3;
    }
    if (size < 0x1p62 && size == floor(size)) return (size_t)(rd_format_u64(at, (uint64_t)size) - text);
    char digits[18] = "0", laid_out[RD_SCORE_TEXT];
    int power, count = shortest_digits(size, digits, &power);
    size_t length = lay_out(laid_out, digits, count, power);
    memcpy(at, laid_out, length);
    return (size_t)(at - text) + length;
}

void rd_reply_score(struct rd_reply *reply, double score) {
    char text[RD_SCORE_TEXT];
    rd_reply_double(reply, text, rd_score_format(text, score));
}

/* As Redis reads it: space before it may be, nothing at all is 0, and what is too large is infinite. */
static bool parse_bound(struct rd_slice text, double *value, bool *excluded) {
    *excluded = text.length > 0 && text.bytes[0] == '(';
    if (*excluded) text = (struct rd_slice){text.bytes + 1, text.length - 1};
    size_t end;
    *value = read(text, &end);
    return end == text.length && !isnan(*value);
}

bool rd_score_range_parse(struct rd_reply *reply, struct rd_slice least, struct rd_slice most, struct rd_score_range *range) {
    if (parse_bound(least, &range->least, &range->above) && parse_bound(most, &range->most, &range->below)) return true;
    rd_reply_fail(reply, "ERR min or max is not a float");
    return false;
}

static bool parse_lex_bound(struct rd_slice text, struct rd_lex_bound *bound) {
    if (text.length == 0) return false;
    char first = text.bytes[0];
    *bound = (struct rd_lex_bound){.text = {text.bytes + 1, text.length - 1}, .excluded = first == '('};
    if (first == '(' || first == '[') return true;
    bound->infinite = first == '+' ? 1 : -1;
    return text.length == 1 && (first == '+' || first == '-');
}

bool rd_lex_range_parse(struct rd_reply *reply, struct rd_slice least, struct rd_slice most, struct rd_lex_range *range) {
    if (parse_lex_bound(least, &range->least) && parse_lex_bound(most, &range->most)) return true;
    rd_reply_fail(reply, "ERR min or max not valid string range item");
    return false;
}
