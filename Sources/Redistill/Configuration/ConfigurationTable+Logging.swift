extension ConfigurationTable {
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
            .auditLogFile, in: .logging, .path, default: .text(""), .onReload,
            help: """
                File of its own for who logged in or failed to, what users were refused, commands of administration and \
                changes of the configuration, without secrets; empty for none. SIGHUP opens it anew.
                """),
        ConfigurationKey(
            .slowlogSlowerThan, in: .logging, .integer(-1...1_000_000_000_000), default: .integer(10_000), .atOnce,
            redis: ["slowlog-log-slower-than", "commandlog-execution-slower-than"],
            help: """
                Microseconds from which SLOWLOG keeps a command; 0 keeps all, -1 none. Below 1000 every command is \
                timed by itself, which costs a little.
                """),
        ConfigurationKey(
            .slowlogMaxLength, in: .logging, .integer(0...1_000_000), default: .integer(128), .atOnce,
            redis: ["slowlog-max-len", "commandlog-slow-execution-max-len"],
            help: "Commands that SLOWLOG keeps; older ones go."),
        ConfigurationKey(
            .slowlogEntryArguments, in: .logging, .integer(2...1_000_000), default: .integer(32), .atOnce,
            redis: ["slowlog-entry-max-argc"],
            help: "Arguments that SLOWLOG and COMMANDLOG keep of a command; the last says how many more there were."),
        ConfigurationKey(
            .slowlogEntryBytes, in: .logging, .integer(1...1 << 30), default: .integer(128), .atOnce,
            redis: ["slowlog-entry-max-string-len"],
            help: "Bytes that SLOWLOG and COMMANDLOG keep of an argument."),
        ConfigurationKey(
            .largeRequest, in: .logging, .integer(-1...1_000_000_000_000), default: .integer(1 << 20), .atOnce,
            redis: ["commandlog-request-larger-than"],
            help: """
                Bytes from which COMMANDLOG keeps a request as a large one; 0 keeps all, -1 none. Where it is less \
                than what is read at once, every command is looked at by itself, which costs a little.
                """),
        ConfigurationKey(
            .largeRequestMaxLength, in: .logging, .integer(0...1_000_000), default: .integer(128), .atOnce,
            redis: ["commandlog-large-request-max-len"],
            help: "Large requests that COMMANDLOG keeps; older ones go."),
        ConfigurationKey(
            .largeReply, in: .logging, .integer(-1...1_000_000_000_000), default: .integer(1 << 20), .atOnce,
            redis: ["commandlog-reply-larger-than"],
            help: """
                Bytes from which COMMANDLOG keeps a command whose reply is a large one; 0 keeps all, -1 none. Below \
                131072 every command is looked at by itself, which costs a little.
                """),
        ConfigurationKey(
            .largeReplyMaxLength, in: .logging, .integer(0...1_000_000), default: .integer(128), .atOnce,
            redis: ["commandlog-large-reply-max-len"],
            help: "Large replies that COMMANDLOG keeps; older ones go."),
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
