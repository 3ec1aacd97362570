/*
 * This file owns what becomes of the members that a command of many sets finds: each is replied, or only counted, or kept
 * until all are found, and then stored in a set of their own.
 */
#ifndef RD_OUTCOME_H
#define RD_OUTCOME_H

#include "call/shaped.h"
#include "collection/gathered.h"
#include "command/multi.h"

#define RD_OUTCOME_FEW 2048

enum rd_purpose {
    RD_TO_REPLY,
    RD_TO_COUNT,
    RD_TO_STORE,
};

struct rd_outcome {
    struct rd_call *call;
    enum rd_purpose purpose;
    uint64_t count;         /* members */
    uint64_t most;          /* of those, with RD_TO_COUNT; 0: all */
    bool out_of_memory;
    struct rd_reply_mark reply_from;
    /* With RD_TO_STORE: a copy of the members, since what they were found in may be evicted while they are stored. */
    struct rd_gathered members;
    char few[RD_OUTCOME_FEW];
};

void rd_outcome_begin(struct rd_outcome *outcome, struct rd_call *call, enum rd_purpose purpose);
/* A member, which did not come before. False: no more of them are wanted. */
bool rd_outcome_add(struct rd_outcome *outcome, const char *member);
/* Replies, or puts the set under the multi's first key, the call's argument 1, and replies how many it has. */
void rd_outcome_end(struct rd_outcome *outcome, const struct rd_multi *multi);

#endif
