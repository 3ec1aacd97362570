/* This file owns which key comes next. */
#include "sequence.h"

#include "fail.h"

#include <math.h>
#include <stdlib.h>

static void shuffle(struct bench_sequence *sequence) {
    for (uint32_t i = sequence->keys; i > 1; i--) {
        uint32_t other = (uint32_t)bench_random_below(&sequence->random, i);
        uint32_t card = sequence->order[i - 1];
        sequence->order[i - 1] = sequence->order[other];
        sequence->order[other] = card;
    }
    sequence->dealt = 0;
}

static double *zipf_shares(uint32_t keys, double exponent) {
    double *cumulative = bench_allocate(keys, sizeof *cumulative);
    double sum = 0;
    for (uint32_t i = 0; i < keys; i++) {
        sum += pow((double)i + 1, -exponent);
        cumulative[i] = sum;
    }
    for (uint32_t i = 0; i < keys; i++) cumulative[i] /= sum;
    return cumulative;
}

void bench_sequence_init(struct bench_sequence *sequence, uint32_t keys, double zipf, uint64_t seed) {
    *sequence = (struct bench_sequence){.random = {.state = seed}, .keys = keys};
    sequence->order = bench_allocate(keys, sizeof *sequence->order);
    for (uint32_t i = 0; i < keys; i++) sequence->order[i] = i;
    shuffle(sequence);
    if (zipf > 0) sequence->cumulative = zipf_shares(keys, zipf);
}

static uint32_t draw_rank(struct bench_sequence *sequence) {
    double share = bench_random_unit(&sequence->random);
    uint32_t low = 0, high = sequence->keys - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sequence->cumulative[middle] > share) high = middle;
        else low = middle + 1;
    }
    return low;
}

uint32_t bench_sequence_next(struct bench_sequence *sequence) {
    if (sequence->cumulative) return sequence->order[draw_rank(sequence)];
    if (sequence->dealt == sequence->keys) shuffle(sequence);
    return sequence->order[sequence->dealt++];
}

void bench_sequence_free(struct bench_sequence *sequence) {
    free(sequence->order);
    free(sequence->cumulative);
}
