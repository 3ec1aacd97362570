/*
 * Fuzzes CL.THROTTLE: the lines are its numbers. Each answer is within its bounds, and a bucket lets in as much as it
 * holds and not more.
 */
#include <stdlib.h>

#include "call.h"

static void read_answer(struct fuzz_answer answer, int64_t numbers[5]) {
    const char *at = answer.bytes + 4;
    for (int i = 0; i < 5; i++) {
        const char *feed = memchr(at, '\r', (size_t)(answer.bytes + answer.length - at));
        fuzz_require(*at == ':' && feed && rd_parse_i64(at + 1, (size_t)(feed - at - 1), &numbers[i]));
        at = feed + 2;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *at = data, *end = data + size;
    struct fuzz_arguments words = {.count = 0};
    fuzz_arguments_add(&words, "cl.throttle", 11);
    fuzz_arguments_add(&words, "k", 1);
    fuzz_arguments_read(&words, &at, end);
    fuzz_begin();
    int64_t taken = 0;
    for (int i = 0; i < 10; i++) {
        int64_t numbers[5], quantity = 1;
        struct fuzz_answer answer = fuzz_run(&words);
        if (fuzz_is_error(answer)) break;
        read_answer(answer, numbers);
        if (words.count == 6) fuzz_require(rd_parse_i64(words.at[5].bytes, words.at[5].length, &quantity));
        bool limited = numbers[0], fits = quantity <= numbers[1];
        fuzz_require(numbers[0] >= 0 && numbers[0] <= 1 && numbers[1] > 0 && numbers[2] >= 0 && numbers[2] <= numbers[1]);
        fuzz_require(numbers[3] >= -1 && (numbers[3] >= 0) == (limited && fits) && numbers[4] >= 0);
        if (i == 0) fuzz_require(limited == !fits);
        if (!limited) taken += quantity;
        if (quantity < 1000000 && numbers[1] < 1000000) {
            fuzz_require(limited ? taken + quantity > numbers[1] : taken <= numbers[1]);
            fuzz_require(numbers[2] == numbers[1] - taken);
        }
    }
    fuzz_arguments_free(&words);
    fuzz_end();
    return 0;
}
