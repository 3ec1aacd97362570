/* This file owns the control plane of a fuzzed server: it answers from the server's own figures. */
#ifndef FUZZ_CALLBACKS_H
#define FUZZ_CALLBACKS_H

#include "world.h"

/* The world is their context, and outlives the server. */
struct rd_callbacks callbacks_of(struct world *world);

#endif
