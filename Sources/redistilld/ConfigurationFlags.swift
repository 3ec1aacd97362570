internal import ArgumentParser
internal import Redistill

/// One option for every key of the configuration table, secrets apart.
///
/// Values stay texts here: the table checks them, together with those of the file and the environment. A test keeps
/// these options equal to the table.
struct ConfigurationFlags: ParsableArguments {
    // An address may begin with "-".
    @Option(parsing: .unconditionalSingleValue, help: help("bind", "addresses"))
    var bind: [String] = []

    @Option(help: help("port", "number"))
    var port: String?

    @Option(help: help("unix_socket", "file"))
    var unixSocket: String?

    @Option(help: help("unix_socket_mode", "bits"))
    var unixSocketMode: String?

    @Option(defaultAsFlag: "true", help: help("proxy_protocol", "true|false"))
    var proxyProtocol: String?

    @Option(help: help("workers", "number"))
    var workers: String?

    @Option(help: help("num_shards", "number"))
    var numShards: String?

    @Option(help: help("databases", "number"))
    var databases: String?

    @Option(help: help("batch_size", "number"))
    var batchSize: String?

    @Option(help: help("buffer_size", "size"))
    var bufferSize: String?

    @Option(help: help("buffer_pool_size", "number"))
    var bufferPoolSize: String?

    @Option(help: help("listen_backlog", "number"))
    var listenBacklog: String?

    @Option(help: help("max_connections", "number"))
    var maxConnections: String?

    @Option(help: help("connection_timeout", "time"))
    var connectionTimeout: String?

    @Option(help: help("connection_rate_limit", "number"))
    var connectionRateLimit: String?

    @Option(help: help("connection_rate_limit_per_address", "number"))
    var connectionRateLimitPerAddress: String?

    @Option(help: help("max_bulk_length", "size"))
    var maxBulkLength: String?

    @Option(help: help("query_buffer_limit", "size"))
    var queryBufferLimit: String?

    @Option(help: help("output_buffer_limit", "size"))
    var outputBufferLimit: String?

    @Option(help: help("output_buffer_soft_limit", "size"))
    var outputBufferSoftLimit: String?

    @Option(help: help("output_buffer_soft_time", "time"))
    var outputBufferSoftTime: String?

    @Option(help: help("health_check_port", "number"))
    var healthCheckPort: String?

    @Option(help: help("health_check_bind", "text"))
    var healthCheckBind: String?

    @Option(help: help("health_max_connections", "number"))
    var healthMaxConnections: String?

    @Option(help: help("health_memory_threshold", "number"))
    var healthMemoryThreshold: String?

    @Option(help: help("shutdown_delay", "time"))
    var shutdownDelay: String?

    @Option(help: help("shutdown_timeout", "time"))
    var shutdownTimeout: String?

    @Option(defaultAsFlag: "true", help: help("warm_restart", "true|false|after-crash"))
    var warmRestart: String?

    @Option(help: help("password_file", "file"))
    var passwordFile: String?

    @Option(defaultAsFlag: "true", help: help("protected_mode", "true|false"))
    var protectedMode: String?

    @Option(help: help("auth_timeout", "time"))
    var authTimeout: String?

    @Option(help: help("auth_failure_delay", "time"))
    var authFailureDelay: String?

    @Option(help: help("enable_debug_command", "word"))
    var enableDebugCommand: String?

    @Option(defaultAsFlag: "true", help: help("tls_enabled", "true|false"))
    var tlsEnabled: String?

    @Option(help: help("tls_port", "number"))
    var tlsPort: String?

    @Option(help: help("tls_cert_path", "file"))
    var tlsCertPath: String?

    @Option(help: help("tls_key_path", "file"))
    var tlsKeyPath: String?

    @Option(help: help("tls_ca_cert_path", "file"))
    var tlsCaCertPath: String?

    @Option(help: help("tls_auth_clients", "word"))
    var tlsAuthClients: String?

    @Option(help: help("tls_auth_clients_user", "word"))
    var tlsAuthClientsUser: String?

    @Option(help: help("tls_min_version", "word"))
    var tlsMinVersion: String?

    @Option(help: help("tls_ciphers", "text"))
    var tlsCiphers: String?

    @Option(help: help("tls_ciphersuites", "text"))
    var tlsCiphersuites: String?

    @Option(help: help("tls_groups", "text"))
    var tlsGroups: String?

    @Option(help: help("tls_handshake_timeout", "time"))
    var tlsHandshakeTimeout: String?

    @Option(help: help("tls_handshake_limit", "number"))
    var tlsHandshakeLimit: String?

    @Option(help: help("health_token_file", "file"))
    var healthTokenFile: String?

    @Option(help: help("max_memory", "size"))
    var maxMemory: String?

    @Option(help: help("database_shares", "shares"))
    var databaseShares: String?

    @Option(help: help("max_client_memory", "size"))
    var maxClientMemory: String?

    @Option(help: help("tracking_table_max_keys", "number"))
    var trackingTableMaxKeys: String?

    @Option(help: help("eviction_policy", "policy"))
    var evictionPolicy: String?

    @Option(help: help("eviction_sample_size", "number"))
    var evictionSampleSize: String?

    @Option(help: help("expire_effort", "number"))
    var expireEffort: String?

    @Option(help: help("lfu_decay_time", "minutes"))
    var lfuDecayTime: String?

