/*
 * This file owns how often each error code (ERR, NOAUTH, ...) was replied by one worker. Written by that worker alone,
 * read by whoever asks.
 */
#ifndef RD_ERROR_CODES_H
#define RD_ERROR_CODES_H

#include "base/counter.h"
#include "redistill_hot.h"

/* There are about a dozen; what comes after the last place counts as ERR. */
#define RD_ERROR_CODES_MAX 32

struct rd_error_codes {
    _Atomic uint32_t count; /* places in use; grows only, and only after the place is complete */
    struct {
        char code[RD_ERROR_CODE_SIZE];
        rd_counter replies;
    } places[RD_ERROR_CODES_MAX];
};

/* One error reply; the text begins with its code. */
void rd_error_codes_add(struct rd_error_codes *codes, const char *text, size_t length);
/* Adds one worker's counts to `sum`, which holds `count` of at most `capacity`; returns how many it holds now. */
size_t rd_error_codes_add_to(const struct rd_error_codes *codes, struct rd_error_count *sum, size_t count,
                             size_t capacity);
/* Replies of one code; of a short one, which is a string constant. */
uint64_t rd_error_codes_count(const struct rd_error_codes *codes, const char *code);
void rd_error_codes_reset(struct rd_error_codes *codes);

#endif
