/* This file owns the preload: every key SET once, so that every GET afterwards is a hit of known size. */
#ifndef BENCH_PRELOAD_H
#define BENCH_PRELOAD_H

#include "options.h"
#include "request.h"

/* One connection, pipelined, every reply compared. Returns the seconds it took. */
double bench_preload(const struct bench_options *options, const struct bench_requests *requests);

#endif
