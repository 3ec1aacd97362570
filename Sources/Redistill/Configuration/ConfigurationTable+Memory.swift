extension ConfigurationTable {
    /// Beyond it packed values would take long to write.
    private static let packedEntries = ValueType.adjusted(0...65536)
    private static let packedBytes = ValueType.adjustedBytes(0...65536)

    /// The keys of `[memory]`.
    static let memory: [ConfigurationKey] = [
        ConfigurationKey(
            .maxMemory, in: .memory, .memoryLimit, default: .integer(0), shownAs: MemoryDefault.text, .atOnce,
            redis: ["maxmemory"], environment: ["REDIS_MAX_MEMORY"],
            help: """
                Memory that the daemon may use for everything: "512mb", "2gb", or "75%" of what this machine or \
                container has; when it is not set, that, and in small containers less, so that 48mb are left. 0 for no \
                limit.
                """),
        ConfigurationKey(
            .databaseShares, in: .memory, .databaseShares, default: .text(""), .atRestart,
            help: """
                Parts of max_memory that belong to one database alone: "1:20% 3:5%" gives database 1 a fifth. It never \
                holds more, and nobody else takes it; databases without a share have what is left. The file may also \
                say [[databases]] with number and max_memory_share.
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
            .evictionPolicy, in: .memory, .policy, default: .text(EvictionPolicy.usual), .atOnce,
            redis: ["maxmemory-policy"], environment: ["REDIS_EVICTION_POLICY"],
            help: """
                What is removed when max_memory is reached; "noeviction" refuses writes instead, as Redis does when \
                nothing is said.
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
            .hashMaxListpackEntries, in: .memory, packedEntries, default: .integer(512), .atOnce,
            redis: ["hash-max-listpack-entries", "hash-max-ziplist-entries"],
            help: "Fields up to which a hash is kept packed, which takes less memory; beyond it is indexed, and stays so."),
        ConfigurationKey(
            .hashMaxListpackValue, in: .memory, packedBytes, default: .integer(64), .atOnce,
            redis: ["hash-max-listpack-value", "hash-max-ziplist-value"],
            help: "Bytes that a field or a value of a packed hash may have."),
        ConfigurationKey(
            .setMaxIntsetEntries, in: .memory, packedEntries, default: .integer(512), .atOnce,
            redis: ["set-max-intset-entries"],
            help: "Members up to which a set of nothing but integers is kept packed."),
        ConfigurationKey(
            .setMaxListpackEntries, in: .memory, packedEntries, default: .integer(128), .atOnce,
            redis: ["set-max-listpack-entries"],
            help: "Members up to which another set is kept packed."),
        ConfigurationKey(
            .setMaxListpackValue, in: .memory, packedBytes, default: .integer(64), .atOnce,
            redis: ["set-max-listpack-value"],
            help: "Bytes that a member of a packed set may have."),
        ConfigurationKey(
            .zsetMaxListpackEntries, in: .memory, packedEntries, default: .integer(128), .atOnce,
            redis: ["zset-max-listpack-entries", "zset-max-ziplist-entries"],
            help: "Members up to which a sorted set is kept packed."),
        ConfigurationKey(
            .zsetMaxListpackValue, in: .memory, packedBytes, default: .integer(64), .atOnce,
            redis: ["zset-max-listpack-value", "zset-max-ziplist-value"],
            help: "Bytes that a member of a packed sorted set may have."),
        ConfigurationKey(
            .listMaxListpackSize, in: .memory, .adjusted(-5...32768), default: .integer(-2), .atOnce,
            redis: ["list-max-listpack-size", "list-max-ziplist-size"],
            help: """
                How long a list is kept packed: a number of elements, or from -1 to -5 for 4, 8, 16, 32 or 64 KiB of them.
                """),
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
}
