/* This file owns idle connections: opened, used once, held, so that the server's memory for them can be read. */
#ifndef BENCH_IDLE_H
#define BENCH_IDLE_H

#include "options.h"

/* Opens options->idle connections, sends one PING on each and reads its reply, says so, holds them until EOF. */
void bench_idle(const struct bench_options *options);

#endif
