extension ConfigurationTable {
    /// The keys of `[persistence]`.
    static let persistence: [ConfigurationKey] = [
        ConfigurationKey(
            .persistenceEnabled, in: .persistence, .flag, default: .flag(false), .atRestart, former: ["enabled"],
            help: """
                Whether there are snapshots: the file is read at the start, and written by SAVE, BGSAVE and the two keys \
                below. The file calls this key "enabled", too. See docs/persistence.md for what a snapshot promises.
                """),
        ConfigurationKey(
            .snapshotPath, in: .persistence, .path, default: .text("redistill.rdb"), .atRestart,
            help: """
                The file, in Redis's own format, RDB. A new one is written beside it and takes its place when it is \
                whole, so that its directory must be writable, with room for two.
                """),
        ConfigurationKey(
            .snapshotInterval, in: .persistence, .duration(0...(365 * 86_400_000)), default: .integer(0), .atOnce,
            help: "Time from the end of one snapshot to the beginning of the next; 0 for none by the clock."),
        ConfigurationKey(
            .saveOnShutdown, in: .persistence, .flag, default: .flag(true), .atOnce,
            help: """
                Whether a stop writes a snapshot when the last connection is closed, unless SHUTDOWN says SAVE or NOSAVE. \
                The time for it comes on top of shutdown_timeout.
                """),
    ]
}
