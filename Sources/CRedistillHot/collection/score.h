/*
 * This file owns scores as text, and ranges of a sorted set as they are asked for: of scores, "(1.5" "+inf", and of
 * members, "[a" "(b" "-" "+".
 * Sources: https://redis.io/docs/latest/commands/zrangebyscore/ and zrangebylex
 */
#ifndef RD_SCORE_H
#define RD_SCORE_H

#include "resp/reply.h"
#include "shape/part.h"

#define RD_SCORE_TEXT 32
#define RD_NOT_A_FLOAT "ERR value is not a valid float"

/* The whole text, no space before it; neither a NaN nor out of range. */
bool rd_score_parse(struct rd_slice text, double *score);
/* The fewest digits that read back as the score. Returns the length, not terminated. */
size_t rd_score_format(char text[RD_SCORE_TEXT], double score);
/* A double, or in RESP2 a bulk string. */
void rd_reply_score(struct rd_reply *reply, double score);

/* No bound is a NaN. */
struct rd_score_range {
    double least, most;
    bool above, below; /* the bound itself is not meant */
};

struct rd_lex_bound {
    struct rd_slice text;
    bool excluded;
    int8_t infinite; /* below 0: before all members; above: behind all */
};

struct rd_lex_range {
    struct rd_lex_bound least, most;
};

/* False, with the error written, when they cannot be read. */
bool rd_score_range_parse(struct rd_reply *reply, struct rd_slice least, struct rd_slice most, struct rd_score_range *range);
bool rd_lex_range_parse(struct rd_reply *reply, struct rd_slice least, struct rd_slice most, struct rd_lex_range *range);

static inline bool rd_lex_reaches(const struct rd_lex_bound *least, struct rd_slice member) {
    if (least->infinite) return least->infinite < 0;
    int order = rd_slice_order(member, least->text);
    return least->excluded ? order > 0 : order >= 0;
}

static inline bool rd_lex_stays(const struct rd_lex_bound *most, struct rd_slice member) {
    if (most->infinite) return most->infinite > 0;
    int order = rd_slice_order(member, most->text);
    return most->excluded ? order < 0 : order <= 0;
}

#endif
