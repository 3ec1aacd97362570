/*
 * This file owns the counters of one thread: written by that thread alone, summed by whoever asks. Padded, so that
 * no two threads write one cache line.
 */
#ifndef RD_COUNTERS_H
#define RD_COUNTERS_H

#include "base/counter.h"
#include "redistill_hot.h"

struct rd_counters {
    rd_counter commands, errors, hits, misses;
    rd_counter reads, writes, bytes_in, bytes_out, batches, turns;
    rd_counter sweep_us, sweeps_cut;
    rd_counter received;                                  /* connections taken on */
    rd_counter rejected_max, rejected_rate, rejected_protected, rejected_descriptors;
    rd_counter rejected_rate_address, rejected_handshakes, tls_on_plain, plain_on_tls, attacks;
    rd_counter proxy_unexpected, proxy_missing;           /* a PROXY header where none was expected, none where one was */
    rd_counter auth_delayed, auth_refused;
    rd_counter closed_idle, closed_output, closed_query, closed_auth, closed_protocol;
    rd_counter http_rejected, http_timeouts;
    rd_counter http_bytes;       /* gauge: connections of the HTTP port */
    rd_counter auth_failures, tls_failures;
    rd_counter watching, watches; /* gauges: connections that watch keys, and those keys */
    rd_counter paused;           /* gauge: connections that CLIENT PAUSE holds back */
    rd_counter largest_input, largest_output; /* gauges: of a connection, within the last seconds */
    rd_counter buffer_bytes;     /* gauge: the worker's own buffers */
} __attribute__((aligned(128)));

/* Adds one thread's counters to a snapshot. */
void rd_counters_add_to(const struct rd_counters *counters, struct rd_statistics *statistics);
/* Sets what CONFIG RESETSTAT resets to 0; only the owner may be writing, or small losses are accepted. */
void rd_counters_reset(struct rd_counters *counters);

#endif
