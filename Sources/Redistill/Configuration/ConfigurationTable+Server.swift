extension ConfigurationTable {
    /// The keys of `[server]`.
    static let server: [ConfigurationKey] = [
        ConfigurationKey(
            .bind, in: .server, .list, default: .list(["127.0.0.1", "-::1"]), .atRestart,
            redis: ["bind"], environment: ["REDIS_BIND"],
            help: """
                Addresses to listen on: IPv4, IPv6, "*" for all, "::*" for all of IPv6, or several as a list; one after \
                a "-" may be missing on this machine. Without a password only local clients are served; see \
                protected_mode.
                """),
        ConfigurationKey(
            .port, in: .server, .integer(0...65_535), default: .integer(6379), .atRestart,
            redis: ["port"], environment: ["REDIS_PORT"],
            help: """
                TCP port. 0 means none when tls_port or unix_socket is set, and otherwise a free one that the system \
                chooses.
                """),
        ConfigurationKey(
            .unixSocket, in: .server, .path, default: .text(""), .atRestart,
            redis: ["unixsocket"],
            help: "Path of a Unix socket to listen on as well; empty for none."),
        ConfigurationKey(
            .unixSocketMode, in: .server, .mode, default: .integer(0o770), .atRestart,
            redis: ["unixsocketperm"],
            help: "Permission bits of the Unix socket, in octal digits; 0 leaves them to the umask."),
        ConfigurationKey(
            .proxyProtocol, in: .server, .flag, default: .flag(false), .atRestart,
            help: """
                Every TCP connection begins with a PROXY protocol header, version 1 or 2, that names the client; one \
                without is closed. Only where a proxy is all that reaches the port.
                """),
        ConfigurationKey(
            .workers, in: .server, .integer(0...1024), default: .integer(0), .atRestart,
            redis: ["io-threads"],
            help: """
                Threads that serve clients; 0 for as many as there are processors, or as a CPU quota of the container is \
                worth.
                """),
        ConfigurationKey(
            .numShards, in: .server, .powerOfTwo(0...65_536), default: .integer(0), .atRestart,
            environment: ["REDIS_NUM_SHARDS"],
            help: """
                Parts that the keys are spread over, each with its own lock; a power of two, others are rounded up. \
                More shards let more workers write at once; fewer cost less time, and use a small max_memory better. 0 \
                chooses at the start: 16 for each worker, half of that where max_memory leaves a shard less than 4 MiB, \
                and more for hundreds of gigabytes.
                """),
        ConfigurationKey(
            .databases, in: .server, .integer(1...256), default: .integer(16), .atRestart,
            redis: ["databases"],
            help: """
                Databases that SELECT may choose from, by number from 0. A key of another than the first takes 2 bytes \
                more.
                """),
        ConfigurationKey(
            .batchSize, in: .server, .adjusted(1...256), default: .integer(64), .atOnce,
            environment: ["REDIS_BATCH_SIZE"],
            help: "Commands of one read that are looked up together; above 256 counts as 256."),
        ConfigurationKey(
            .bufferSize, in: .server, .adjustedBytes(16384...(64 << 20)), default: .integer(64 << 10), .atRestart,
            environment: ["REDIS_BUFFER_SIZE"],
            help: "Bytes of a worker's read buffer, which all its connections share. Smaller values count as 16 KiB."),
        ConfigurationKey(
            .bufferPoolSize, in: .server, .integer(0...Int64.max), default: .integer(0), .atRestart,
            environment: ["REDIS_BUFFER_POOL_SIZE"],
            pointless: "buffers belong to the workers and are not pooled, so this has no effect",
            help: "Accepted for files of the original Redistill; has no effect."),
        ConfigurationKey(
            .listenBacklog, in: .server, .integer(1...65_535), default: .integer(511), .atRestart,
            redis: ["tcp-backlog"],
            help: "Connections that may wait to be accepted; the kernel's net.core.somaxconn caps it."),
        ConfigurationKey(
            .maxConnections, in: .server, .integer(0...10_000_000), default: .integer(10_000), .atOnce,
            redis: ["maxclients"], environment: ["REDIS_MAX_CONNECTIONS"],
            help: "Clients served at once; more are refused with an error. 0 for no limit."),
        ConfigurationKey(
            .connectionTimeout, in: .server, .duration(0...TimeText.year), default: .integer(0), .atOnce,
            redis: ["timeout"],
            help: "A connection without a request for this long is closed; 0 for never."),
        ConfigurationKey(
            .connectionRateLimit, in: .server, .integer(0...10_000_000), default: .integer(0), .atOnce,
            help: "New connections accepted in a second; 0 for no limit."),
        ConfigurationKey(
            .connectionRateLimitPerAddress, in: .server, .integer(0...10_000_000), default: .integer(0), .atOnce,
            help: "New connections accepted in a second from one address (IPv6: one /64); 0 for no limit."),
        ConfigurationKey(
            .maxBulkLength, in: .server, .bytes(1024...4_294_967_295), default: .integer(512 << 20), .atOnce,
            redis: ["proto-max-bulk-len"],
            help: "The largest argument, and so the largest value, that a client may send."),
        ConfigurationKey(
            .queryBufferLimit, in: .server, .bytes(64 << 10...ByteSize.largest), default: .integer(1 << 30), .atOnce,
            redis: ["client-query-buffer-limit"],
            help: "Bytes of an unfinished argument, and of the commands that MULTI has queued, at which a connection is closed."),
        ConfigurationKey(
            .outputBufferLimit, in: .server, .bytes(0...ByteSize.largest), default: .integer(1 << 30), .atOnce,
            help: "Bytes of unread replies at which a connection is closed at once; 0 for no limit."),
        ConfigurationKey(
            .outputBufferSoftLimit, in: .server, .bytes(0...ByteSize.largest), default: .integer(0), .atOnce,
            help: "Bytes of unread replies that are allowed for output_buffer_soft_time only; 0 for no such limit."),
        ConfigurationKey(
            .outputBufferSoftTime, in: .server, .duration(0...TimeText.day), default: .integer(0), .atOnce,
            help: "How long a connection may stay above output_buffer_soft_limit before it is closed."),
        ConfigurationKey(
            .healthCheckPort, in: .server, .integer(0...65_535), default: .integer(0), .atRestart,
            environment: ["REDIS_HEALTH_CHECK_PORT"],
            help: "HTTP port for a status page at /, and for /health, /health/live, /health/ready and /metrics; 0 for none."),
        ConfigurationKey(
            .healthCheckBind, in: .server, .text, default: .text(""), .atRestart,
            help: "Address of the HTTP port; empty for the first address of bind."),
        ConfigurationKey(
            .healthMaxConnections, in: .server, .integer(1...10_000), default: .integer(64), .atOnce,
            help: "Connections that the HTTP port has at once; one more, and the oldest is closed."),
        ConfigurationKey(
            .healthMemoryThreshold, in: .server, .integer(0...100), default: .integer(0), .atOnce,
            help: "Percent of max_memory in use at which /health/ready answers 503, under noeviction or while writes are refused; 0 for never."),
        ConfigurationKey(
            .shutdownDelay, in: .server, .duration(0...TimeText.day), default: .integer(0), .atOnce,
            help: """
                How long a stop goes on serving as before while /health/ready says 503, so that a load balancer sees it \
                and sends nobody any more; 0 to stop at once. A second signal ends it.
                """),
        ConfigurationKey(
            .shutdownTimeout, in: .server, .duration(0...TimeText.day), default: .integer(10_000), .atOnce,
            redis: ["shutdown-timeout"], former: ["shutdown_grace_period_secs"],
            environment: ["REDIS_SHUTDOWN_GRACE_SECS"],
            help: "How long a stop waits for clients to read their replies before it closes what is left."),
        ConfigurationKey(
            .warmRestart, in: .server, .flagOr(Keeping.afterCrashWord), default: .flag(false), .atRestart,
            help: """
                Keys outlive the process, in shared memory and without a disk: at "redistilld upgrade" or SIGUSR2 the program \
                that is installed then takes over keys and listening sockets, and at "systemctl restart" the keys, with \
                FileDescriptorStoreMax= in the unit. A crash loses them, unless "after-crash" says that systemd keeps the \
                memory from the start on, and what is sound of it is recovered.
                """),
    ]
}
