/* This file owns the measured window. */
#include "window.h"

#include "client.h"
#include "clock.h"
#include "fail.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often a window that ends at an operation count looks at the count. */
#define BENCH_LOOK_NS (BENCH_NS_PER_S / 1000)

/* All that is read at either end of the window, in one go. */
struct sample {
    uint64_t operations;
    struct bench_cpu server;
    struct bench_cpu client;
    int64_t stolen_ns;
    int64_t at;
};

static uint64_t count_operations(struct bench_client *const *clients, uint32_t threads) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < threads; i++) sum += bench_client_operations(clients[i]);
    return sum;
}

static struct sample take_sample(const struct bench_options *options, struct bench_client *const *clients) {
    struct sample sample = {0};
    if (options->server_pid) sample.server = bench_cpu_of_process(options->server_pid);
    sample.client = bench_cpu_of_self();
    sample.stolen_ns = bench_cpu_stolen_ns();
    sample.operations = count_operations(clients, options->threads);
    sample.at = bench_clock_now();
    return sample;
}

/* Sleeps until `end`. False: a client failed. */
static bool wait_until(const struct bench_run *run, int64_t end) {
    struct pollfd attention = {.fd = run->attention, .events = POLLIN};
    for (int64_t left; (left = end - bench_clock_now()) > 0;) {
        struct timespec limit = bench_clock_timespec(left);
        if (ppoll(&attention, 1, &limit, NULL) > 0) return false;
    }
    return true;
}

static bool wait_for_operations(const struct bench_run *run, struct bench_client *const *clients, uint64_t count) {
    uint64_t end = count_operations(clients, run->options->threads) + count;
    while (count_operations(clients, run->options->threads) < end) {
        if (!wait_until(run, bench_clock_now() + BENCH_LOOK_NS)) return false;
    }
    return true;
}

static void warm_up_and_measure(struct bench_run *run, struct bench_client *const *clients,
                                struct bench_result *result) {
    const struct bench_options *options = run->options;
    if (!wait_until(run, bench_clock_now() + (int64_t)(options->warmup * (double)BENCH_NS_PER_S))) return;
    run->phase = BENCH_PHASE_MEASURE;
    struct sample start = take_sample(options, clients);
    bool done = options->operations
                    ? wait_for_operations(run, clients, options->operations)
                    : wait_until(run, start.at + (int64_t)(options->seconds * (double)BENCH_NS_PER_S));
    if (!done) return;
    struct sample end = take_sample(options, clients);
    result->operations = end.operations - start.operations;
    result->seconds = (double)(end.at - start.at) / (double)BENCH_NS_PER_S;
    result->server = bench_cpu_between(start.server, end.server);
    result->client = bench_cpu_between(start.client, end.client);
    result->stolen_ns = end.stolen_ns - start.stolen_ns;
}

void bench_window_run(const struct bench_options *options, const struct bench_requests *requests,
                      const struct bench_ring *ring, struct bench_result *result) {
    *result = (struct bench_result){0};
    struct bench_run run = {.options = options, .requests = requests, .ring = ring, .phase = BENCH_PHASE_WARMUP,
                            .attention = eventfd(0, EFD_CLOEXEC)};
    if (run.attention < 0) bench_fail("eventfd failed");
    struct bench_client **clients = bench_allocate(options->threads, sizeof *clients);
    for (uint32_t i = 0; i < options->threads; i++) clients[i] = bench_client_start(&run, i);

    warm_up_and_measure(&run, clients, result);

    run.phase = BENCH_PHASE_STOP;
    for (uint32_t i = 0; i < options->threads; i++) {
        bench_client_wake(clients[i]);
        bench_client_join(clients[i]);
        bench_histogram_add(&result->latency, bench_client_latency(clients[i]));
        result->reads += bench_client_reads(clients[i]);
        result->hits += bench_client_hits(clients[i]);
        if (*bench_client_failure(clients[i]) && result->errors++ == 0) {
            snprintf(result->failure, sizeof result->failure, "%s", bench_client_failure(clients[i]));
        }
        bench_client_free(clients[i]);
    }
    free(clients);
    close(run.attention);
}
