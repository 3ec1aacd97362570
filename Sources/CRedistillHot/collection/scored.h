/*
 * This file owns members with scores that a command of many sorted sets finds: copied as they are found, made one where they
 * are the same, put in their order, replied or stored.
 */
#ifndef RD_SCORED_H
#define RD_SCORED_H

#include "call/shaped.h"
#include "collection/gathered.h"
#include "shape/keyed.h"

#define RD_SCORED_FEW 64
#define RD_SCORED_FEW_BYTES 2048

struct rd_scored {
    struct rd_call *call;
    uint64_t count;
    /* Members as they were found, each with its score behind it, a double whichever number it is, so that it may change. */
    struct rd_gathered items;
    /* Where they are, by what they were last sorted by; NULL until they are. */
    struct rd_keyed *order;
    struct rd_blob *order_memory; /* NULL: it is the one below */
    struct rd_keyed few[RD_SCORED_FEW];
    char few_bytes[RD_SCORED_FEW_BYTES];
};

/* Two scores of one member become one. */
typedef double rd_aggregate_fn(double sum, double score);

void rd_scored_begin(struct rd_scored *scored, struct rd_call *call);
void rd_scored_end(struct rd_scored *scored);
/* False: no memory, here and below. */
RD_MUST_USE bool rd_scored_add(struct rd_scored *scored, const char *member, double score);
/* Every member is there once then, in no order; the scores of one were put together as they were found. Nothing is added after it. */
RD_MUST_USE bool rd_scored_merge(struct rd_scored *scored, rd_aggregate_fn *aggregate);
/* By score, then by the member's bytes. Nothing is added after it. */
RD_MUST_USE bool rd_scored_sort(struct rd_scored *scored);
/* As an array, of what was sorted: with scores of pairs, which RESP2 has flat. */
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
