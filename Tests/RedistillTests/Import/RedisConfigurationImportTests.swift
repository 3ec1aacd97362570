import Testing

@testable import Redistill

/// The import of a `redis.conf` with that text.
func imported(_ text: String, files others: [String: String] = [:]) -> RedisConfigurationImport {
    RedisConfigurationImport(of: text, path: "redis.conf", files: files(others))
}

/// Each loss as its kind and its line.
func losses(_ text: String, files others: [String: String] = [:]) -> [String] {
    imported(text, files: others).losses.map { "\($0.kind.title): \($0.line)" }
}

@Suite struct RedisConfigurationImportTests {
    @Test func directivesBecomeKeysOfTheirSections() throws {
        let result = imported(
            """
            # a comment
            bind 127.0.0.1 -::1
            PORT 7000
            save ""
            timeout 30
            maxmemory 100mb
            requirepass "se\\"cret"
            tls-port 0
            protected-mode no
            io-threads 4
            client-output-buffer-limit normal 2mb 1mb 10
            appendonly no
            databases 4
            loglevel verbose
            """)
        #expect(
            result.toml == """
                # Imported from "redis.conf", a Redis configuration.

                [server]
                bind = ["127.0.0.1", "-::1"]
                port = 7000
                workers = 4
                databases = 4
                connection_timeout = 30
                output_buffer_limit = "2mb"
                output_buffer_soft_limit = "1mb"
                output_buffer_soft_time = 10

                [security]
                password = "se\\"cret"
                protected_mode = false
                tls_port = 0

                [memory]
                max_memory = "100mb"
                eviction_policy = "noeviction"

                [logging]
                level = "info"

                """)
        #expect(result.losses.isEmpty && result.pointlessLines == 0 && result.holdsSecret)
        #expect(try configuration(toml: result.toml).integer(.maxMemory) == 100 << 20)
    }

    @Test func whatGetsLostIsGroupedByWhatItProtects() {
        let text = """
            save 900 1
            save 300 10
            maxmemory lots
            rename-command FLUSHALL ""
            appendfsync no
            rdbcompression no
            replica-priority 5
            """
        #expect(
            losses(text) == [
                "Security: redis.conf:4: rename-command: FLUSHALL stays a command of its own name here, for everybody who "
                    + "has the password",
                "Limits: redis.conf:3: maxmemory: \"lots\" is not allowed; it takes \(ValueType.memoryLimit.allowed)",
                "Behaviour: redis.conf:1: save: nothing is kept on disk unless [persistence] says so: the cache is empty after a restart",
            ])
        let result = imported(text)
        #expect(result.pointlessLines == 3)
        #expect(
            result.toml.hasPrefix(
                """
                # Imported from "redis.conf", a Redis configuration.
                #
                # Security, lost:
                # - redis.conf:4: rename-command: FLUSHALL stays a command of its own name here, for everybody who has the password
                #
                # Limits, lost:
                # - redis.conf:3: maxmemory: "lots" is not allowed;
                """))
        #expect(result.toml.contains("# Without meaning here: appendfsync, rdbcompression, replica-priority\n"))
    }

    @Test(arguments: [
        ("appendonly yes", "Behaviour: redis.conf:1: appendonly: nothing is kept on disk unless"),
        ("replicaof 10.0.0.1 6379", "Behaviour: redis.conf:1: replicaof: there are no replicas"),
        ("cluster-enabled yes", "Behaviour: redis.conf:1: cluster-enabled: the map of a cluster is a static list here: write all nodes to cluster_nodes"),
        ("notify-keyspace-events KEA", "Behaviour: redis.conf:1: notify-keyspace-events: there is no pub/sub"),
        ("loadmodule /m.so", "Behaviour: redis.conf:1: loadmodule: there are no modules"),
        ("rename-command GET fetch", "Security: redis.conf:1: rename-command: GET stays a command"),
        ("tls-ca-cert-dir /etc/ssl", "Security: redis.conf:1: tls-ca-cert-dir: authorities come from one file"),
        ("timeout 1y", "Limits: redis.conf:1: timeout: \"1y\" is not allowed; it takes"),
        ("maxmemory 1.5gb", "Limits: redis.conf:1: maxmemory: \"1.5gb\" is not allowed; a size is a whole number and a unit: write \"1536mb\""),
        ("bind", "Security: redis.conf:1: bind: Redis listens on no address then"),
        ("port \"7", "Security: redis.conf:1: port: unbalanced quotes: what it says is lost"),
        ("maxmemory \"7", "Limits: redis.conf:1: maxmemory: unbalanced quotes: what it says is lost"),
        ("requirepas x", "Security: redis.conf:1: requirepas: neither Redis nor Valkey is known to have it; did you mean"),
        ("client-output-buffer-limit normal x 0 0", "Limits: redis.conf:1: client-output-buffer-limit: Error in"),
        ("maxclients 1 2", "Limits: redis.conf:1: maxclients: it takes one value, in Redis, too"),
        ("tls-protocols TLSv1.1", "Behaviour: redis.conf:1: tls-protocols: TLS before 1.2 is not spoken"),
    ])
    func lossHasItsKindPlaceAndReason(line: String, start: String) throws {
        #expect(try #require(losses(line).first).hasPrefix(start))
    }

    @Test(arguments: [
        "save \"\"", "appendonly no", "cluster-enabled no", "notify-keyspace-events \"\"", "requirepass x", "maxmemory 1gb",
        "tls-ca-cert-dir \"\"", "tls-protocols \"TLSv1.2 TLSv1.3\"", "replicaof no one",
        "client-output-buffer-limit pubsub 32mb 8mb 60", "list-max-listpack-size -2", "bind \"* -::*\"",
    ])
    func whatIsNoLossIsNone(line: String) {
        #expect(losses(line).isEmpty)
    }

    @Test func snapshotsThatRedisKeepsUnaskedAreNoted() {
        let note = ["Redis keeps snapshots on disk unless it is told not to; here the cache is empty after a restart"]
        func notes(_ line: String) -> [String] { imported(line + "\nmaxmemory 1gb\n").notes }
        #expect(notes("port 1") == note && notes("appendonly no") == note)
        #expect(notes("save \"\"").isEmpty && notes("appendonly yes").isEmpty)
    }

    @Test func whereRedisHasNoLimitThereIsNoneAndThatIsNoted() throws {
        let result = imported("save \"\"\n")
        let configuration = try configuration(toml: result.toml)
        #expect(configuration[.maxMemory].value == .integer(0) && configuration[.maxMemory].origin.written != nil)
        #expect(result.notes.count == 1 && result.notes[0].hasPrefix("Redis has no memory limit unless it is told one, so max_memory = 0"))
        #expect(imported("save \"\"\nmaxmemory 0\n").notes.isEmpty)
    }

    @Test(arguments: ["maxmemory lots\n", "include gone.conf\n"])
    func whereALimitMayHaveBeenLostThereIsOne(text: String) throws {
        #expect(try configuration(toml: imported("save \"\"\n" + text).toml)[.maxMemory].origin.written == nil)
    }

    @Test func pathsCountFromRedissOwnDirectory() throws {
        let text = "logfile redis.log\nunixsocket /run/s\ntls-port 1\ntls-auth-clients no\ntls-cert-file tls/c\ntls-key-file tls/k\n"
        let configuration = try configuration(toml: imported(text + "dir /var/lib/redis/\n").toml)
        #expect(configuration.text(.logFile) == "/var/lib/redis/redis.log")
        #expect(configuration.text(.unixSocket) == "/run/s")
        #expect(configuration.text(.tlsCertPath) == "/var/lib/redis/tls/c")
        #expect(try RedistillTests.configuration(toml: imported(text).toml).text(.logFile) == "redis.log")
        let users = imported("aclfile users.acl\ndir /etc/redis\n", files: ["/etc/redis/users.acl": "user default on >pw ~* +@all\n"])
        #expect(users.holdsSecret && users.losses.isEmpty)
    }

    @Test func commandsThatDoNothingHereAreNoLoss() throws {
        let renames = RedisMeanings.idleCommands.sorted() + ["DEBUG"]
        let result = imported("save \"\"\n" + renames.map { "rename-command \($0) \"\"\n" }.joined())
        #expect(result.losses.isEmpty && result.pointlessLines == renames.count)
        #expect(losses("rename-command DEBUG \"\"\nenable-debug-command yes\n").count == 1)
        let server = try TestServer()
        let client = try server.connect()
        for command in RedisMeanings.idleCommands {
            for arguments in ["", " no one"] {
                #expect(client.ask(command + arguments, until: "\r\n").hasPrefix("-ERR"), "\(command)\(arguments)")
            }
        }
    }

    @Test func includedFilesAreReadWhereTheyStand() throws {
        let result = imported(
            "port 1\ninclude a.conf\nport 3\ntimeout 3\n", files: ["a.conf": "port 2\nmaxclients 7\nmaxmemory x\n"])
        let configuration = try configuration(toml: result.toml)
        #expect(configuration.integer(.port) == 3)
        #expect(configuration.integer(.maxConnections) == 7)
        #expect(try #require(result.losses.first).place == "a.conf:3")
    }

    @Test func includedPatternIsReadInItsOrderAndMayMatchNothing() throws {
        var reader = files(["b": "port 2\n", "a": "port 1\n"])
        reader.matches = { $0 == "conf.d/*" ? ["a", "b"] : [] }
        let result = RedisConfigurationImport(
            of: "include conf.d/*\ninclude none/*.conf\n", path: "redis.conf", files: reader)
        #expect(try configuration(toml: result.toml).integer(.port) == 2)
        #expect(result.losses.isEmpty)
    }

    @Test func includeThatCannotBeReadCountsAsLostProtection() {
        #expect(
            losses("include gone.conf").first
                == "Security: redis.conf:1: include: cannot read \"gone.conf\": No such file or directory; what it says is lost")
        #expect(losses("include a", files: ["a": "include a\n"]).first?.contains("includes itself") == true)
    }

    @Test func redissOwnDefaultsAreKept() throws {
        let plain = try configuration(toml: imported("port 7000\n").toml)
        #expect(plain.list(.bind) == ["*", "-::*"])
        #expect(plain.flag(.protectedMode))
        let tls = imported("tls-port 7001\ntls-cert-file c\ntls-key-file k\ntls-ca-cert-file a\ntls-protocols \"TLSv1.3\"\n")
        #expect(tls.toml.contains("\ntls_auth_clients = \"yes\"\ntls_min_version = \"1.3\"\n"))
        #expect(tls.losses.isEmpty)
        let socket = try configuration(toml: imported("unixsocket /run/s\n").toml)
        #expect(socket.integer(.unixSocketMode) == 0)
    }

    @Test func whatKeepsTheDaemonFromStartingIsTold() {
        #expect(
            losses("tls-port 7001\ntls-key-file k\ntls-auth-clients no\n") == [
                "Security: tls_cert_path: TLS is on and needs the path of a file here; without it Redistill does not start"
            ])
    }

    @Test func secretThatNoTOMLFileCanHoldIsLostAndTheDoorStaysShut() throws {
        let result = imported("requirepass \"\\xff\\xfeabc\"\nprotected-mode no\ntimeout 5\n")
        #expect(try #require(result.losses.first).line.hasPrefix("redis.conf:1: requirepass: it holds bytes that no TOML file can"))
        let configuration = try configuration(toml: result.toml)
        #expect(configuration.secret(.password).isEmpty && configuration.flag(.protectedMode))
    }

    @Test func commentsHoldNoSecretAndEndWithTheirLine() throws {
        let result = imported(
            "user default on >hush +@read\nuser ali\"ce\non >hush2\nuser \"bob\\n[x]\" on >hush3\nrename-command \"A\\nB\" \"\"\n")
        #expect(result.toml.split(separator: "\n").filter { $0.contains("hush") } == ["password = \"hush\""])
        _ = try configuration(toml: result.toml)
    }

    @Test(arguments: [
        ("[server]\nport = 1\n", true), ("# c\n\n  port=1\n", true), ("max_memory = \"1gb\"\n", true),
        ("port 1\n", false), ("# [x]\nbind *\n", false), ("requirepass a=b\n", false), ("", false),
    ])
    func aTOMLFileIsRecognized(text: String, isTOML: Bool) {
        #expect(RedisConfigurationImport.isTOML(text) == isTOML)
    }
}
