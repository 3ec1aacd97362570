/*
 * This file owns walking through a batch's replies one by one, as they arrive in pieces. Where keys may be missing
 * there is no other way: the size of the replies is not known beforehand.
 */
#ifndef BENCH_WALK_H
#define BENCH_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than any line of a right answer: memcached's names the key. */
#define BENCH_WALK_LINE_MAX 320

/* All zero is between batches. */
struct bench_walk {
    uint32_t left;          /* replies to come, elements of arrays included */
    uint32_t hits;
    uint32_t nulls;         /* misses that the protocol names */
    size_t passing;         /* bytes of a value, and of the line end behind it, to come */
    const char *wrong;      /* after BENCH_WALKED_WRONG: where, within the bytes taken or `line`; else meaningless */
    size_t wrong_size;
    uint32_t line_size;     /* bytes of a line that has not wholly arrived */
    char line[BENCH_WALK_LINE_MAX];
};

/* A line without its end. Counts what it tells. False: it can't belong to a right answer. */
typedef bool bench_walk_line(struct bench_walk *walk, const char *line, size_t size, uint32_t value_size);

enum bench_walked {
    BENCH_WALKED_PART,      /* more is to come */
    BENCH_WALKED_ALL,
    BENCH_WALKED_WRONG,
};

/* Whether a line is exactly that text. */
bool bench_walk_line_is(const char *line, size_t size, const char *text);

void bench_walk_begin(struct bench_walk *walk, uint32_t replies);
enum bench_walked bench_walk_take(struct bench_walk *walk, bench_walk_line *take_line, uint32_t value_size,
                                  const char *bytes, size_t size);

#endif
