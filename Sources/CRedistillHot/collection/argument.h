/* This file owns how arguments that count something are read, with Redis's errors. Each writes its error when it fails. */
#ifndef RD_ARGUMENT_H
#define RD_ARGUMENT_H

#include "call/handler.h"

/* An integer whose negative there is, too. */
bool rd_call_signed(struct rd_call *call, uint32_t argument, int64_t *value);
/* One that is not below `least`; `complaint` about all else. */
bool rd_call_at_least(struct rd_call *call, uint32_t argument, int64_t least, const char *complaint, int64_t *value);
/* The same for how many are to be taken. */
bool rd_call_count(struct rd_call *call, uint32_t argument, int64_t *value);

/*
 * What LMPOP and its like begin with: how many keys, and the keys behind it. The place of the argument behind these is
 * returned, 0 when there is none.
 */
uint32_t rd_call_behind_keys(struct rd_call *call, uint32_t argument);

/* Nothing from that argument on, or COUNT and how many, at least one. */
bool rd_call_count_option(struct rd_call *call, uint32_t argument, int64_t *count);

/* How many random items argument 2 asks for, below 0 of any, and whether this word stands behind it: with both parts of each. */
bool rd_call_random_count(struct rd_call *call, const char *with_both, int64_t *count, bool *both);

/* Indices from the first on, of a sequence of so many: below 0 they count from the end. Empty: no item is between them. */
struct rd_stretch {
    uint64_t first, count;
};
struct rd_stretch rd_stretch_between(int64_t start, int64_t stop, uint64_t length);

#endif
