/// The order of INFO's fields, which is Redis's.
///
/// A name stands for its ``Figure``; a name with a value is a field of Redis that can say one thing only here. Figures
/// that are not named come at the end of their section.
enum InfoLayout {
    /// What stands in a line.
    enum Row: Sendable {
        case fixed(InfoField)
        case figure(name: String, value: @Sendable (InfoSnapshot) -> String?)
    }

    /// The rows of every section that is made of figures.
    static let rows: [InfoSection: [Row]] = {
        let figures = Dictionary(grouping: Figure.all.filter { $0.field != nil }) { $0.field?.section }
        return Dictionary(
            uniqueKeysWithValues: InfoSection.allCases.map { section in
                (section, rows(pages[section, default: ""], figures[section, default: []]))
            })
    }()

    private static func rows(_ page: String, _ figures: [Figure]) -> [Row] {
        var left = figures.map { (name: $0.field?.name ?? "", value: $0.value) }
        let named = page.split(separator: "\n").map { line -> Row in
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { return .fixed(InfoField(String(parts[0]), String(parts[1]))) }
            guard let index = left.firstIndex(where: { $0.name == line }) else {
                preconditionFailure("INFO has no figure for \(line)")
            }
            let figure = left.remove(at: index)
            return .figure(name: figure.name, value: figure.value)
        }
        return named + left.map { .figure(name: $0.name, value: $0.value) }
    }

    private static let pages: [InfoSection: String] = [
        .server: server, .clients: clients, .memory: memory, .persistence: persistence, .stats: stats,
        .replication: replication, .cpu: cpu, .cluster: "cluster_enabled",
    ]

    /// `gcc_version` is that of a Redis that was built by clang.
    private static let server = """
        redis_version
        redistill_version
        redis_git_sha1:00000000
        redis_git_dirty:0
        redis_build_id:0
        redis_mode
        os
        arch_bits:64
        monotonic_clock:POSIX clock_gettime
        multiplexing_api:epoll
        atomicvar_api:c11-builtin
        gcc_version:0.0.0
        libevent_version
        openssl_version
        process_id
        process_supervised
        run_id
        tcp_port
        server_time_usec
        uptime_in_seconds
        uptime_in_days
        hz:10
        configured_hz
        lru_clock
        executable
        config_file
        config_reloads
        config_reloads_failed
        config_last_reload_status
        config_last_reload_time
        io_threads_active
        workers
        shards
        """

    private static let clients = """
        connected_clients
        cluster_connections:0
        maxclients
        client_recent_max_input_buffer
        client_recent_max_output_buffer
        blocked_clients
        tracking_clients
        pubsub_clients:0
        monitor_clients
        watching_clients
        clients_in_timeout_table:0
        total_watched_keys
        total_blocking_keys:0
        total_blocking_keys_on_nokey:0
        """

    /// What is used is what the limit counts, so nothing is not counted.
    private static let memory = """
        used_memory
        used_memory_human
        used_memory_rss
        used_memory_rss_human
        used_memory_peak
        used_memory_peak_human
        used_memory_peak_perc
        used_memory_overhead
        used_memory_startup
        used_memory_startup_rss
        used_memory_dataset
        used_memory_dataset_perc
        used_memory_payload
        used_memory_table
        used_memory_arena
        used_memory_large_values
        used_memory_other
        allocator_allocated
        allocator_active
        allocator_resident
        allocator_muzzy:0
        total_system_memory
        total_system_memory_human
        used_memory_lua:0
        used_memory_vm_eval:0
        used_memory_lua_human:0B
        used_memory_scripts_eval
        number_of_cached_scripts
        number_of_functions:0
        number_of_libraries:0
        used_memory_vm_functions:0
        used_memory_vm_total:0
        used_memory_vm_total_human:0B
        used_memory_functions:0
        used_memory_scripts
        used_memory_scripts_human
        maxmemory
        maxmemory_human
        maxmemory_policy
        allocator_frag_ratio
        allocator_frag_bytes
        allocator_rss_ratio
        allocator_rss_bytes
        rss_overhead_ratio
        rss_overhead_bytes
        mem_fragmentation_ratio
        mem_fragmentation_bytes
        mem_not_counted_for_evict:0
        mem_overhead_db_hashtable_rehashing:0
        mem_replication_backlog:0
        mem_total_replication_buffers:0
        mem_clients_slaves:0
        mem_clients_normal
        mem_clients_connections
        mem_clients_tls
        mem_clients_input
        mem_clients_values
        mem_clients_output
        mem_clients_queues
        mem_clients_orphans
        mem_tracking
        mem_feeds
        mem_buffers
        mem_store_resident
        mem_heap_used
        mem_heap_overhead
        mem_heap_free
        mem_cluster_links:0
        mem_aof_buffer:0
        mem_allocator:redistill
        active_defrag_running:0
        lazyfree_pending_objects:0
        lazyfreed_objects:0
        """

