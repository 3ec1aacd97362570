internal import CRedistillHot

/// The text of INFO, a pure function of a snapshot.
package enum InfoText {
    /// The named sections, each with its header; sections are separated by an empty line, lines end with CRLF.
    package static func text(of snapshot: InfoSnapshot, sections names: [String]) -> String {
        InfoSection.named(names).map { section in
            var text = "# \(section.title)\r\n"
            for field in fields(of: section, snapshot) { text += "\(field.name):\(field.value)\r\n" }
            return text
        }.joined(separator: "\r\n")
    }

    private static func fields(of section: InfoSection, _ snapshot: InfoSnapshot) -> [InfoField] {
        switch section {
        case .server: server(snapshot)
        case .clients: clients(snapshot)
        case .memory: memory(snapshot)
        case .persistence: persistence(snapshot)
        case .stats: stats(snapshot)
        case .replication: replication(snapshot)
        case .cpu: cpu(snapshot)
        case .modules: []
        case .commandstats: commandStats(snapshot)
        case .errorstats: errorStats(snapshot)
        case .latencystats: latencyStats(snapshot)
        case .cluster: [InfoField("cluster_enabled", "0")]
        case .keyspace: keyspace(snapshot)
        }
    }

    private static func server(_ snapshot: InfoSnapshot) -> [InfoField] {
        let facts = snapshot.facts
        return [
            InfoField("redis_version", Version.redis),
            InfoField("redistill_version", Version.redistill),
            InfoField("redis_git_sha1", "00000000"),
            InfoField("redis_git_dirty", "0"),
            InfoField("redis_build_id", "0"),
            InfoField("redis_mode", "standalone"),
            InfoField("os", facts.operatingSystem),
            InfoField("arch_bits", "64"),
            InfoField("monotonic_clock", "POSIX clock_gettime"),
            InfoField("multiplexing_api", "epoll"),
            InfoField("atomicvar_api", "c11-builtin"),
            // As a Redis that was built by clang.
            InfoField("gcc_version", "0.0.0"),
            InfoField("libevent_version", facts.libeventVersion),
            InfoField("openssl_version", facts.opensslVersion),
            InfoField("process_id", facts.processID),
            InfoField("process_supervised", facts.isSupervised ? "systemd" : "no"),
            InfoField("run_id", facts.runID),
            InfoField("tcp_port", facts.port),
            InfoField("server_time_usec", snapshot.wallTime),
            InfoField("uptime_in_seconds", snapshot.uptimeSeconds),
            InfoField("uptime_in_days", snapshot.uptimeSeconds / 86_400),
            InfoField("hz", "10"),
            InfoField("configured_hz", snapshot.configuration.kept["hz"] ?? "10"),
            // Redis's clock of 24 bits, in seconds.
            InfoField("lru_clock", (snapshot.wallTime / 1_000_000) & 0xff_ffff),
            InfoField("executable", facts.executable),
            InfoField("config_file", snapshot.configuration.file ?? ""),
            InfoField("config_reloads", snapshot.reloads.succeeded),
            InfoField("config_reloads_failed", snapshot.reloads.failed),
            InfoField("io_threads_active", facts.workers > 1 ? 1 : 0),
            InfoField("workers", facts.workers),
            InfoField("shards", facts.shards),
        ] + facts.listeners.enumerated().map { InfoField("listener\($0.offset)", $0.element) }
            + (snapshot.certificateDays.map { [InfoField("tls_certificate_days_left", $0)] } ?? [])
    }

    private static func clients(_ snapshot: InfoSnapshot) -> [InfoField] {
        [
            InfoField("connected_clients", snapshot.statistics.connections_active),
            InfoField("cluster_connections", "0"),
            InfoField("maxclients", snapshot.configuration.integer(.maxConnections)),
            InfoField("client_recent_max_input_buffer", snapshot.statistics.largest_input),
            InfoField("client_recent_max_output_buffer", snapshot.statistics.largest_output),
            InfoField("blocked_clients", snapshot.statistics.connections_paused),
            InfoField("tracking_clients", snapshot.statistics.connections_tracking),
            InfoField("pubsub_clients", "0"),
            InfoField("monitor_clients", snapshot.statistics.connections_monitoring),
            InfoField("watching_clients", snapshot.statistics.connections_watching),
            InfoField("clients_in_timeout_table", "0"),
            InfoField("total_watched_keys", snapshot.statistics.keys_watched),
            InfoField("total_blocking_keys", "0"),
            InfoField("total_blocking_keys_on_nokey", "0"),
        ]
    }

    /// What a cache that keeps nothing on disk says.
    private static func persistence(_ snapshot: InfoSnapshot) -> [InfoField] {
        [
            InfoField("loading", "0"),
            InfoField("async_loading", "0"),
            InfoField("current_cow_peak", "0"),
            InfoField("current_cow_size", "0"),
            InfoField("current_cow_size_age", "0"),
            InfoField("current_fork_perc", "0.00"),
            InfoField("current_save_keys_processed", "0"),
            InfoField("current_save_keys_total", "0"),
            InfoField("rdb_changes_since_last_save", "0"),
            InfoField("rdb_bgsave_in_progress", "0"),
            // As Redis, which counts its start as a save.
            InfoField("rdb_last_save_time", snapshot.wallTime / 1_000_000 - snapshot.uptimeSeconds),
            InfoField("rdb_last_bgsave_status", "ok"),
            InfoField("rdb_last_bgsave_time_sec", "-1"),
            InfoField("rdb_current_bgsave_time_sec", "-1"),
            InfoField("rdb_saves", "0"),
            InfoField("rdb_last_cow_size", "0"),
            InfoField("rdb_last_load_keys_expired", "0"),
            InfoField("rdb_last_load_keys_loaded", "0"),
            InfoField("aof_enabled", "0"),
            InfoField("aof_rewrite_in_progress", "0"),
            InfoField("aof_rewrite_scheduled", "0"),
            InfoField("aof_last_rewrite_time_sec", "-1"),
            InfoField("aof_current_rewrite_time_sec", "-1"),
            InfoField("aof_last_bgrewrite_status", "ok"),
            InfoField("aof_rewrites", "0"),
            InfoField("aof_rewrites_consecutive_failures", "0"),
            InfoField("aof_last_write_status", "ok"),
            InfoField("aof_last_cow_size", "0"),
            InfoField("module_fork_in_progress", "0"),
            InfoField("module_fork_last_cow_size", "0"),
        ]
    }

    private static func replication(_ snapshot: InfoSnapshot) -> [InfoField] {
        [
            InfoField("role", "master"),
            InfoField("connected_slaves", "0"),
            InfoField("master_failover_state", "no-failover"),
            InfoField("master_replid", snapshot.facts.runID),
            InfoField("master_replid2", String(repeating: "0", count: 40)),
            InfoField("master_repl_offset", "0"),
            InfoField("second_repl_offset", "-1"),
            InfoField("repl_backlog_active", "0"),
            InfoField("repl_backlog_size", "1048576"),
            InfoField("repl_backlog_first_byte_offset", "0"),
            InfoField("repl_backlog_histlen", "0"),
        ]
    }

    private static func cpu(_ snapshot: InfoSnapshot) -> [InfoField] {
        func seconds(_ microseconds: UInt64) -> String { Decimal.text(Double(microseconds) / 1e6, places: 6) }
        let time = snapshot.processorTime
        return [
            InfoField("used_cpu_sys", seconds(time.system)),
            InfoField("used_cpu_user", seconds(time.user)),
            InfoField("used_cpu_sys_children", seconds(time.childrenSystem)),
            InfoField("used_cpu_user_children", seconds(time.childrenUser)),
            // Of the thread that starts, reloads and stops; no client is served there.
            InfoField("used_cpu_sys_main_thread", seconds(time.mainSystem)),
            InfoField("used_cpu_user_main_thread", seconds(time.mainUser)),
        ]
    }

    private static func keyspace(_ snapshot: InfoSnapshot) -> [InfoField] {
        let statistics = snapshot.statistics
        guard statistics.keys > 0 else { return [] }
        return [
            InfoField(
                "db0",
                "keys=\(statistics.keys),expires=\(statistics.keys_with_ttl),avg_ttl=\(statistics.averageTimeToLive),subexpiry=0")
        ]
    }
}
