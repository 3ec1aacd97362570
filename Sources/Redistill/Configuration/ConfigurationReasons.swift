/// Why defaults are what they are, beside Redis's: for the documentation.
enum ConfigurationReasons {
    private struct Reason {
        let key: KeyName
        /// What Redis does when nothing is said, as a person reads it.
        let redis: String
        let why: String
    }

    /// A table in Markdown. Our defaults are those of the table of keys.
    static func markdown() -> String {
        var text = "| key | default | Redis | why |\n|---|---|---|---|\n"
        for reason in reasons {
            let key = ConfigurationTable.key(reason.key)
            text += "| `\(reason.key.rawValue)` | `\(key.defaultTOML)` | \(reason.redis) | \(reason.why) |\n"
        }
        return text
    }

    private static let reasons: [Reason] = [
        Reason(
            key: .bind, redis: "the same by its redis.conf, without a file all addresses",
            why: "who wants others to come says so; `localhost` may be either of the two"),
        Reason(
            key: .protectedMode, redis: "`yes`",
            why: "an address that is opened without a password serves nobody else than this machine"),
        Reason(
            key: .maxMemory, redis: "no limit",
            why: """
                a cache grows until something stops it, and that should be the cache itself, not the kernel. The rest is for \
                the system, socket buffers and other programs; where much else runs, or several caches do, write less
                """),
        Reason(
            key: .evictionPolicy, redis: "`noeviction`",
            why: """
                a full cache makes room instead of refusing writes. This policy has 7 to 26 % more hits than LRU on our trace, \
                and keys that are read once don't drive out those that are read again ([memory.md](memory.md#figures)). Where \
                a lost key is a lost order, write `noeviction`
                """),
        Reason(
            key: .maxClientMemory, redis: "no limit",
            why: "clients that don't read, or send without an end, neither drive out the keys nor take the memory"),
        Reason(key: .maxConnections, redis: "`10000`", why: "open files are raised to fit at the start, or a warning says how far"),
        Reason(
            key: .connectionTimeout, redis: "`0`",
            why: "pools keep idle connections on purpose; those whose peer is gone are found by `tcp_keepalive`"),
        Reason(
            key: .tcpKeepalive, redis: "`300`",
            why: """
                a peer that is gone without a word is found within ten minutes, and what forgets idle connections after 350 s, \
                as AWS's balancers and NAT gateways do, does not forget these; where it is sooner (240 s at Azure) write 200
                """),
        Reason(
            key: .authTimeout, redis: "no limit",
            why: "who does not say the password does not hold a connection for ever"),
        Reason(
            key: .authFailureDelay, redis: "none",
            why: "guessing is slow, after ten tries a mistake may take ([security.md](security.md#password))"),
        Reason(
            key: .tlsHandshakeTimeout, redis: "no limit",
            why: "half a handshake does not hold a connection; ten seconds are enough on a bad line"),
        Reason(
            key: .tlsHandshakeLimit, redis: "no limit",
            why: "a storm of handshakes, each of which costs what many commands do, leaves time for who is connected"),
        Reason(
            key: .tlsAuthClients, redis: "`yes`", why: "few have certificates for clients; the password is asked for all the same"),
        Reason(
            key: .outputBufferLimit, redis: "no limit",
            why: "a reply that nobody reads ends its connection, as `max_client_memory` does sooner"),
        Reason(key: .queryBufferLimit, redis: "`1gb`", why: "twice the largest value, and transactions of many"),
        Reason(key: .maxBulkLength, redis: "`512mb`", why: "what clients know"),
        Reason(
            key: .workers, redis: "one thread for commands",
            why: "all processors that it may use, or as many as a CPU quota of the container or service is worth"),
        Reason(
            key: .scriptTimeLimit, redis: "`5000` ms, and then for ever",
            why: "a script without an end stops neither others nor, after twice as long, itself"),
        Reason(key: .enableDebugCommand, redis: "`no`", why: "DEBUG ends or halts the daemon"),
        Reason(
            key: .unixSocketMode, redis: "the umask", why: "its user and group, which applications are made members of"),
        Reason(
            key: .healthCheckPort, redis: "there is none",
            why: "no port is opened that nobody asked for; the image and the chart ask for 9091"),
        Reason(
            key: .shutdownTimeout, redis: "`10`",
            why: "clients read their last replies; nothing is saved, since nothing is kept on disk"),
    ]
}
