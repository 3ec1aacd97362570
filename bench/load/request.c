/* This file owns the operations that a run is made of. */
#include "request.h"

#include "collection.h"
#include "fail.h"

#include <stdlib.h>
#include <string.h>

const struct bench_protocol *bench_protocol_of(const struct bench_options *options) {
    return options->memcached ? &bench_memcached : &bench_resp;
}

static void init_main(struct bench_operation *main, const struct bench_protocol *protocol,
                      const struct bench_options *options, const char *value) {
    switch (options->command) {
    case BENCH_COMMAND_GET: protocol->get(main, options); break;
    case BENCH_COMMAND_MGET: protocol->get_many(main, options); break;
    case BENCH_COMMAND_INCR: protocol->increment(main, options); break;
    case BENCH_COMMAND_MULTI: protocol->transaction(main, options, value); break;
    case BENCH_COMMAND_PING: protocol->ping(main, options); break;
    default: bench_collection_main(main, options, value);
    }
}

void bench_requests_init(struct bench_requests *requests, const struct bench_options *options) {
    const struct bench_protocol *protocol = bench_protocol_of(options);
    *requests = (struct bench_requests){.protocol = protocol};
    char *value = bench_allocate(options->value_size, 1);
    memset(value, 'v', options->value_size);
    init_main(&requests->main, protocol, options, value);
    protocol->set(&requests->set, options, value, options->value_size);
    if (options->command == BENCH_COMMAND_INCR) {
        protocol->set(&requests->fill, options, BENCH_COUNTER, BENCH_COUNTER_SIZE);
    } else if (bench_command_is_on_collections(options->command)) {
        bench_collection_fill(&requests->fill, options, value);
    } else {
        protocol->set(&requests->fill, options, value, options->value_size);
    }
    free(value);
}

void bench_requests_free(struct bench_requests *requests) {
    bench_operation_free(&requests->main);
    bench_operation_free(&requests->set);
    bench_operation_free(&requests->fill);
}
