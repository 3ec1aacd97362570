import Testing

@testable import Redistill

@Suite struct RedisConfigurationImportTests {
    @Test func directivesBecomeKeysOfTheirSections() throws {
        let result = RedisConfigurationImport(
            of: """
                # a comment
                bind 127.0.0.1 -::1
                PORT 7000
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
                # Imported from a Redis configuration.

                [server]
                bind = "127.0.0.1"
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
        #expect(result.leftOut == ["2: bind: an address must exist here, so -::1 is left out"])
        #expect(try configuration(toml: result.toml).integer(.maxMemory) == 100 << 20)
    }

    @Test(arguments: [
        ("save 900 1", "1: save: Redistill keeps nothing on disk"),
        ("appendonly yes", "1: appendonly: Redistill keeps nothing on disk"),
        ("dir /var/lib", "1: dir: it has no effect here"),
        ("rename-command GET \"\"", "1: rename-command: Redistill has no such setting"),
        ("maxmemory lots", "1: maxmemory: takes \(ValueType.memoryLimit.allowed) here"),
        (
            "client-output-buffer-limit pubsub 1 1 1",
            "1: client-output-buffer-limit: there is only the class normal here"
        ),
        ("port \"7", "1: unbalanced quotes"),
    ])
    func whatIsLeftOutIsTold(line: String, reason: String) {
        let result = RedisConfigurationImport(of: line)
        #expect(result.leftOut == [reason])
        #expect(result.toml == "# Imported from a Redis configuration.\n")
    }

    @Test func redissOwnDefaultsOfTLSAreKept() {
        let result = RedisConfigurationImport(of: "tls-port 7001\ntls-protocols \"TLSv1.3\"\n")
        #expect(result.toml.contains("\ntls_auth_clients = \"yes\"\ntls_min_version = \"1.3\"\n"))
    }

    @Test(arguments: [
        ("a  b\tc", ["a", "b", "c"]), ("", []), ("\"a b\" 'c d'", ["a b", "c d"]), ("\"\"", [""]),
        ("\"\\x41\\n\\\\\\q\"", ["A\n\\q"]), ("'it\\'s \\n'", ["it's \\n"]), ("a\"b", ["a\"b"]),
    ])
    func wordsAreSplitAsRedisSplitsThem(line: String, words: [String]) {
        #expect(RedisWords.split(line[...])?.map(\.text) == words)
    }

    @Test func secretThatNoTOMLFileCanHoldIsLeftOutAndNamed() {
        let result = RedisConfigurationImport(of: "requirepass \"\\xff\\xfeabc\"\ntimeout 5\n")
        #expect(!result.toml.contains("password"))
        #expect(result.leftOut == ["1: requirepass: it holds bytes that no TOML file can; a secret may be in a file of its own"])
    }

    @Test(arguments: ["\"a", "'a", "\"a\"b", "\"a\\\""])
    func openQuotesAreAnError(line: String) {
        #expect(RedisWords.split(line[...]) == nil)
    }
}
