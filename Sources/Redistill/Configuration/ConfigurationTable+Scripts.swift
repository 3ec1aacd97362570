extension ConfigurationTable {
    /// The keys of `[scripts]`.
    static let scripts: [ConfigurationKey] = [
        ConfigurationKey(
            .scripting, in: .scripts, .flag, default: .flag(true), .atOnce,
            help: "Whether clients may run scripts: EVAL, EVALSHA and SCRIPT LOAD."),
        ConfigurationKey(
            .scriptTimeLimit, in: .scripts, .duration(0...86_400_000), default: .integer(5000), .atOnce,
            redis: ["busy-reply-threshold", "lua-time-limit"],
            help: """
                A script that runs for longer makes everybody else be told BUSY, and SCRIPT KILL ends it while it has \
                written nothing. After twice as long, a second at least, it is ended in any case, half done if it \
                writes. 0 for any time.
                """),
        ConfigurationKey(
            .scriptMemoryLimit, in: .scripts, .bytes((1 << 20)...(16 << 30)), default: .integer(64 << 20), .atOnce,
            help: "Bytes that one run of a script may hold in its variables; beyond it ends with an error."),
        ConfigurationKey(
            .scriptCacheSize, in: .scripts, .bytes((64 << 10)...(16 << 30)), default: .integer(16 << 20), .atOnce,
            help: """
                Bytes of the scripts that are kept for EVALSHA. Of those that EVAL brought the least recently used go; \
                those of SCRIPT LOAD stay until SCRIPT FLUSH, and no more are taken when they alone fill it.
                """),
    ]
}
