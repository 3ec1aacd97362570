import Redistill
import Testing

@Suite struct ConfigurationSourcesTests {
    @Test func defaultsHoldWithoutSources() throws {
        let configuration = try configuration()
        #expect(configuration.differences(from: Configuration()).map(\.name) == [.maxMemory])
        #expect(configuration.list(.bind) == ["127.0.0.1", "-::1"])
        #expect(configuration.integer(.port) == 6379)
        #expect(configuration.integer(.numShards) == 0)
        #expect(configuration.text(.evictionPolicy) == "allkeys-s3fifo")
    }

    @Test func environmentWinsOverFileAndFlagsOverBoth() throws {
        let toml = "[server]\nport = 1001\nworkers = 1\nbatch_size = 11\n"
        let environment = ["REDISTILL_PORT": "1002", "REDISTILL_WORKERS": "2"]
        let configuration = try configuration(toml: toml, environment: environment, flags: ["port": "1003"])
        #expect(configuration[.port] == .init(value: .integer(1003), origin: .flag("--port")))
        #expect(configuration[.workers] == .init(value: .integer(2), origin: .environment("REDISTILL_WORKERS")))
        #expect(configuration[.batchSize] == .init(value: .integer(11), origin: .file(path: "test.toml", line: 4)))
    }

    @Test(arguments: [
        ("REDIS_PORT", "7001", KeyName.port, ConfigurationValue.integer(7001)),
        ("REDIS_BIND", "0.0.0.0 ::1", .bind, .list(["0.0.0.0", "::1"])),
        ("REDIS_MAX_MEMORY", "2gb", .maxMemory, .integer(2 << 30)),
        ("REDIS_NUM_SHARDS", "64", .numShards, .integer(64)),
        ("REDIS_TCP_KEEPALIVE", "60", .tcpKeepalive, .integer(60_000)),
        ("REDIS_SHUTDOWN_GRACE_SECS", "5", .shutdownTimeout, .integer(5000)),
        ("REDISTILL_LOG_LEVEL", "WARN", .level, .text("warning")),
        ("REDISTILL_TLS_ENABLED", "false", .tlsEnabled, .flag(false)),
    ])
    func environmentSetsKeys(name: String, text: String, key: KeyName, value: ConfigurationValue) throws {
        #expect(try configuration(environment: [name: text])[key] == .init(value: value, origin: .environment(name)))
    }

    @Test(arguments: [
        "[memory]\ndatabase_shares = \"3:5% 1:20%\"\n", "[memory]\ndatabase_shares = [\"1:20%\", \"3:5%\"]\n",
        """
        [[databases]]
        number = 3
        max_memory_share = "5%"

        [[databases]]
        max_memory_share = "20%"
        number = 1

        """,
    ])
    func sharesOfDatabasesAreSpelledInTwoWays(toml: String) throws {
        let configuration = try configuration(toml: toml)
        #expect(configuration.text(.databaseShares) == "1:20% 3:5%")
        #expect(DatabaseShares(in: configuration).percents == [1: 20, 3: 5])
        #expect(configuration[.databaseShares].origin.place.hasPrefix("test.toml:"))
    }

    @Test func ourOwnVariableWinsOverTheOriginalsName() throws {
        let environment = ["REDIS_PORT": "1", "REDISTILL_PORT": "2"]
        #expect(try configuration(environment: environment).integer(.port) == 2)
    }

    @Test func emptyVariableCountsAsNotSet() throws {
        let configuration = try configuration(
            toml: "[security]\npassword = \"secret\"\n", environment: ["REDIS_PASSWORD": "", "REDIS_PORT": ""])
        #expect(configuration.secret(.password) == Secret("secret"))
        #expect(configuration.integer(.port) == 6379)
    }

