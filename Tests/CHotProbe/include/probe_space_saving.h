/* This file owns what tests see of the heaviest keys of a stream (space_saving.h). */
#ifndef PROBE_SPACE_SAVING_H
#define PROBE_SPACE_SAVING_H

#include "redistill_hot.h"

struct probe_space_saving;

/* With so many counters. NULL when memory is out. */
struct probe_space_saving *probe_space_saving_new(uint32_t capacity);
void probe_space_saving_free(struct probe_space_saving *summary);

void probe_space_saving_add(struct probe_space_saving *summary, struct rd_slice key, uint64_t weight);
bool probe_space_saving_check(const struct probe_space_saving *summary);

uint32_t probe_space_saving_used(const struct probe_space_saving *summary);
/* Of the counter of that number, below `used`: what is kept of its key; borrowed. */
struct rd_slice probe_space_saving_key(const struct probe_space_saving *summary, uint32_t number);
uint64_t probe_space_saving_length(const struct probe_space_saving *summary, uint32_t number);
/* What its key has weighed at least, and at most. */
uint64_t probe_space_saving_least(const struct probe_space_saving *summary, uint32_t number);
uint64_t probe_space_saving_most(const struct probe_space_saving *summary, uint32_t number);

#endif