    /// What of it is fixed is what says who has no log of writes.
    private static let persistence = """
        loading
        async_loading:0
        current_cow_peak:0
        current_cow_size:0
        current_cow_size_age:0
        current_fork_perc:0.00
        current_save_keys_processed
        current_save_keys_total:0
        rdb_changes_since_last_save:0
        rdb_bgsave_in_progress
        rdb_last_save_time
        rdb_last_bgsave_status
        rdb_last_bgsave_time_sec
        rdb_current_bgsave_time_sec
        rdb_saves
        rdb_last_cow_size:0
        rdb_last_load_keys_expired
        rdb_last_load_keys_loaded
        aof_enabled:0
        aof_rewrite_in_progress:0
        aof_rewrite_scheduled:0
        aof_last_rewrite_time_sec:-1
        aof_current_rewrite_time_sec:-1
        aof_last_bgrewrite_status:ok
        aof_rewrites:0
        aof_rewrites_consecutive_failures:0
        aof_last_write_status:ok
        aof_last_cow_size:0
        module_fork_in_progress:0
        module_fork_last_cow_size:0
        """

    private static let stats = """
        total_connections_received
        total_commands_processed
        instantaneous_ops_per_sec
        total_net_input_bytes
        total_net_output_bytes
        total_net_repl_input_bytes:0
        total_net_repl_output_bytes:0
        instantaneous_input_kbps
        instantaneous_output_kbps
        instantaneous_input_repl_kbps:0.00
        instantaneous_output_repl_kbps:0.00
        rejected_connections
        client_query_buffer_limit_disconnections
        client_output_buffer_limit_disconnections
        sync_full:0
        sync_partial_ok:0
        sync_partial_err:0
        expired_keys
        expired_subkeys
        expired_time_cap_reached_count
        expire_cycle_cpu_milliseconds
        evicted_keys
        evicted_clients
        evicted_scripts
        total_eviction_exceeded_time
        current_eviction_exceeded_time
        keyspace_hits
        keyspace_misses
        pubsub_channels:0
        pubsub_patterns:0
        pubsubshard_channels:0
        latest_fork_usec:0
        total_forks:0
        migrate_cached_sockets:0
        slave_expires_tracked_keys:0
        active_defrag_hits:0
        active_defrag_misses:0
        active_defrag_key_hits:0
        active_defrag_key_misses:0
        total_active_defrag_time:0
        current_active_defrag_time:0
        tracking_total_keys
        tracking_total_items
        tracking_total_prefixes
        unexpected_error_replies:0
        total_error_replies
        refused_writes
        dump_payload_sanitizations:0
        total_reads_processed
        total_writes_processed
        total_batches_processed
        io_threaded_reads_processed:0
        io_threaded_writes_processed:0
        reply_buffer_shrinks:0
        reply_buffer_expands:0
        eventloop_cycles
        eventloop_duration_sum
        eventloop_duration_cmd_sum
        instantaneous_eventloop_cycles_per_sec
        instantaneous_eventloop_duration_usec
        acl_access_denied_cmd
        acl_access_denied_key
        acl_access_denied_channel:0
        acl_access_denied_db
        acl_access_denied_tls_cert
        acl_access_denied_auth
        auth_attempts_delayed
        auth_attempts_refused
        tls_handshakes_failed
        tls_handshakes_not_begun
        tls_handshakes_active
        """

    private static let replication = """
        role:master
        connected_slaves:0
        master_failover_state:no-failover
        master_replid
        master_replid2:0000000000000000000000000000000000000000
        master_repl_offset:0
        second_repl_offset:-1
        repl_backlog_active:0
        repl_backlog_size:1048576
        repl_backlog_first_byte_offset:0
        repl_backlog_histlen:0
        """

    private static let cpu = """
        used_cpu_sys
        used_cpu_user
        used_cpu_sys_children
        used_cpu_user_children
        used_cpu_sys_main_thread
        used_cpu_user_main_thread
        """
}
