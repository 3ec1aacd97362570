/* This file owns which key comes next: uniform or Zipf, the same for the same seed. */
#ifndef BENCH_SEQUENCE_H
#define BENCH_SEQUENCE_H

#include "random.h"

#include <stdint.h>

/*
 * Uniform keys are dealt like cards: every key once, then shuffled again, so that a short run visits all of them.
 * Zipf keys are drawn; the order of the cards says which key has which rank, so that popular keys are no neighbours.
 */
struct bench_sequence {
    struct bench_random random;
    uint32_t *order;        /* owned; all keys, shuffled */
    double *cumulative;     /* owned; Zipf: share of the ranks up to i; NULL = uniform */
    uint32_t keys;
    uint32_t dealt;         /* uniform: cards of this deal already taken */
};

void bench_sequence_init(struct bench_sequence *sequence, uint32_t keys, double zipf, uint64_t seed);
uint32_t bench_sequence_next(struct bench_sequence *sequence);
void bench_sequence_free(struct bench_sequence *sequence);

#endif
