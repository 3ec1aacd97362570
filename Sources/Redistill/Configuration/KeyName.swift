/// The name of a configuration key, as the file spells it.
///
/// Flags spell it in kebab-case, the environment in upper case after `REDISTILL_`.
package enum KeyName: String, CaseIterable, Sendable {
    // [server]
    case bind
    case port
    case unixSocket = "unix_socket"
    case unixSocketMode = "unix_socket_mode"
    case proxyProtocol = "proxy_protocol"
    case workers
    case numShards = "num_shards"
    case databases
    case batchSize = "batch_size"
    case bufferSize = "buffer_size"
    case bufferPoolSize = "buffer_pool_size"
    case listenBacklog = "listen_backlog"
    case maxConnections = "max_connections"
    case connectionTimeout = "connection_timeout"
    case connectionRateLimit = "connection_rate_limit"
    case connectionRateLimitPerAddress = "connection_rate_limit_per_address"
    case maxBulkLength = "max_bulk_length"
    case queryBufferLimit = "query_buffer_limit"
    case outputBufferLimit = "output_buffer_limit"
    case outputBufferSoftLimit = "output_buffer_soft_limit"
    case outputBufferSoftTime = "output_buffer_soft_time"
    case healthCheckPort = "health_check_port"
    case healthCheckBind = "health_check_bind"
    case healthMaxConnections = "health_max_connections"
    case healthMemoryThreshold = "health_memory_threshold"
    case shutdownDelay = "shutdown_delay"
    case shutdownTimeout = "shutdown_timeout"
    case warmRestart = "warm_restart"

    // [security]
    case password
    case passwordFile = "password_file"
    case protectedMode = "protected_mode"
    case authTimeout = "auth_timeout"
    case authFailureDelay = "auth_failure_delay"
    case enableDebugCommand = "enable_debug_command"
    case tlsEnabled = "tls_enabled"
    case tlsPort = "tls_port"
    case tlsCertPath = "tls_cert_path"
    case tlsKeyPath = "tls_key_path"
    case tlsCACertPath = "tls_ca_cert_path"
    case tlsAuthClients = "tls_auth_clients"
    case tlsAuthClientsUser = "tls_auth_clients_user"
    case tlsMinVersion = "tls_min_version"
    case tlsCiphers = "tls_ciphers"
    case tlsCiphersuites = "tls_ciphersuites"
    case tlsGroups = "tls_groups"
    case tlsHandshakeTimeout = "tls_handshake_timeout"
    case tlsHandshakeLimit = "tls_handshake_limit"
    case healthToken = "health_token"
    case healthTokenFile = "health_token_file"

    // [memory]
    case maxMemory = "max_memory"
    case databaseShares = "database_shares"
    case maxClientMemory = "max_client_memory"
    case trackingTableMaxKeys = "tracking_table_max_keys"
    case evictionPolicy = "eviction_policy"
    case evictionSampleSize = "eviction_sample_size"
    case expireEffort = "expire_effort"
    case lfuDecayTime = "lfu_decay_time"
    case hashMaxListpackEntries = "hash_max_listpack_entries"
    case hashMaxListpackValue = "hash_max_listpack_value"
    case setMaxIntsetEntries = "set_max_intset_entries"
    case setMaxListpackEntries = "set_max_listpack_entries"
    case setMaxListpackValue = "set_max_listpack_value"
    case zsetMaxListpackEntries = "zset_max_listpack_entries"
    case zsetMaxListpackValue = "zset_max_listpack_value"
    case listMaxListpackSize = "list_max_listpack_size"
    case oomScoreAdj = "oom_score_adj"
    case oomScoreAdjValues = "oom_score_adj_values"

    // [scripts]
    case scripting
    case scriptTimeLimit = "script_time_limit"
    case scriptMemoryLimit = "script_memory_limit"
    case scriptCacheSize = "script_cache_size"

    // [persistence]
    case persistenceEnabled = "persistence_enabled"
    case snapshotPath = "snapshot_path"
    case snapshotInterval = "snapshot_interval"
    case saveOnShutdown = "save_on_shutdown"

    // [cluster]
    case clusterNodes = "cluster_nodes"
    case clusterSelf = "cluster_self"
    case clusterTLSPort = "cluster_tls_port"

    // [logging]
    case level
    case format
    case logFile = "log_file"
    case auditLogFile = "audit_log_file"
    case slowlogSlowerThan = "slowlog_log_slower_than"
    case slowlogMaxLength = "slowlog_max_len"
    case slowlogEntryArguments = "slowlog_entry_max_argc"
    case slowlogEntryBytes = "slowlog_entry_max_string_len"
    case largeRequest = "commandlog_request_larger_than"
    case largeRequestMaxLength = "commandlog_large_request_max_len"
    case largeReply = "commandlog_reply_larger_than"
    case largeReplyMaxLength = "commandlog_large_reply_max_len"
    case latencyThreshold = "latency_monitor_threshold"
    case latencyTracking = "latency_tracking"
    case latencyPercentiles = "latency_tracking_info_percentiles"

    // [performance]
    case tcpNodelay = "tcp_nodelay"
    case tcpKeepalive = "tcp_keepalive"
    case pinWorkers = "pin_workers"

    /// `[[users]]`, which is no key of a section but a table for each user.
    static let usersTable = "users"

    /// The flag that sets this key: `--max-memory` for `max_memory`.
    package var flag: String {
        "--" + String(rawValue.map { $0 == "_" ? "-" : $0 })
    }

    /// The environment variable of this key: `REDISTILL_MAX_MEMORY` for `max_memory`.
    package var environmentName: String {
        "REDISTILL_" + rawValue.uppercased()
    }
}
