/* This file owns the order of things in bench-load: encode, preload, window, report. */
#include "fail.h"
#include "idle.h"
#include "options.h"
#include "preload.h"
#include "report.h"
#include "request.h"
#include "ring.h"
#include "socket.h"
#include "window.h"

#include <stdlib.h>

/* The ring is encoded before the preload, so that the window begins on a server that was busy just now. */
static bool measure(const struct bench_options *options, const struct bench_requests *requests) {
    struct bench_ring ring;
    bench_ring_init(&ring, requests, options);
    double preload_seconds = options->preload ? bench_preload(options, requests) : -1;
    struct bench_result *result = bench_allocate(1, sizeof *result);
    bench_window_run(options, requests, &ring, result);
    bench_report(options, preload_seconds, result);
    bool good = result->errors == 0;
    free(result);
    bench_ring_free(&ring);
    return good;
}

int main(int argc, char **argv) {
    struct bench_options options = bench_options_parse(argc, argv);
    if (options.idle) {
        bench_idle(&options);
        return 0;
    }
    bench_socket_allow_all();
    struct bench_requests requests;
    bench_requests_init(&requests, &options);
    bool good = true;
    if (options.seconds > 0 || options.operations > 0) {
        good = measure(&options, &requests);
    } else if (options.preload) {
        bench_report(&options, bench_preload(&options, &requests), NULL);
    }
    bench_requests_free(&requests);
    return good ? 0 : 1;
}
