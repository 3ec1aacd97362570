import Testing

/// INFO, CONFIG and COMMAND, as far as clients depend on them.
@Suite struct IntrospectionTests {
    private func fields(_ reply: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in reply.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    @Test(arguments: ["2", "3"])
    func infoHasWhatClientsRead(_ protocolVersion: String) throws {
        try SharedDaemon.use { client in
            _ = try client.ask("HELLO", protocolVersion)
            try converse(client, [("MSET a 1 b 2", "+OK\r\n"), ("SET c 3 EX 100", "+OK\r\n"), ("GET a", bulk("1")), ("GET none", nil)])
            let reply = try client.ask("INFO")
            #expect(reply.hasPrefix(protocolVersion == "3" ? "=" : "$"))
            let info = fields(reply)
            let expected = [
                "redis_version": "7.4.0", "redis_mode": "standalone", "loading": "0", "role": "master",
                "connected_slaves": "0", "cluster_enabled": "0", "maxmemory_policy": "allkeys-s3fifo", "arch_bits": "64",
                "multiplexing_api": "epoll", "maxmemory": "1073741824",
            ]
            for (name, value) in expected { #expect(info[name] == value, "\(name)") }
            for name in ["run_id", "tcp_port", "process_id", "uptime_in_seconds", "connected_clients", "used_memory",
                "used_memory_rss", "used_memory_human", "used_memory_peak", "total_commands_processed",
                "total_connections_received", "instantaneous_ops_per_sec", "keyspace_hits", "keyspace_misses",
                "expired_keys", "evicted_keys", "used_cpu_sys", "used_cpu_user", "master_replid", "maxclients"] {
                #expect(info[name]?.isEmpty == false, "\(name)")
            }
            #expect(info["db0"]?.hasPrefix("keys=3,expires=1,avg_ttl=") == true)
        }
    }

    @Test func infoKnowsItsSections() throws {
        try SharedDaemon.use { client in
            func headers(_ words: String...) throws -> [String] {
                try client.ask(["INFO"] + words).split(whereSeparator: \.isNewline).filter { $0.hasPrefix("#") }.map(String.init)
            }
            try #expect(headers("server") == ["# Server"])
            try #expect(headers("REPLICATION") == ["# Replication"])
            try #expect(headers("memory", "cpu", "memory") == ["# Memory", "# CPU"])
            try #expect(headers("nonsense") == [])
            try #expect(client.ask("INFO", "nonsense") == bulk(""))
            for name in ["default", "all", "everything"] {
                let all = try headers(name)
                for header in ["# Server", "# Clients", "# Memory", "# Persistence", "# Stats", "# Replication", "# CPU", "# Cluster", "# Keyspace"] {
                    #expect(all.contains(header), "\(name) \(header)")
                }
            }
        }
    }

    @Test func countersCount() throws {
        let daemon = try Daemon()
        let client = try daemon.connect()
        try converse(client, [("SET k v", "+OK\r\n"), ("GET k", bulk("v")), ("GET none", "$-1\r\n"), ("INCR k", nil)])
        let info = fields(try client.ask("INFO", "stats"))
        #expect(info["keyspace_hits"] == "1" && info["keyspace_misses"] == "1")
        #expect(info["total_commands_processed"] == "4" && info["total_connections_received"] == "1")
        #expect(info["total_error_replies"] == "1")
        try #expect(client.ask("CONFIG", "RESETSTAT") == "+OK\r\n")
        #expect(fields(try client.ask("INFO", "stats"))["keyspace_hits"] == "0")
    }

    @Test(arguments: [
        Exchange(
            "CONFIG GET maxmemory", "*2\r\n" + bulk("maxmemory") + bulk("1073741824"),
            resp3: "%1\r\n" + bulk("maxmemory") + bulk("1073741824")),
        Exchange(
            "CONFIG GET MaxMemory", "*2\r\n" + bulk("maxmemory") + bulk("1073741824"),
            resp3: "%1\r\n" + bulk("maxmemory") + bulk("1073741824")),
        Exchange("CONFIG GET nonsense", "*0\r\n", resp3: "%0\r\n"),
        Exchange("CONFIG GET save", "*2\r\n" + bulk("save") + bulk(""), resp3: "%1\r\n" + bulk("save") + bulk("")),
        Exchange("CONFIG GET appendonly", "*2\r\n" + bulk("appendonly") + bulk("no"), resp3: "%1\r\n" + bulk("appendonly") + bulk("no")),
        Exchange("CONFIG GET databases", "*2\r\n" + bulk("databases") + bulk("16"), resp3: "%1\r\n" + bulk("databases") + bulk("16")),
        Exchange("CONFIG GET timeout", "*2\r\n" + bulk("timeout") + bulk("0"), resp3: "%1\r\n" + bulk("timeout") + bulk("0")),
    ])
    func configGet(_ exchange: Exchange) throws { try exchange.check() }

    @Test func configGetTakesSeveralGlobsAndAnswersEachNameOnce() throws {
        try SharedDaemon.use { client in
            func names(_ globs: String...) throws -> [String] {
                let all = bulks(of: try client.ask(["CONFIG", "GET"] + globs))
                return stride(from: 0, to: all.count, by: 2).map { all[$0] }
            }
            let memory = try names("maxmemory*")
            #expect(memory.contains("maxmemory") && memory.contains("maxmemory-policy"))
            let both = try names("maxmemory*", "maxmemory", "m*y", "timeout")
            #expect(Set(both).count == both.count && both.contains("timeout"))
            let all = try names("*")
            #expect(Set(all).count == all.count && all.count > 50)
            #expect(all.contains("port") && all.contains("bind") && all.contains("maxclients"))
        }
    }

    // MARK: COMMAND

    private static let supported = [
        "append", "auth", "client", "command", "config", "dbsize", "decr", "decrby", "del", "echo", "exists", "expire",
        "flushall", "flushdb", "get", "hello", "incr", "incrby", "info", "keys", "mget", "mset", "persist", "pexpire",
        "ping", "pttl", "quit", "scan", "select", "set", "strlen", "time", "ttl", "type", "unlink",
    ]

    @Test func commandCountListInfoAndDocsAgree() throws {
        try SharedDaemon.use { client in
            let list = bulks(of: try client.ask("COMMAND", "LIST"))
            let count = Int(try client.ask("COMMAND", "COUNT").dropFirst().dropLast(1)) ?? 0
            // As in Redis, LIST names subcommands too, COUNT does not count them.
            #expect(list.filter { !$0.contains("|") }.count == count && Set(list).isSuperset(of: Self.supported))
            for line in ["COMMAND", "COMMAND INFO"] {
                try #expect(client.ask(words(line)).hasPrefix("*\(count)\r\n"), "\(line)")
            }
            try #expect(client.ask("COMMAND", "DOCS").hasPrefix("*\(2 * count)\r\n"))
            _ = try client.ask("HELLO", "3")
            try #expect(client.ask("COMMAND", "DOCS").hasPrefix("%\(count)\r\n"))
            try #expect(Set(bulks(of: client.ask("COMMAND", "LIST", "FILTERBY", "PATTERN", "p*"))).isSuperset(of: ["ping", "pttl"]))
            try #expect(client.ask("COMMAND", "LIST", "FILTERBY", "MODULE", "x") == "*0\r\n")
        }
    }

    @Test func commandInfoDescribesAndAnswersNilForTheUnknown() throws {
        try SharedDaemon.use { client in
            let reply = try client.ask("COMMAND", "INFO", "get", "nope", "MSET")
            #expect(reply.hasPrefix("*3\r\n*10\r\n" + bulk("get") + ":2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"))
            #expect(reply.contains("$-1\r\n*10\r\n" + bulk("mset") + ":-3\r\n"))
            try #expect(client.ask("COMMAND", "DOCS", "nope") == "*0\r\n")
            let docs = try client.ask("COMMAND", "DOCS", "get", "nope")
            #expect(docs.hasPrefix("*2\r\n" + bulk("get")) && docs.contains(bulk("summary")) && docs.contains(bulk("since")))
        }
    }

    @Test(arguments: [
        Exchange("COMMAND GETKEYS GET k", "*1\r\n" + bulk("k")),
        Exchange("COMMAND GETKEYS SET k v EX 1", "*1\r\n" + bulk("k")),
        Exchange("COMMAND GETKEYS MSET a 1 b 2 c 3", "*3\r\n" + bulk("a") + bulk("b") + bulk("c")),
        Exchange("COMMAND GETKEYS MGET a b a", "*3\r\n" + bulk("a") + bulk("b") + bulk("a")),
        Exchange("COMMAND GETKEYS DEL a b", "*2\r\n" + bulk("a") + bulk("b")),
        Exchange("COMMAND GETKEYS PING x", "-ERR The command has no key arguments\r\n"),
        Exchange("COMMAND GETKEYS NOPE x", "-ERR Invalid command specified\r\n"),
        Exchange("COMMAND GETKEYS GET a b", "-ERR Invalid number of arguments specified for command\r\n"),
    ])
    func commandGetKeys(_ exchange: Exchange) throws { try exchange.check() }
}
