/* This file owns summing and resetting counters. */
#include "base/counters.h"

void rd_counters_add_to(const struct rd_counters *counters, struct rd_statistics *statistics) {
    statistics->commands_processed += rd_counter_get(&counters->commands);
    statistics->error_replies += rd_counter_get(&counters->errors);
    statistics->keyspace_hits += rd_counter_get(&counters->hits);
    statistics->keyspace_misses += rd_counter_get(&counters->misses);
    statistics->reads += rd_counter_get(&counters->reads);
    statistics->writes += rd_counter_get(&counters->writes);
    statistics->bytes_in += rd_counter_get(&counters->bytes_in);
    statistics->bytes_out += rd_counter_get(&counters->bytes_out);
    statistics->batches += rd_counter_get(&counters->batches);
    statistics->loop_turns += rd_counter_get(&counters->turns);
    statistics->sweep_us += rd_counter_get(&counters->sweep_us);
    statistics->sweeps_cut += rd_counter_get(&counters->sweeps_cut);
    uint64_t input = rd_counter_get(&counters->largest_input), output = rd_counter_get(&counters->largest_output);
    if (input > statistics->largest_input) statistics->largest_input = input;
    if (output > statistics->largest_output) statistics->largest_output = output;
    statistics->connections_received += rd_counter_get(&counters->received);
    statistics->rejected_max_connections += rd_counter_get(&counters->rejected_max);
    statistics->rejected_rate += rd_counter_get(&counters->rejected_rate);
    statistics->rejected_rate_address += rd_counter_get(&counters->rejected_rate_address);
    statistics->rejected_handshakes += rd_counter_get(&counters->rejected_handshakes);
    statistics->rejected_tls_on_plain += rd_counter_get(&counters->tls_on_plain);
    statistics->rejected_plain_on_tls += rd_counter_get(&counters->plain_on_tls);
    statistics->rejected_proxy_header += rd_counter_get(&counters->proxy_unexpected);
    statistics->rejected_no_proxy_header += rd_counter_get(&counters->proxy_missing);
    statistics->rejected_http += rd_counter_get(&counters->http_rejected);
    statistics->closed_http_timeout += rd_counter_get(&counters->http_timeouts);
    statistics->attacks += rd_counter_get(&counters->attacks);
    statistics->auth_delayed += rd_counter_get(&counters->auth_delayed);
    statistics->auth_refused += rd_counter_get(&counters->auth_refused);
    statistics->rejected_protected_mode += rd_counter_get(&counters->rejected_protected);
    statistics->rejected_no_descriptors += rd_counter_get(&counters->rejected_descriptors);
    statistics->closed_idle += rd_counter_get(&counters->closed_idle);
    statistics->closed_output_limit += rd_counter_get(&counters->closed_output);
    statistics->closed_query_limit += rd_counter_get(&counters->closed_query);
    statistics->closed_auth_timeout += rd_counter_get(&counters->closed_auth);
    statistics->closed_protocol_error += rd_counter_get(&counters->closed_protocol);
    statistics->auth_failures += rd_counter_get(&counters->auth_failures);
    statistics->tls_handshakes_failed += rd_counter_get(&counters->tls_failures);
    statistics->connections_watching += rd_counter_get(&counters->watching);
    statistics->keys_watched += rd_counter_get(&counters->watches);
    statistics->connections_paused += rd_counter_get(&counters->paused);
    statistics->memory_buffers += rd_counter_get(&counters->buffer_bytes);
    statistics->memory_connections += rd_counter_get(&counters->http_bytes);
}

void rd_counters_reset(struct rd_counters *counters) {
    rd_counter *resettable[] = {
        &counters->commands, &counters->errors, &counters->hits, &counters->misses, &counters->reads, &counters->writes,
        &counters->bytes_in, &counters->bytes_out, &counters->batches, &counters->turns, &counters->sweep_us,
        &counters->sweeps_cut, &counters->received, &counters->rejected_max,
        &counters->rejected_rate, &counters->rejected_protected, &counters->rejected_descriptors,
        &counters->closed_idle, &counters->closed_output, &counters->closed_query, &counters->closed_auth,
        &counters->rejected_rate_address, &counters->rejected_handshakes, &counters->tls_on_plain,
        &counters->plain_on_tls, &counters->http_rejected, &counters->http_timeouts, &counters->proxy_unexpected, &counters->proxy_missing, &counters->attacks, &counters->auth_delayed, &counters->auth_refused,
        &counters->closed_protocol, &counters->auth_failures, &counters->tls_failures,
    };
    for (size_t i = 0; i < sizeof resettable / sizeof resettable[0]; i++) rd_counter_set(resettable[i], 0);
}
