extension ConfigurationTable {
    /// The keys of `[memory]`.
    static let memory: [ConfigurationKey] = [
        ConfigurationKey(
            .maxMemory, in: .memory, .memoryLimit, default: .integer(0), .atOnce,
            redis: ["maxmemory"], environment: ["REDIS_MAX_MEMORY"],
            help: """
                Memory that the daemon may use for everything: "512mb", "2gb", or "75%" of what this machine or \
                container has. 0 for no limit.
                """),
        ConfigurationKey(
            .maxClientMemory, in: .memory, .clientMemory, default: .text(ClientMemory.automatic), .atOnce,
            redis: ["maxmemory-clients"],
            help: """
                What all clients together may make the daemon hold, unfinished requests and unsent replies; beyond it \
                the largest are closed. A size, a share of max_memory such as "5%", 0 for no limit, or "auto": an \
                eighth of max_memory, at least 16mb but at most a quarter; without max_memory no limit.
                """),
        ConfigurationKey(
            .trackingTableMaxKeys, in: .memory, .integer(0...ByteSize.largest), default: .integer(1 << 20), .atOnce,
            redis: ["tracking-table-max-keys"],
            help: """
                Keys that CLIENT TRACKING remembers for all clients together; beyond it some are given up, and their \
                clients told. 0 for no limit but that of memory: half of max_client_memory.
                """),
        ConfigurationKey(
            .evictionPolicy, in: .memory, .policy, default: .text(EvictionPolicy.none), .atOnce,
            redis: ["maxmemory-policy"], environment: ["REDIS_EVICTION_POLICY"],
            help: """
                What is removed when max_memory is reached. When a limit is set and no policy is named: allkeys-lru.
                """),
        ConfigurationKey(
            .evictionSampleSize, in: .memory, .adjusted(1...64), default: .integer(5), .atOnce,
            redis: ["maxmemory-samples"],
            help: "Keys that a sampling policy compares to find one to remove; above 64 counts as 64."),
        ConfigurationKey(
            .expireEffort, in: .memory, .integer(1...10), default: .integer(1), .atOnce,
            redis: ["active-expire-effort"],
            help: "How eagerly expired keys that nobody asks for are looked for, from 1 to 10."),
        ConfigurationKey(
            .lfuDecayTime, in: .memory, .integer(0...2_147_483_647), default: .integer(1), .atOnce,
            redis: ["lfu-decay-time"],
            help: "Minutes in which a key that nobody uses loses one of its frequency under an LFU policy; 0 for never."),
        ConfigurationKey(
            .oomScoreAdj, in: .memory, .choice(["no", "yes", "relative", "absolute"]), default: .text("no"), .atOnce,
            redis: ["oom-score-adj"],
            help: """
                Whether the daemon tells the kernel how readily to end it when the machine's memory is out: relative to \
                what it was started with (yes, relative), or absolute.
                """),
        ConfigurationKey(
            .oomScoreAdjValues, in: .memory, .numbers(count: 3, -2000...2000, fractions: false),
            default: .text("0 200 800"), .atOnce,
            redis: ["oom-score-adj-values"],
            help: "What oom_score_adj tells; the first of three, the others are for Redis's replicas and children."),
    ]

    /// The keys of `[logging]`.
    static let logging: [ConfigurationKey] = [
        ConfigurationKey(
            .level, in: .logging, .choice(LogLevelName.all), default: .text("info"), .atOnce,
            redis: ["loglevel"], environment: ["REDISTILL_LOG_LEVEL"],
            help: "The least important records that are written."),
        ConfigurationKey(
            .format, in: .logging, .choice(["text", "json"]), default: .text("text"), .atOnce,
            environment: ["REDISTILL_LOG_FORMAT"],
            help: "One line of text for a record, or one JSON object."),
        ConfigurationKey(
            .logFile, in: .logging, .path, default: .text(""), .onReload,
            redis: ["logfile"],
            help: "File that the log is appended to; empty for standard error. SIGHUP opens it anew."),
        ConfigurationKey(
            .slowlogSlowerThan, in: .logging, .integer(-1...1_000_000_000_000), default: .integer(10_000), .atOnce,
            redis: ["slowlog-log-slower-than"],
            help: """
                Microseconds from which SLOWLOG keeps a command; 0 keeps all, -1 none. Below 1000 every command is \
                timed by itself, which costs a little.
                """),
        ConfigurationKey(
            .slowlogMaxLength, in: .logging, .integer(0...1_000_000), default: .integer(128), .atOnce,
            redis: ["slowlog-max-len"],
            help: "Commands that SLOWLOG keeps; older ones go."),
        ConfigurationKey(
            .latencyThreshold, in: .logging, .integer(0...TimeText.year), default: .integer(0), .atOnce,
            redis: ["latency-monitor-threshold"],
            help: "Milliseconds from which LATENCY keeps the time of a command; 0 for never."),
        ConfigurationKey(
            .latencyTracking, in: .logging, .flag, default: .flag(true), .atOnce,
            redis: ["latency-tracking"],
            help: "Keep how long commands take, for LATENCY HISTOGRAM, INFO latencystats and the metrics."),
        ConfigurationKey(
            .latencyPercentiles, in: .logging, .numbers(count: nil, 0...100, fractions: true),
            default: .text("50 99 99.9"), .atOnce,
            redis: ["latency-tracking-info-percentiles"],
            help: "The percentiles that INFO latencystats shows."),
    ]

    /// The keys of `[performance]`.
    static let performance: [ConfigurationKey] = [
        ConfigurationKey(
            .tcpNodelay, in: .performance, .flag, default: .flag(true), .atOnce,
            environment: ["REDIS_TCP_NODELAY"],
            help: "Send replies at once instead of gathering small ones (TCP_NODELAY)."),
        ConfigurationKey(
            .tcpKeepalive, in: .performance, .duration(0...32_767_000), default: .integer(300_000), .atOnce,
            redis: ["tcp-keepalive"], environment: ["REDIS_TCP_KEEPALIVE"],
            help: "Silence after which the kernel asks whether a client is still there; 0 for never."),
        ConfigurationKey(
            .pinWorkers, in: .performance, .flag, default: .flag(false), .atRestart,
            help: "Bind each worker to a processor of its own."),
    ]
}