    @Option(help: help("hash_max_listpack_entries", "number"))
    var hashMaxListpackEntries: String?

    @Option(help: help("hash_max_listpack_value", "size"))
    var hashMaxListpackValue: String?

    @Option(help: help("set_max_intset_entries", "number"))
    var setMaxIntsetEntries: String?

    @Option(help: help("set_max_listpack_entries", "number"))
    var setMaxListpackEntries: String?

    @Option(help: help("set_max_listpack_value", "size"))
    var setMaxListpackValue: String?

    @Option(help: help("zset_max_listpack_entries", "number"))
    var zsetMaxListpackEntries: String?

    @Option(help: help("zset_max_listpack_value", "size"))
    var zsetMaxListpackValue: String?

    @Option(help: help("list_max_listpack_size", "number"))
    var listMaxListpackSize: String?

    @Option(help: help("oom_score_adj", "word"))
    var oomScoreAdj: String?

    @Option(help: help("oom_score_adj_values", "numbers"))
    var oomScoreAdjValues: String?

    @Option(defaultAsFlag: "true", help: help("scripting", "true|false"))
    var scripting: String?

    @Option(help: help("script_time_limit", "time"))
    var scriptTimeLimit: String?

    @Option(help: help("script_memory_limit", "size"))
    var scriptMemoryLimit: String?

    @Option(help: help("script_cache_size", "size"))
    var scriptCacheSize: String?

    @Option(defaultAsFlag: "true", help: help("persistence_enabled", "true|false"))
    var persistenceEnabled: String?

    @Option(help: help("snapshot_path", "file"))
    var snapshotPath: String?

    @Option(help: help("snapshot_interval", "time"))
    var snapshotInterval: String?

    @Option(defaultAsFlag: "true", help: help("save_on_shutdown", "true|false"))
    var saveOnShutdown: String?

    @Option(help: help("cluster_nodes", "nodes"))
    var clusterNodes: [String] = []

    @Option(help: help("cluster_self", "node"))
    var clusterSelf: String?

    @Option(help: help("cluster_tls_port", "number"))
    var clusterTlsPort: String?

    @Option(name: [.long, .customLong("log-level")], help: help("level", "word"))
    var level: String?

    @Option(name: [.long, .customLong("log-format")], help: help("format", "word"))
    var format: String?

    @Option(help: help("log_file", "file"))
    var logFile: String?

    @Option(help: help("audit_log_file", "file"))
    var auditLogFile: String?

    @Option(help: help("slowlog_log_slower_than", "number"))
    var slowlogLogSlowerThan: String?

    @Option(help: help("slowlog_max_len", "number"))
    var slowlogMaxLen: String?

    @Option(help: help("slowlog_entry_max_argc", "number"))
    var slowlogEntryMaxArgc: String?

    @Option(help: help("slowlog_entry_max_string_len", "number"))
    var slowlogEntryMaxStringLen: String?

    @Option(help: help("commandlog_request_larger_than", "number"))
    var commandlogRequestLargerThan: String?

    @Option(help: help("commandlog_large_request_max_len", "number"))
    var commandlogLargeRequestMaxLen: String?

    @Option(help: help("commandlog_reply_larger_than", "number"))
    var commandlogReplyLargerThan: String?

    @Option(help: help("commandlog_large_reply_max_len", "number"))
    var commandlogLargeReplyMaxLen: String?

    @Option(help: help("latency_monitor_threshold", "number"))
    var latencyMonitorThreshold: String?

    @Option(defaultAsFlag: "true", help: help("latency_tracking", "true|false"))
    var latencyTracking: String?

    @Option(help: help("latency_tracking_info_percentiles", "numbers"))
    var latencyTrackingInfoPercentiles: String?

    @Option(defaultAsFlag: "true", help: help("tcp_nodelay", "true|false"))
    var tcpNodelay: String?

    @Option(help: help("tcp_keepalive", "time"))
    var tcpKeepalive: String?

    @Option(defaultAsFlag: "true", help: help("pin_workers", "true|false"))
    var pinWorkers: String?

    /// The values given, by the key's name in the file.
    var given: [String: String] {
        var values: [String: String] = [:]
        for child in Mirror(reflecting: self).children {
            guard let label = child.label else { continue }
            let name = Self.keyName(ofProperty: label)
            if let value = (child.value as? Option<String?>)?.wrappedValue { values[name] = value }
            // A list may be given piece by piece.
            if let items = (child.value as? Option<[String]>)?.wrappedValue, !items.isEmpty {
                values[name] = items.joined(separator: " ")
            }
        }
        return values
    }

    /// The flags that stand more than once on a command line, apart from those that may.
    static func repeated(in arguments: [String]) -> [String] {
        let flags = arguments.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) }
        let counts = Dictionary(flags.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.filter { $0.value > 1 && !["--bind", "--cluster-nodes"].contains($0.key) }.keys.sorted()
    }

    /// `max_memory` for the property wrapper `_maxMemory`.
    static func keyName(ofProperty label: String) -> String {
        label.drop { $0 == "_" }.reduce(into: "") { name, letter in
            name += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }
}

private func help(_ key: String, _ valueName: String) -> ArgumentHelp {
    ArgumentHelp("\(ConfigurationHelp.text(for: key))", valueName: valueName)
}
