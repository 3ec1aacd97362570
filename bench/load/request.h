/* This file owns the operations that a run is made of. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include "operation.h"
#include "options.h"
#include "protocol.h"

struct bench_requests {
    const struct bench_protocol *protocol;
    struct bench_operation main;        /* options->command */
    struct bench_operation set;         /* options->set_share of all operations */
    struct bench_operation fill;        /* what the preload sends for each key */
};

void bench_requests_init(struct bench_requests *requests, const struct bench_options *options);
void bench_requests_free(struct bench_requests *requests);

#endif
