internal import CRedistillHot

/// Figures of commands and of the keys that they find.
extension Figure {
    static let work: [Figure] = [
        Figure(
            .stats, "total_commands_processed",
            .counter("redistill_commands_processed_total", "Commands executed."), from: \.commands_processed),
        Figure(
            .stats, "total_error_replies",
            .counter("redistill_error_replies_total", "Replies that were errors."), from: \.error_replies),
        Figure(
            .stats, "refused_writes",
            .counter("redistill_writes_refused_total", "Commands refused for want of memory: replies with the code OOM."),
            from: \.writes_refused),
        Figure(
            .stats, "total_batches_processed",
            .counter("redistill_batches_total", "Batches of commands executed."), from: \.batches),
        Figure(
            .stats, "total_reads_processed",
            .counter("redistill_reads_total", "Reads from sockets that brought data."), from: \.reads),
        Figure(
            .stats, "total_writes_processed", .counter("redistill_writes_total", "Writes to sockets."), from: \.writes),
        Figure(
            .stats, "total_net_input_bytes",
            .counter("redistill_network_received_bytes_total", "Bytes read from clients."), from: \.bytes_in),
        Figure(
            .stats, "total_net_output_bytes",
            .counter("redistill_network_sent_bytes_total", "Bytes sent to clients."), from: \.bytes_out),
        Figure(.stats, "instantaneous_ops_per_sec") { "\(Int64($0.rates.commands))" },
        Figure(.stats, "instantaneous_input_kbps") { Decimal.text($0.rates.bytesIn / 1024, places: 2) },
        Figure(.stats, "instantaneous_output_kbps") { Decimal.text($0.rates.bytesOut / 1024, places: 2) },
        Figure(.stats, "eventloop_cycles", from: \.loop_turns),
        Figure(.stats, "eventloop_duration_sum") { "\($0.statistics.worker_ns / 1000)" },
        Figure(.stats, "eventloop_duration_cmd_sum") { snapshot in
            "\(snapshot.commands.reduce(0) { $0 + $1.nanoseconds } / 1000)"
        },
        Figure(.stats, "instantaneous_eventloop_cycles_per_sec") { "\(Int64($0.rates.turns))" },
        Figure(.stats, "instantaneous_eventloop_duration_usec") { "\(Int64($0.rates.turnTime / 1000))" },
    ]

    static let keys: [Figure] = [
        Figure(.gauge("redistill_keys", "Keys now."), from: \.keys),
        Figure(.gauge("redistill_keys_expiring", "Keys with a time to live."), from: \.keys_with_ttl),
        Figure(
            .stats, "keyspace_hits", .counter("redistill_keyspace_hits_total", "Lookups that found their key."),
            from: \.keyspace_hits),
        Figure(
            .stats, "keyspace_misses", .counter("redistill_keyspace_misses_total", "Lookups that did not."),
            from: \.keyspace_misses),
        Figure(
            .stats, "expired_keys",
            .counter("redistill_keys_expired_total", "Keys removed because their time was up."), from: \.expired),
        Figure(
            .stats, "expired_subkeys",
            .counter("redistill_fields_expired_total", "Fields of hashes removed because their time was up."),
            from: \.expired_fields),
        Figure(
            .stats, "evicted_keys", .counter("redistill_keys_evicted_total", "Keys removed to make room."),
            from: \.evicted),
        Figure(
            .stats, "evicted_scripts",
            .counter("redistill_scripts_evicted_total", "Scripts of EVAL that were forgotten to make room for others.")
        ) { "\($0.scripts.evicted)" },
        Figure(.stats, "expired_time_cap_reached_count", from: \.sweeps_cut),
        Figure(.stats, "expire_cycle_cpu_milliseconds") { "\($0.statistics.sweep_us / 1000)" },
        Figure(.stats, "total_eviction_exceeded_time", from: \.over_limit_ms),
        Figure(.stats, "current_eviction_exceeded_time", from: \.over_limit_now_ms),
    ]
}
