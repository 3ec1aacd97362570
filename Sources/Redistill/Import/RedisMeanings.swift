/// What directives of Redis and Valkey mean to a cache that has no setting for them.
enum RedisMeanings {
    /// What is lost with a directive that has no counterpart.
    struct Loss {
        let kind: RedisLoss.Kind
        let reason: String
        /// Values with which nothing is lost.
        let harmless: [String]

        init(_ kind: RedisLoss.Kind, harmless: [String] = [], _ reason: String) {
            self.kind = kind
            self.harmless = harmless
            self.reason = reason
        }
    }

    static let losses: [String: Loss] = [
        "tls-ca-cert-dir": Loss(
            .security, harmless: [""],
            "authorities come from one file here: put them into one and name it in tls_ca_cert_path"),
        "tls-key-file-pass": Loss(
            .security, harmless: [""], "the private key must have no passphrase here: openssl pkey -in KEY -out NEWKEY"),
        "unixsocketgroup": Loss(
            .security, harmless: [""], "the socket belongs to the daemon's own group here; see unix_socket_mode"),
        "save": Loss(.behaviour, harmless: [""], onDisk),
        "appendonly": Loss(.behaviour, harmless: ["no"], onDisk),
        "replicaof": Loss(.behaviour, harmless: ["no one"], noReplicas),
        "slaveof": Loss(.behaviour, harmless: ["no one"], noReplicas),
        "min-replicas-to-write": Loss(.behaviour, harmless: ["0"], "there are no replicas, so writes never wait for one"),
        "min-slaves-to-write": Loss(.behaviour, harmless: ["0"], "there are no replicas, so writes never wait for one"),
        "cluster-enabled": Loss(.behaviour, harmless: ["no"], "the map of a cluster is a static list here: write all nodes to cluster_nodes"),
        "sentinel": Loss(.behaviour, "this is a file of Sentinel, which has no counterpart"),
        "loadmodule": Loss(.behaviour, "there are no modules, and none of their commands"),
        "notify-keyspace-events": Loss(.behaviour, harmless: [""], "there is no pub/sub, so nobody is told of keys"),
        "syslog-enabled": Loss(.behaviour, harmless: ["no"], "the log goes to standard error or to log_file"),
    ]

    /// Commands that careful people rename, and that answer nothing but errors here.
    static let idleCommands: Set<String> = [
        "BGREWRITEAOF", "BGSAVE", "CLUSTER", "FAILOVER", "PFDEBUG", "PFSELFTEST", "PSYNC", "REPLCONF", "REPLICAOF", "SAVE",
        "SLAVEOF", "SYNC",
    ]

    private static let onDisk = "nothing is kept on disk unless [persistence] says so: the cache is empty after a restart"
    private static let noReplicas = "there are no replicas: the cache starts empty and follows nobody"

    /// What is lost with a directive whose value can't be taken.
    static func kind(of directive: String) -> RedisLoss.Kind {
        if let loss = losses[directive] { return loss.kind }
        if access.contains(directive) { return .security }
        guard case .redis(let name) = ConfigParameter.named(directive)?.meaning else {
            return directive == "client-output-buffer-limit" ? .limit : .behaviour
        }
        return kind(of: name)
    }

    static func kind(of key: KeyName) -> RedisLoss.Kind {
        switch key {
        case .bind, .port, .unixSocket, .unixSocketMode: .security
        case .maxConnections, .connectionTimeout, .maxBulkLength, .queryBufferLimit, .outputBufferLimit,
            .outputBufferSoftLimit, .outputBufferSoftTime, .scriptTimeLimit, .listenBacklog:
            .limit
        default:
            switch ConfigurationTable.key(key).section {
            case .security: .security
            case .memory: .limit
            default: .behaviour
            }
        }
    }

    /// Directives about who may do what, which the importer reads by itself.
    private static let access: Set<String> = ["user", "aclfile", "rename-command", "tls-protocols", "include"]

    /// Whether Redis or Valkey knows the directive, and it says nothing to a cache without disk, replicas and pub/sub.
    static func isPointless(_ directive: String) -> Bool {
        switch ConfigParameter.named(directive)?.meaning {
        case .fixed, .kept: true
        default: pointless.contains(directive)
        }
    }

    /// The nearest directive that would say something.
    static func suggestion(for directive: String) -> String? {
        let redis = ConfigurationTable.keys.flatMap(\.redisNames)
        return Suggestion.nearest(to: directive, among: redis + access.sorted() + losses.keys.sorted())
    }

    /// Of Redis 8 and Valkey 9, and of versions before them, as far as CONFIG does not know them here.
    private static let pointless = Set(
        """
        acllog-max-len active-defrag-cycle-max active-defrag-cycle-min active-defrag-ignore-bytes
        active-defrag-max-scan-fields active-defrag-threshold-lower active-defrag-threshold-upper aof-disable-auto-gc
        aof-load-truncated aof-load-corrupt-tail-max-size aof-rewrite-cpulist aof-rewrite-incremental-fsync
        aof-timestamp-enabled aof_rewrite_cpulist availability-zone bgsave-cpulist bgsave_cpulist bind-source-addr
        bio-cpulist bio_cpulist client-default-resp cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down
        cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-client-ipv4
        cluster-announce-client-ipv6 cluster-announce-hostname cluster-announce-human-nodename cluster-announce-ip
        cluster-announce-port cluster-announce-tls-port cluster-blacklist-ttl cluster-config-file
        cluster-link-sendbuf-limit cluster-migration-barrier cluster-node-timeout cluster-ping-interval cluster-port
        cluster-preferred-endpoint-type cluster-replica-no-failover cluster-replica-validity-factor
        cluster-require-full-coverage cluster-slave-no-failover cluster-slave-validity-factor
        cluster-slot-stats-enabled crash-log-enabled crash-memcheck-enabled disable-thp
        dual-channel-replication-enabled events-per-io-thread extended-redis-compatibility hide-user-data-from-log
        ignore-warnings jemalloc-bg-thread key-load-delay list-max-ziplist-entries list-max-ziplist-value
        loading-process-events-interval-bytes locale-collate log-format log-timestamp-format lookahead
        lua-replicate-commands max-new-connections-per-cycle max-new-tls-connections-per-cycle
        no-appendfsync-on-rewrite prefetch-batch-max-size primaryauth primaryuser
        proc-title-template propagation-error-behavior rdb-del-sync-files rdb-key-save-delay
        rdb-save-incremental-fsync rdb-version-check repl-backlog-ttl repl-disable-tcp-nodelay repl-diskless-load
        repl-diskless-sync-delay repl-diskless-sync-max-replicas repl-ping-replica-period repl-ping-slave-period
        replica-announce-ip replica-announce-port replica-ignore-disk-write-errors replica-ignore-maxmemory
        replica-lazy-flush server-cpulist server_cpulist set-proc-title shutdown-on-sigint
        shutdown-on-sigterm slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush
        socket-mark-id syslog-facility syslog-ident
        tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-dh-params-file
        tls-prefer-server-ciphers tls-session-cache-size tls-session-cache-timeout tls-session-caching
        use-exit-on-panic watchdog-period
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
