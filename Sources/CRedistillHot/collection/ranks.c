/* This file owns how ranges of a sorted set become ranks. */
#include "collection/ranks.h"

#include <math.h>

/* How many items have a lower score; or with `equal`, one that is not higher. */
static uint64_t count_below(struct rd_shape *zset, double score, bool equal) {
    if (equal && score == INFINITY) return zset->count;
    if (equal) score = nextafter(score, INFINITY);
    struct rd_place_in at;
    return rd_zset_seek(zset, score, (struct rd_slice){"", 0}, false, &at) ? at.index : zset->count;
}

static struct rd_stretch stretch(uint64_t first, uint64_t end) {
    return first < end ? (struct rd_stretch){first, end - first} : (struct rd_stretch){0, 0};
}

struct rd_stretch rd_ranks_of_scores(struct rd_shape *zset, const struct rd_score_range *range) {
    if (zset->count == 0 || range->least > range->most) return stretch(0, 0);
    return stretch(count_below(zset, range->least, range->above), count_below(zset, range->most, !range->below));
}

/* One after the other, which is right also where scores differ in the way that Redis's short sets have. */
static struct rd_stretch walk_members(struct rd_shape *zset, const struct rd_lex_range *range) {
    char digits[RD_I64_DIGITS];
    struct rd_place_in at;
    bool is_there = rd_shape_seek(zset, zset->count - 1, &at);
    if (!rd_lex_reaches(&range->least, rd_part_text(at.item, digits))) return stretch(0, 0);
    is_there = rd_shape_seek(zset, 0, &at);
    if (!rd_lex_stays(&range->most, rd_part_text(at.item, digits))) return stretch(0, 0);
    uint64_t first = 0;
    for (; is_there && !rd_lex_reaches(&range->least, rd_part_text(at.item, digits)); first++) is_there = rd_shape_next(zset, &at);
    uint64_t end = first;
    for (; is_there && rd_lex_stays(&range->most, rd_part_text(at.item, digits)); end++) is_there = rd_shape_next(zset, &at);
    return stretch(first, end);
}

/* How many items are before the bound; one that is the bound itself is, with `itself`. */
static uint64_t count_before(struct rd_shape *zset, double score, const struct rd_lex_bound *bound, bool itself) {
    if (bound->infinite) return bound->infinite < 0 ? 0 : zset->count;
    struct rd_place_in at;
    return rd_zset_seek(zset, score, bound->text, itself, &at) ? at.index : zset->count;
}

/* May no member be within, whichever there are? */
static bool is_empty(const struct rd_lex_range *range) {
    if (range->least.infinite || range->most.infinite) return range->least.infinite > 0 || range->most.infinite < 0;
    int order = rd_slice_order(range->least.text, range->most.text);
    return order > 0 || (order == 0 && (range->least.excluded || range->most.excluded));
}

struct rd_stretch rd_ranks_of_members(struct rd_shape *zset, const struct rd_lex_range *range) {
    if (zset->count == 0 || is_empty(range)) return stretch(0, 0);
    if (!zset->tree.root) return walk_members(zset, range);
    struct rd_place_in at;
    (void)rd_shape_seek(zset, 0, &at);
    double score = rd_item_score(at.item);
    return stretch(count_before(zset, score, &range->least, range->least.excluded),
                   count_before(zset, score, &range->most, !range->most.excluded));
}

enum rd_status rd_ranks_remove(struct rd_shape *zset, struct rd_stretch ranks) {
    if (ranks.count == 0) return RD_OK;
    if (ranks.count == zset->count) {
        rd_shard_remove(zset->shard, zset->found);
        return RD_OK;
    }
    (void)rd_shape_erase_range(zset, ranks.first, ranks.count);
    return rd_shape_close(zset);
}
