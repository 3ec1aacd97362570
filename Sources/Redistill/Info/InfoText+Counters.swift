internal import CRedistillHot

extension InfoText {
    static func memory(_ snapshot: InfoSnapshot) -> [InfoField] {
        let statistics = snapshot.statistics
        let facts = snapshot.facts
        let used = statistics.memory_used
        let resident = snapshot.residentBytes
        let overhead = used - min(used, statistics.memory_dataset)
        let limit = UInt64(snapshot.configuration.integer(.maxMemory))
        // Pages of entries and values are active; what lies in them is allocated.
        let held = statistics.memory_arena + statistics.memory_values
        let holes = held - min(held, statistics.memory_dataset)
        let allocated = used - min(used, holes)
        let own = resident - min(resident, statistics.memory_startup)
        func ratio(_ whole: UInt64, _ part: UInt64) -> String {
            Decimal.text(part == 0 ? 0 : Double(whole) / Double(part), places: 2)
        }
        func share(_ part: UInt64, of whole: UInt64) -> String {
            Decimal.text(whole == 0 ? 0 : Double(part) / Double(whole) * 100, places: 2) + "%"
        }
        return sized("used_memory", used) + sized("used_memory_rss", resident)
            + sized("used_memory_peak", statistics.memory_peak)
            + [
                InfoField("used_memory_peak_perc", share(used, of: statistics.memory_peak)),
                InfoField("used_memory_overhead", overhead),
                InfoField("used_memory_startup", statistics.memory_initial),
                InfoField("used_memory_startup_rss", statistics.memory_startup),
                InfoField("used_memory_dataset", statistics.memory_dataset),
                InfoField("used_memory_dataset_perc", share(statistics.memory_dataset, of: used - statistics.memory_initial)),
                InfoField("used_memory_payload", statistics.memory_payload),
                InfoField("used_memory_table", statistics.memory_table),
                InfoField("used_memory_arena", statistics.memory_arena),
                InfoField("used_memory_large_values", statistics.memory_values),
                InfoField("used_memory_other", statistics.memory_other),
                InfoField("allocator_allocated", allocated),
                InfoField("allocator_active", used),
                InfoField("allocator_resident", own),
                InfoField("allocator_muzzy", "0"),
            ]
            + sized("total_system_memory", facts.totalMemory)
            + [
                InfoField("used_memory_lua", "0"),
                InfoField("used_memory_vm_eval", "0"),
                InfoField("used_memory_lua_human", "0B"),
                InfoField("used_memory_scripts_eval", "0"),
                InfoField("number_of_cached_scripts", "0"),
                InfoField("number_of_functions", "0"),
                InfoField("number_of_libraries", "0"),
                InfoField("used_memory_vm_functions", "0"),
                InfoField("used_memory_vm_total", "0"),
                InfoField("used_memory_vm_total_human", "0B"),
                InfoField("used_memory_functions", "0"),
                InfoField("used_memory_scripts", "0"),
                InfoField("used_memory_scripts_human", "0B"),
            ]
            + sized("maxmemory", limit)
            + [
                InfoField("maxmemory_policy", snapshot.configuration.text(.evictionPolicy)),
                InfoField("allocator_frag_ratio", ratio(used, allocated)),
                InfoField("allocator_frag_bytes", used - allocated),
                InfoField("allocator_rss_ratio", ratio(own, used)),
                InfoField("allocator_rss_bytes", Int64(own) - Int64(used)),
                InfoField("rss_overhead_ratio", ratio(resident, own)),
                InfoField("rss_overhead_bytes", resident - own),
                InfoField("mem_fragmentation_ratio", Decimal.text(snapshot.fragmentation, places: 2)),
                InfoField("mem_fragmentation_bytes", Int64(resident) - Int64(used)),
                // What is used is what the limit counts.
                InfoField("mem_not_counted_for_evict", "0"),
                InfoField("mem_overhead_db_hashtable_rehashing", "0"),
                InfoField("mem_replication_backlog", "0"),
                InfoField("mem_total_replication_buffers", "0"),
                InfoField("mem_clients_slaves", "0"),
                InfoField("mem_clients_normal", statistics.memory_clients),
                InfoField("mem_clients_connections", statistics.memory_connections),
                InfoField("mem_clients_tls", statistics.memory_tls),
                InfoField("mem_clients_input", statistics.memory_client_input),
                InfoField("mem_clients_values", statistics.memory_client_values),
                InfoField("mem_clients_output", statistics.memory_client_output),
                InfoField("mem_clients_queues", statistics.memory_client_queues),
                InfoField("mem_clients_orphans", statistics.memory_orphans),
                InfoField("mem_tracking", statistics.memory_tracking),
                InfoField("mem_feeds", statistics.memory_feeds),
                InfoField("mem_buffers", statistics.memory_buffers),
                InfoField("mem_store_resident", statistics.memory_store_resident),
                InfoField("mem_heap_used", statistics.memory_heap_used),
                InfoField("mem_heap_overhead", statistics.memory_heap_overhead),
                InfoField("mem_heap_free", statistics.memory_heap_free),
                InfoField("mem_cluster_links", "0"),
                InfoField("mem_aof_buffer", "0"),
                InfoField("mem_allocator", "redistill"),
                InfoField("active_defrag_running", "0"),
                InfoField("lazyfree_pending_objects", "0"),
                InfoField("lazyfreed_objects", "0"),
            ]
    }