    @Test func variablesThatKubernetesSetsAreIgnored() throws {
        let environment = [
            "REDIS_PORT": "tcp://10.0.0.1:6379", "REDISTILL_PORT": "tcp://10.0.0.2:6379",
            "REDISTILL_SERVICE_HOST": "10.0.0.2", "REDISTILL_PORT_6379_TCP_PORT": "6379",
        ]
        #expect(try configuration(environment: environment).integer(.port) == 6379)
        #expect(
            try notes(environment: environment) == [
                "environment variable REDISTILL_PORT: ignored: Kubernetes sets this for a service of that name"
            ])
    }

    @Test func misspeltVariableIsNoted() throws {
        #expect(
            try notes(environment: ["REDISTILL_MAXMEMORY": "1gb"]) == [
                "environment variable REDISTILL_MAXMEMORY: sets nothing; did you mean REDISTILL_MAX_MEMORY?"
            ])
    }

    @Test func fileIsChosenByFlagThenEnvironmentThenWorkingDirectory() throws {
        func port(_ path: String?, _ environment: [String: String], _ names: [String]) throws -> Int64 {
            let contents = Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, "[server]\nport = \(name.utf8.count)\n")
                })
            let sources = ConfigurationSources(path: path, environment: environment, files: files(contents))
            return try ConfigurationLoader.load(sources).configuration.integer(.port)
        }
        let all = ["a", "bb", "redistill.toml"]
        #expect(try port("a", ["REDISTILL_CONFIG": "bb"], all) == 1)
        #expect(try port(nil, ["REDISTILL_CONFIG": "bb"], all) == 2)
        #expect(try port(nil, [:], all) == 14)
        #expect(try port(nil, [:], ["a"]) == 6379)
    }

    @Test func missingNamedFileIsAnError() {
        let sources = ConfigurationSources(path: "gone.toml", files: files([:]))
        #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(sources) }
        do throws(ConfigurationError) {
            _ = try ConfigurationLoader.load(sources)
        } catch {
            #expect(error.description == "gone.toml: cannot read the configuration file: No such file or directory")
        }
    }

    private func limit(of memory: MachineMemory, _ flags: [String: String] = [:]) throws -> Configuration.Setting {
        var sources = sources(flags: flags)
        sources.machine = memory
        return try ConfigurationLoader.load(sources).configuration[.maxMemory]
    }

    @Test func withoutAWordMostOfTheMachineOrItsContainerIsTheLimit() throws {
        let machine = try limit(of: MachineMemory(total: 8 << 30, groupLimit: nil))
        #expect(machine == .init(value: .integer((8 << 30) / 100 * 75), origin: .derived("75% of this machine")))
        let container = try limit(of: MachineMemory(total: 8 << 30, groupLimit: 512 << 20))
        #expect(container == .init(value: .integer((512 << 20) / 100 * 75), origin: .derived("75% of this process's control group")))
    }

    @Test func inASmallContainerTheProgramItselfHasRoom() throws {
        let small = try limit(of: MachineMemory(total: 8 << 30, groupLimit: 64 << 20))
        #expect(
            small == .init(value: .integer(16 << 20), origin: .derived("48mb less than this process's control group has")))
        #expect(try limit(of: MachineMemory(total: 20 << 20, groupLimit: nil)).value == .integer(1 << 20))
    }

    @Test func noLimitIsWhatSomebodyHasToSayOrWhatTheMachineDoesNotTell() throws {
        let none = try limit(of: MachineMemory(total: 8 << 30, groupLimit: nil), ["max_memory": "0"])
        #expect(none == .init(value: .integer(0), origin: .flag("--max-memory")))
        #expect(try limit(of: MachineMemory(total: nil, groupLimit: nil)) == .init(value: .integer(0), origin: .builtIn))
    }

    @Test func policyIsTheSameWhateverTheLimit() throws {
        for limit in ["1gb", "0"] {
            #expect(try configuration(flags: ["max_memory": limit]).text(.evictionPolicy) == "allkeys-s3fifo")
        }
    }

    @Test func memoryLimitIsAShareOfMachineOrControlGroup() throws {
        #expect(try configuration(flags: ["max_memory": "75%"]).integer(.maxMemory) == (8 << 30) / 100 * 75)
        var sources = sources(flags: ["max_memory": "50%"])
        sources.machine = MachineMemory(total: 8 << 30, groupLimit: 10_000_000)
        #expect(try ConfigurationLoader.load(sources).configuration.integer(.maxMemory) == 5_000_000)
    }

    @Test func limitAboveTheControlGroupIsNoted() throws {
        var sources = sources(flags: ["max_memory": "2gb"])
        sources.machine = MachineMemory(total: 8 << 30, groupLimit: 1 << 30)
        #expect(
            try ConfigurationLoader.load(sources).notes.map(\.description) == [
                "--max-memory: 2147483648 bytes are more than the 1073741824 of this process's control group"
            ])
    }

    @Test func addressForOthersWithoutPasswordIsNoted() throws {
        #expect(try notes(flags: ["bind": "0.0.0.0"]).first?.contains("protected_mode") == true)
        #expect(try notes(environment: ["REDIS_PASSWORD": "x"], flags: ["bind": "0.0.0.0"]).isEmpty)
    }
}
