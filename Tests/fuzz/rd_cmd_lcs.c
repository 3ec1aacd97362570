/*
 * Fuzzes LCS: the first two lines are the strings, the rest its options. The text is a subsequence of both and as long
 * as LEN says, and the matches of IDX are equal on both sides and cover it.
 */
#include <stdlib.h>

#include "call.h"

#define LONGEST 300

static void set(const char *key, struct rd_slice value) {
    struct fuzz_arguments words = {.count = 0};
    fuzz_arguments_add(&words, "set", 3);
    fuzz_arguments_add(&words, key, 1);
    fuzz_arguments_add(&words, value.bytes, value.length);
    fuzz_run(&words);
    fuzz_arguments_free(&words);
}

static bool is_subsequence(const char *text, size_t length, struct rd_slice of) {
    size_t found = 0;
    for (size_t i = 0; i < of.length && found < length; i++) found += of.bytes[i] == text[found];
    return found == length;
}

/* The integers of a reply, in order; returns how many. */
static size_t integers(struct fuzz_answer answer, int64_t *numbers, size_t room) {
    size_t count = 0;
    for (const char *at = answer.bytes, *end = at + answer.length; at < end && count < room;) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        if (*at == ':') fuzz_require(rd_parse_i64(at + 1, (size_t)(feed - 2 - at), &numbers[count++]));
        at = feed + 1;
    }
    return count;
}

static void check_matches(struct rd_slice a, struct rd_slice b, int64_t length) {
    int64_t numbers[5 * LONGEST + 1], covered = 0;
    size_t count = integers(fuzz_ask("lcs", "a", "b", "idx", "withmatchlen", NULL), numbers, 5 * LONGEST + 1);
    fuzz_require(count % 5 == 1 && numbers[count - 1] == length);
    for (size_t i = 0; i + 5 <= count; i += 5) {
        const int64_t *match = numbers + i;
        fuzz_require(match[0] >= 0 && match[2] >= 0 && match[4] > 0);
        fuzz_require(match[1] - match[0] + 1 == match[4] && match[3] - match[2] + 1 == match[4]);
        fuzz_require((size_t)match[1] < a.length && (size_t)match[3] < b.length);
        fuzz_require(memcmp(a.bytes + match[0], b.bytes + match[2], (size_t)match[4]) == 0);
        covered += match[4];
    }
    fuzz_require(covered == length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *at = data, *end = data + size;
    struct rd_slice a, b;
    if (!fuzz_line(&at, end, &a) || !fuzz_line(&at, end, &b) || a.length > LONGEST || b.length > LONGEST) return 0;
    fuzz_begin();
    set("a", a);
    set("b", b);
    struct fuzz_arguments words = {.count = 0};
    fuzz_arguments_add(&words, "lcs", 3);
    fuzz_arguments_add(&words, "a", 1);
    fuzz_arguments_add(&words, "b", 1);
    fuzz_arguments_read(&words, &at, end);
    fuzz_run(&words);
    fuzz_arguments_free(&words);
    struct fuzz_answer answer = fuzz_ask("lcs", "a", "b", "len", NULL);
    if (!fuzz_is_error(answer)) { /* two strings may be too long for it together */
        int64_t length = fuzz_integer(answer);
        answer = fuzz_ask("lcs", "a", "b", NULL);
        const char *text = (const char *)memchr(answer.bytes, '\n', answer.length) + 1;
        fuzz_require((int64_t)(answer.bytes + answer.length - 2 - text) == length);
        fuzz_require(is_subsequence(text, (size_t)length, a) && is_subsequence(text, (size_t)length, b));
        check_matches(a, b, length);
    }
    fuzz_end();
    return 0;
}
