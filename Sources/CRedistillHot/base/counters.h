/*
 * This file owns the counters of one thread: written by that thread alone, summed by whoever asks. Padded, so that
 * no two threads write one cache line.
 */
#ifndef RD_COUNTERS_H
#define RD_COUNTERS_H

#include "base/counter.h"
#include "redistill_hot.h"

/*
 * Every counter, and the field of the snapshot that it goes into. A COUNT of all threads is added up, and CONFIG
 * RESETSTAT sets it to 0; a GAUGE is added up; of a PEAK the largest counts, of a connection within the last seconds.
 */
#define RD_COUNTERS(COUNT, GAUGE, PEAK)                                                                             \
    COUNT(commands, commands_processed)                                                                             \
    COUNT(errors, error_replies)                                                                                    \
    COUNT(hits, keyspace_hits)                                                                                      \
    COUNT(misses, keyspace_misses)                                                                                  \
    COUNT(reads, reads)                                                                                             \
    COUNT(writes, writes)                                                                                           \
    COUNT(bytes_in, bytes_in)                                                                                       \
    COUNT(bytes_out, bytes_out)                                                                                     \
    COUNT(batches, batches)                                                                                         \
    COUNT(turns, loop_turns)                                                                                        \
    COUNT(sweep_us, sweep_us)                                                                                       \
    COUNT(sweeps_cut, sweeps_cut)                                                                                   \
    COUNT(received, connections_received)                                                                           \
    COUNT(rejected_max, rejected_max_connections)                                                                   \
    COUNT(rejected_rate, rejected_rate)                                                                             \
    COUNT(rejected_protected, rejected_protected_mode)                                                              \
    COUNT(rejected_descriptors, rejected_no_descriptors)                                                            \
    COUNT(rejected_rate_address, rejected_rate_address)                                                             \
    COUNT(rejected_handshakes, rejected_handshakes)                                                                 \
    COUNT(tls_on_plain, rejected_tls_on_plain)                                                                      \
    COUNT(plain_on_tls, rejected_plain_on_tls)                                                                      \
    COUNT(attacks, attacks)                                                                                         \
    COUNT(denied_commands, denied_commands)                                                                         \
    COUNT(denied_keys, denied_keys)                                                                                 \
    COUNT(denied_databases, denied_databases)                                                                       \
    COUNT(denied_certificates, denied_certificates)                                                                 \
    COUNT(proxy_unexpected, rejected_proxy_header)                                                                  \
    COUNT(proxy_missing, rejected_no_proxy_header)                                                                  \
    COUNT(auth_delayed, auth_delayed)                                                                               \
    COUNT(auth_refused, auth_refused)                                                                               \
    COUNT(closed_idle, closed_idle)                                                                                 \
    COUNT(closed_output, closed_output_limit)                                                                       \
    COUNT(closed_query, closed_query_limit)                                                                         \
    COUNT(closed_auth, closed_auth_timeout)                                                                         \
    COUNT(closed_protocol, closed_protocol_error)                                                                   \
    COUNT(http_rejected, rejected_http)                                                                             \
    COUNT(http_timeouts, closed_http_timeout)                                                                       \
    GAUGE(http_bytes, memory_connections)                                                                           \
    COUNT(auth_failures, auth_failures)                                                                             \
    COUNT(tls_failures, tls_handshakes_failed)                                                                      \
    COUNT(tls_not_begun, tls_handshakes_not_begun)                                                                  \
    GAUGE(watching, connections_watching)                                                                           \
    GAUGE(watches, keys_watched)                                                                                    \
    GAUGE(paused, connections_paused)                                                                               \
    PEAK(largest_input, largest_input)                                                                              \
    PEAK(largest_output, largest_output)                                                                            \
    GAUGE(buffer_bytes, memory_buffers)

struct rd_counters {
#define RD_COUNTER_FIELD(name, field) rd_counter name;
    RD_COUNTERS(RD_COUNTER_FIELD, RD_COUNTER_FIELD, RD_COUNTER_FIELD)
#undef RD_COUNTER_FIELD
} __attribute__((aligned(128)));

/* Adds one thread's counters to a snapshot. */
void rd_counters_add_to(const struct rd_counters *counters, struct rd_statistics *statistics);
/* Sets what CONFIG RESETSTAT resets to 0; only the owner may be writing, or small losses are accepted. */
void rd_counters_reset(struct rd_counters *counters);

#endif
