/* This file owns the actions of a run: what is done next, by whom. */
#ifndef FUZZ_ACTIONS_H
#define FUZZ_ACTIONS_H

#include "world.h"

/* Actions of the run that the seed asks for. */
uint32_t actions_count(uint64_t seed);
/* Does action `number`. Its dice are its own, so that a run without some of the others is still the same run. */
void actions_do(struct world *world, uint32_t number);

#endif
