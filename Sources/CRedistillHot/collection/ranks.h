/* This file owns stretches of a sorted set by rank: where ranges lie, and what goes with them. */
#ifndef RD_RANKS_H
#define RD_RANKS_H

#include "call/shaped.h"
#include "collection/argument.h"
#include "collection/score.h"

static inline double rd_item_score(const char *item) {
    return rd_part_double(rd_part_after(item));
}

struct rd_stretch rd_ranks_of_scores(struct rd_shape *zset, const struct rd_score_range *range);
/* Of a set whose scores are all the same; of another, as in Redis, something or other. */
struct rd_stretch rd_ranks_of_members(struct rd_shape *zset, const struct rd_lex_range *range);
/* Removes them, and the key with the last one, and stores what is left. RD_ERR_NO_MEMORY: all are there still. */
RD_MUST_USE enum rd_status rd_ranks_remove(struct rd_shape *zset, struct rd_stretch ranks);

#endif
