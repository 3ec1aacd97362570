import Testing

/// One meaning of a limit without a policy, whoever sets it.
@Suite struct PolicyTests {
    @Test func limitSetByCommandEvictsAsOneOfTheFileDoesAndSaysSo() throws {
        let file = try ScratchDirectory.file("[server]\nworkers = 1\n")
        let daemon = try Daemon(["--config", file])
        let client = try daemon.connect()
        #expect(try client.ask("CONFIG", "SET", "maxmemory", "64mb") == "+OK\r\n")
        let policy = "*2\r\n" + bulk("maxmemory-policy") + bulk("allkeys-lru")
        #expect(try client.ask("CONFIG", "GET", "maxmemory-policy") == policy)
        #expect(try client.ask("CONFIG", "REWRITE") == "+OK\r\n")
        let again = try Daemon(["--config", file])
        #expect(try again.connect().ask("CONFIG", "GET", "maxmemory-policy") == policy)
        #expect(again.startLine.contains("memory limit 64mb (allkeys-lru, as no eviction_policy is named)"))
        #expect(daemon.stop() == .exited(0))
        let line = try #require(daemon.process.errors().split(separator: "\n").first { $0.contains("eviction_policy changed") })
        for part in ["from=noeviction", "to=allkeys-lru", "default with a memory limit"] { #expect(line.contains(part), "\(line)") }
    }
}
