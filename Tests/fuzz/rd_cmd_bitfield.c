/*
 * Fuzzes BITFIELD's arguments: the first line is the value that is there, the rest its operations. What the last one
 * wrote is what BITFIELD_RO reads, and the value is never longer than one may be.
 */
#include <stdio.h>
#include <stdlib.h>

#include "call.h"

/* The last operation's type and offset, when it is one that answers with what it wrote. */
static bool find_last_increment(const struct fuzz_arguments *words, struct rd_slice *type, struct rd_slice *offset) {
    if (words->count < 6 || !rd_slice_is(words->at[words->count - 4], "incrby")) return false;
    *type = words->at[words->count - 3];
    *offset = words->at[words->count - 2];
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *at = data, *end = data + size;
    struct rd_slice value, type, offset;
    if (!fuzz_line(&at, end, &value)) return 0;
    fuzz_begin();
    struct fuzz_arguments set = {.count = 0}, words = {.count = 0};
    fuzz_arguments_add(&set, "set", 3);
    fuzz_arguments_add(&set, "k", 1);
    fuzz_arguments_add(&set, value.bytes, value.length);
    if (value.length) fuzz_run(&set);
    fuzz_arguments_add(&words, "bitfield", 8);
    fuzz_arguments_add(&words, "k", 1);
    fuzz_arguments_read(&words, &at, end);
    struct fuzz_answer answer = fuzz_run(&words);
    bool is_integer = answer.length > 3 && answer.bytes[0] == '*';
    const char *last = answer.bytes + answer.length - 2;
    while (is_integer && last > answer.bytes && last[-1] != '\n') last--;
    is_integer = is_integer && *last == ':';
    if (is_integer && find_last_increment(&words, &type, &offset)) {
        char written[64];
        int length = snprintf(written, sizeof written, "*1\r\n%.*s", (int)(answer.bytes + answer.length - last), last);
        struct fuzz_arguments read = {.count = 0};
        fuzz_arguments_add(&read, "bitfield_ro", 11);
        fuzz_arguments_add(&read, "k", 1);
        fuzz_arguments_add(&read, "get", 3);
        fuzz_arguments_add(&read, type.bytes, type.length);
        fuzz_arguments_add(&read, offset.bytes, offset.length);
        answer = fuzz_run(&read);
        fuzz_require(answer.length == (size_t)length && memcmp(answer.bytes, written, answer.length) == 0);
        fuzz_arguments_free(&read);
    }
    fuzz_require(fuzz_integer(fuzz_ask("strlen", "k", NULL)) <= FUZZ_VALUE_MOST);
    fuzz_arguments_free(&set);
    fuzz_arguments_free(&words);
    fuzz_end();
    return 0;
}
