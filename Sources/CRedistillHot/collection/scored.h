/*
 * This file owns members with scores that a command of many sorted sets finds: gathered, made one where they are the same,
 * put in their order, replied or stored.
 *
 * What a member's bytes lie in must not move until they are replied, so nothing may be stored before rd_scored_store,
 * which copies them first.
 */
#ifndef RD_SCORED_H
#define RD_SCORED_H

#include "call/shaped.h"

#define RD_SCORED_FEW 64

struct rd_scored_item {
    const char *member; /* a part; borrowed */
    double score;
    uint64_t number;    /* in which they were found */
};

struct rd_scored {
    struct rd_call *call;
    struct rd_scored_item *items;
    uint64_t count, capacity;
    struct rd_blob *memory; /* of the items; NULL: they are the ones below */
    struct rd_scored_item few[RD_SCORED_FEW];
};

/* Two scores of one member become one. */
typedef double rd_aggregate_fn(double sum, double score);

void rd_scored_begin(struct rd_scored *scored, struct rd_call *call);
void rd_scored_end(struct rd_scored *scored);
/* False: no memory. */
RD_MUST_USE bool rd_scored_add(struct rd_scored *scored, const char *member, double score);
/* Every member is there once then, in no order; the scores of one were put together as they were found. */
void rd_scored_merge(struct rd_scored *scored, rd_aggregate_fn *aggregate);
/* By score, then by the member's bytes. */
void rd_scored_sort(struct rd_scored *scored);
/* As an array: with scores of pairs, which RESP2 has flat. */
void rd_scored_reply(struct rd_scored *scored, bool with_scores);
/*
 * Puts them, each member once, in any order, under a key instead of whatever is there, and replies how many they are; of
 * none, the key is removed.
 */
void rd_scored_store(struct rd_scored *scored, struct rd_shard *shard, uint64_t hash, struct rd_key key);

/* An array of so many members, and each of them. */
void rd_reply_scored_header(struct rd_reply *reply, uint64_t count, bool with_scores);
void rd_reply_scored(struct rd_reply *reply, const char *member, double score, bool with_scores);

#endif