    static func stats(_ snapshot: InfoSnapshot) -> [InfoField] {
        let statistics = snapshot.statistics
        let rates = snapshot.rates
        func kilobytes(_ bytes: Double) -> String { Decimal.text(bytes / 1024, places: 2) }
        return [
            InfoField("total_connections_received", statistics.connections_received),
            InfoField("total_commands_processed", statistics.commands_processed),
            InfoField("instantaneous_ops_per_sec", Int64(rates.commands)),
            InfoField("total_net_input_bytes", statistics.bytes_in),
            InfoField("total_net_output_bytes", statistics.bytes_out),
            InfoField("total_net_repl_input_bytes", "0"),
            InfoField("total_net_repl_output_bytes", "0"),
            InfoField("instantaneous_input_kbps", kilobytes(rates.bytesIn)),
            InfoField("instantaneous_output_kbps", kilobytes(rates.bytesOut)),
            InfoField("instantaneous_input_repl_kbps", "0.00"),
            InfoField("instantaneous_output_repl_kbps", "0.00"),
            InfoField("rejected_connections", statistics.rejectedConnections),
            InfoField("client_query_buffer_limit_disconnections", statistics.closed_query_limit),
            InfoField("client_output_buffer_limit_disconnections", statistics.closed_output_limit),
            InfoField("sync_full", "0"),
            InfoField("sync_partial_ok", "0"),
            InfoField("sync_partial_err", "0"),
            InfoField("expired_keys", statistics.expired),
            InfoField("expired_subkeys", "0"),
            InfoField("expired_time_cap_reached_count", statistics.sweeps_cut),
            InfoField("expire_cycle_cpu_milliseconds", statistics.sweep_us / 1000),
            InfoField("evicted_keys", statistics.evicted),
            InfoField("evicted_clients", statistics.evicted_clients),
            InfoField("evicted_scripts", "0"),
            InfoField("total_eviction_exceeded_time", statistics.over_limit_ms),
            InfoField("current_eviction_exceeded_time", statistics.over_limit_now_ms),
            InfoField("keyspace_hits", statistics.keyspace_hits),
            InfoField("keyspace_misses", statistics.keyspace_misses),
            InfoField("pubsub_channels", "0"),
            InfoField("pubsub_patterns", "0"),
            InfoField("pubsubshard_channels", "0"),
            InfoField("latest_fork_usec", "0"),
            InfoField("total_forks", "0"),
            InfoField("migrate_cached_sockets", "0"),
            InfoField("slave_expires_tracked_keys", "0"),
            InfoField("active_defrag_hits", "0"),
            InfoField("active_defrag_misses", "0"),
            InfoField("active_defrag_key_hits", "0"),
            InfoField("active_defrag_key_misses", "0"),
            InfoField("total_active_defrag_time", "0"),
            InfoField("current_active_defrag_time", "0"),
            InfoField("tracking_total_keys", statistics.keys_tracked),
            InfoField("tracking_total_items", statistics.keys_tracked),
            InfoField("tracking_total_prefixes", statistics.prefixes_tracked),
            InfoField("unexpected_error_replies", "0"),
            InfoField("total_error_replies", statistics.error_replies),
            InfoField("dump_payload_sanitizations", "0"),
            InfoField("total_reads_processed", statistics.reads),
            InfoField("total_writes_processed", statistics.writes),
            InfoField("total_batches_processed", statistics.batches),
            InfoField("io_threaded_reads_processed", "0"),
            InfoField("io_threaded_writes_processed", "0"),
            InfoField("reply_buffer_shrinks", "0"),
            InfoField("reply_buffer_expands", "0"),
            InfoField("eventloop_cycles", statistics.loop_turns),
            InfoField("eventloop_duration_sum", statistics.worker_ns / 1000),
            InfoField("eventloop_duration_cmd_sum", snapshot.commands.reduce(0) { $0 + $1.nanoseconds } / 1000),
            InfoField("instantaneous_eventloop_cycles_per_sec", Int64(rates.turns)),
            InfoField("instantaneous_eventloop_duration_usec", Int64(rates.turnTime / 1000)),
            InfoField("acl_access_denied_cmd", "0"),
            InfoField("acl_access_denied_key", "0"),
            InfoField("acl_access_denied_channel", "0"),
            InfoField("acl_access_denied_auth", statistics.auth_failures),
            InfoField("auth_attempts_delayed", statistics.auth_delayed),
            InfoField("auth_attempts_refused", statistics.auth_refused),
            InfoField("tls_handshakes_failed", statistics.tls_handshakes_failed),
            InfoField("tls_handshakes_active", statistics.tls_handshakes_active),
        ]
            + statistics.rejections.map { InfoField("rejected_connections_\($0.reason)", $0.count) }
            + statistics.closings.map { InfoField("closed_connections_\($0.reason)", $0.count) }
    }

    /// A size twice: in bytes, and for a person.
    private static func sized(_ name: String, _ bytes: UInt64) -> [InfoField] {
        [InfoField(name, bytes), InfoField(name + "_human", Decimal.humanBytes(bytes))]
    }
}
