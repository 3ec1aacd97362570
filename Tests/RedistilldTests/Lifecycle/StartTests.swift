import Foundation
import Testing

/// What the command line, the configuration and the machine may say against a start, and what it looks like.
@Suite struct StartTests {
    @Test func theStartLineSaysWhatWasStarted() throws {
        let file = try ScratchDirectory.file("[server]\nworkers = 3\n")
        let daemon = try Daemon([
            "--config", file, "--bind", "127.0.0.1", "--num-shards", "16", "--max-memory", "64mb", "--eviction-policy",
            "allkeys-lru",
        ])
        #expect(daemon.startLine.hasPrefix("Redistill "))
        #expect(
            daemon.startLine.hasSuffix(
                " ready on 127.0.0.1:\(daemon.port): 3 workers, 16 shards, memory limit 64mb (allkeys-lru), config \(file)"))
        let plain = try Daemon(["--workers", "1", "--num-shards", "8"])
        #expect(plain.startLine.contains("1 worker, 8 shards, memory limit "))
        // Of this machine, or of this process's control group.
        #expect(plain.startLine.contains(" (75% of this ") && plain.startLine.hasSuffix(", allkeys-s3fifo), no config file"))
        #expect(try Daemon(["--max-memory", "0"]).startLine.contains("no memory limit"))
        let chosen = try Daemon(["--workers", "2", "--max-memory", "200mb"])
        #expect(chosen.startLine.contains("2 workers, 32 shards, memory limit 200mb"))
    }

    @Test func whatWasDecidedStandsInTheLogAsOneBlock() throws {
        let daemon = try Daemon(["--workers", "2", "--bind", "127.0.0.1", "--max-connections", "50"])
        #expect(daemon.stop() == .exited(0))
        let lines = daemon.process.errors().split(separator: "\n").drop { !$0.hasSuffix("NOTICE   started with these settings") }
        let block = lines.dropFirst().prefix { $0.hasPrefix("  ") }
        #expect(block.map { $0.prefix { $0 != ":" } } == [
            "  addresses", "  memory", "  workers", "  connections", "  protection", "  persistence", "  configuration",
        ])
        #expect(block.first == "  addresses: 127.0.0.1:\(daemon.port)")
        #expect(block.contains("  workers: 2 (--workers)"))
        #expect(block.contains { $0.hasPrefix("  connections: 50 at most; ") && $0.hasSuffix(" open files allowed") })
    }

    @Test func bothLoopbackAddressesAreListenedOnUnaskedAndHaveOnePort() throws {
        let daemon = try Daemon()
        // A machine may have no IPv6; then the other address is not told of either.
        let addresses = daemon.startLine.split(separator: " ready on ")[1].prefix { $0 != " " }
        let both = "127.0.0.1:\(daemon.port), [::1]:\(daemon.port): "
        #expect(addresses == "127.0.0.1:\(daemon.port):" || daemon.startLine.contains(both), "\(daemon.startLine)")
    }

    @Test func flagsWinOverTheEnvironmentAndThatOverTheFile() throws {
        let file = try ScratchDirectory.file("[server]\nworkers = 3\nnum_shards = 4\nmax_connections = 5\n")
        let environment = ["REDISTILL_CONFIG": file, "REDISTILL_WORKERS": "2", "REDISTILL_NUM_SHARDS": "8"]
        let daemon = try Daemon(["--num-shards", "32"], environment: environment)
        #expect(daemon.startLine.contains("2 workers, 32 shards"))
        try #expect(daemon.connect().ask("CONFIG", "GET", "maxclients") == "*2\r\n" + bulk("maxclients") + bulk("5"))
    }

    /// One line, which says what is wrong, and an exit code that is not 0.
    private func expectRefusal(
        _ flags: [String], environment: [String: String] = [:], code: Int32, _ parts: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try run(Daemon.executable, flags, environment: environment)
        #expect(result.end == .exited(code), sourceLocation: sourceLocation)
        #expect(result.output == "", sourceLocation: sourceLocation)
        #expect(result.errors.split(whereSeparator: \.isNewline).count == 1, "\(result.errors)", sourceLocation: sourceLocation)
        for part in parts { #expect(result.errors.contains(part), "\(part)", sourceLocation: sourceLocation) }
    }

    @Test func redissOwnDefaultForBindStarts() throws {
        let file = try ScratchDirectory.file("[server]\nbind = \"*, -::*\"\n")
        let daemon = try Daemon(["--config", file])
        #expect(daemon.startLine.contains(" ready on 0.0.0.0:"))
        try #expect(daemon.connect().ask("PING") == "+PONG\r\n")
    }

    @Test func aFailedStartIsARecordWhereTheLogIsOfJSON() throws {
        let daemon = try Daemon()
        for flags in [["--port", "\(daemon.port)"], ["--tls-port", "1", "--tls-cert-path", "/nowhere", "--tls-key-path", "/n"], ["--port", "x"]] {
            let result = try run(Daemon.executable, flags + ["--format", "json"])
            let object = try JSONSerialization.jsonObject(with: Data(result.errors.utf8)) as? [String: String]
            #expect(object?["level"] == "critical" && object?["message"] != nil && object?["time"] != nil, "\(result.errors)")
        }
    }

    @Test func aPortInUseIsRefused() throws {
        try withBoundSocket { port in
            try expectRefusal(["--port", "\(port)"], code: 1, ["127.0.0.1 port \(port)", "in use"])
        }
    }

    @Test func aPortThatAnotherDaemonHasIsRefused() throws {
        let daemon = try Daemon()
        try expectRefusal(["--port", "\(daemon.port)"], code: 1, ["\(daemon.port)", "in use"])
        try #expect(daemon.connect().ask("PING") == "+PONG\r\n")
    }

    @Test func aHealthPortInUseIsRefused() throws {
        try withBoundSocket { port in
            try expectRefusal(["--port", "0", "--health-check-port", "\(port)"], code: 1, ["\(port)"])
        }
    }

    @Test(arguments: ["nonsense", "256.0.0.1", "1.2.3.4"])
    func anAddressThatCannotBeBoundIsRefused(_ address: String) throws {
        let result = try run(Daemon.executable, ["--port", "0", "--bind", address])
        #expect(result.end == .exited(1) || result.end == .exited(78))
        #expect(result.errors.split(whereSeparator: \.isNewline).count == 1)
        #expect(result.errors.contains(address))
    }

    @Test func aCertificatePathThatLeadsNowhereIsRefused() throws {
        try expectRefusal(
            ["--port", "0", "--tls-enabled", "--tls-cert-path", "/nowhere/cert.pem", "--tls-key-path", "/nowhere/key.pem"],
            code: 78, ["tls_cert_path", "/nowhere/cert.pem", "No such file"])
        try expectRefusal(
            ["--port", "0", "--tls-enabled", "--tls-cert-path", "/nowhere/cert.pem"], code: 78, ["tls_key_path"])
        let rubbish = try ScratchDirectory.file("rubbish", named: "cert.pem")
        try expectRefusal(
            ["--port", "0", "--tls-enabled", "--tls-cert-path", rubbish, "--tls-key-path", rubbish], code: 78, [rubbish])
    }

    @Test func aConfigurationThatCannotBeReadIsRefused() throws {
        try expectRefusal(["--config", "/nowhere/redistill.toml"], code: 78, ["/nowhere/redistill.toml", "No such file"])
        try expectRefusal(["--config", "/"], code: 78, ["cannot read"])
        try expectRefusal([], environment: ["REDISTILL_CONFIG": "/nowhere/x"], code: 78, ["/nowhere/x"])
    }

    @Test(arguments: [
        ("[server]\nprot = 1\n", 2, ["unknown key \"prot\"", "\"port\""]),
        ("[server]\n\nport = 70000\n", 3, ["port", "70000", "0 to 65535"]),
        ("[server]\nport = \"x\"\n", 2, ["port", "\"x\"", "0 to 65535"]),
        ("[memory]\nmax_memory = \"lots\"\n", 2, ["max_memory", "lots", "512mb"]),
        ("[memory]\neviction_policy = \"best\"\n", 2, ["eviction_policy", "best", "allkeys-lru"]),
        ("[server]\nport = 1\nport = 2\n", 3, ["port"]),
        ("[servr]\nport = 1\n", 2, ["[servr]", "[server]"]),
        ("port = 1\n", 1, ["port", "[server]"]),
        ("[server\n", 1, []),
    ])
    func aWrongConfigurationNamesFileLineKeyValueAndWhatIsAllowed(_ text: String, _ line: Int, _ parts: [String]) throws {
        let file = try ScratchDirectory.file(text)
        for flags in [["--config", file], ["--config", file, "--check-config"]] {
            try expectRefusal(flags, code: 78, ["\(file):\(line):"] + parts)
        }
    }

    @Test func everyProblemGetsALine() throws {
        let file = try ScratchDirectory.file("[server]\nport = -1\nworkers = \"many\"\nwhat = 1\n")
        let result = try run(Daemon.executable, ["--config", file])
        #expect(result.end == .exited(78))
        #expect(result.errors.split(whereSeparator: \.isNewline).count == 3)
    }

    @Test(arguments: [
        (["--port", "70000"], [:], ["--port", "70000", "0 to 65535"]),
        (["--eviction-policy", "best"], [:], ["--eviction-policy", "best", "allkeys-lru"]),
        ([], ["REDIS_PORT": "x"], ["REDIS_PORT", "\"x\""]),
        ([], ["REDISTILL_MAX_MEMORY": "x"], ["REDISTILL_MAX_MEMORY", "\"x\""]),
        (["--password-file", "/nowhere/password"], [:], ["/nowhere/password", "No such file"]),
        (["--log-file", "/nowhere/log"], [:], ["/nowhere/log"]),
        (["--unix-socket", "/nowhere/socket"], [:], ["/nowhere/socket"]),
    ])
    func aWrongFlagOrVariableIsNamed(_ flags: [String], _ environment: [String: String], _ parts: [String]) throws {
        let result = try run(Daemon.executable, flags, environment: environment)
        #expect(result.end == .exited(78) || result.end == .exited(1))
        #expect(result.errors.split(whereSeparator: \.isNewline).count == 1)
        for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
    }

    @Test(arguments: [["--password", "s3cret"], ["--password=s3cret"], ["--health-token", "s3cret"], ["--requirepass", "s3cret"]])
    func aSecretOnTheCommandLineIsRefusedAndNotRepeated(_ flags: [String]) throws {
        let result = try run(Daemon.executable, ["--port", "0"] + flags)
        #expect(result.end != .exited(0))
        #expect(result.errors.contains(flags[0].prefix { $0 != "=" }))
        #expect(!result.errors.contains("s3cret"))
    }

    @Test func checkConfigStartsNothing() throws {
        let file = try ScratchDirectory.file("[server]\nport = 1\n")
        let result = try run(Daemon.executable, ["--check-config", "--config", file])
        #expect(result.end == .exited(0))
        #expect(result.output.hasSuffix("\(file): valid\n"))
        #expect(result.errors == "")
    }

    @Test func printConfigShowsWhatIsInEffectAndCanBeReadBack() throws {
        let file = try ScratchDirectory.file("[server]\nport = 7777\n[memory]\nmax_memory = \"100mb\"\n")
        let environment = ["REDIS_PASSWORD": "s3cret", "REDISTILL_WORKERS": "3"]
        let printed = try run(
            Daemon.executable, ["--print-config", "--config", file, "--num-shards", "8"], environment: environment)
        #expect(printed.end == .exited(0))
        for line in ["port = 7777", "workers = 3", "num_shards = 8", "max_memory = \"100mb\""] {
            #expect(printed.output.contains(line), "\(line)")
        }
        #expect(!printed.output.contains("s3cret"))
        let again = try ScratchDirectory.file(printed.output)
        try #expect(run(Daemon.executable, ["--check-config", "--config", again]).end == .exited(0))
        let example = try run(Daemon.executable, ["--print-config", "--default"])
        #expect(example.end == .exited(0) && example.output.contains("#port = 6379"))
    }

    @Test func versionAndHelp() throws {
        let version = try run(Daemon.executable, ["--version"])
        #expect(version.end == .exited(0) && version.output.hasPrefix("redistilld "))
        let help = try run(Daemon.executable, ["--help"])
        #expect(help.end == .exited(0))
        for flag in ["--port", "--bind", "--workers", "--num-shards", "--max-memory", "--eviction-policy",
            "--health-check-port", "--config", "--password-file", "--check-config", "--print-config", "--version"] {
            #expect(help.output.contains(flag), "\(flag)")
        }
        #expect(!help.output.contains("--password "))
    }

    @Test(arguments: [["--nonsense"], ["--port"], ["stray"], ["--check-config", "--print-config"]])
    func aWrongCommandLineIsRefused(_ flags: [String]) throws {
        let result = try run(Daemon.executable, flags)
        #expect(result.end == .exited(64))
        #expect(result.errors.hasPrefix("Error: "))
    }

    @Test func aUnixSocketIsServed() throws {
        let path = try ScratchDirectory.make() + "/s"
        let daemon = try Daemon(["--unix-socket", path], choosesPort: false)
        #expect(daemon.startLine.contains(path))
    }
}
