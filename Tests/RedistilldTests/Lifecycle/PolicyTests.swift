import Glibc
import Testing

/// One meaning of a limit without a policy, whoever sets it.
@Suite struct PolicyTests {
    @Test func limitSetByCommandEvictsAsOneOfTheFileDoes() throws {
        let file = try ScratchDirectory.file("[server]\nworkers = 1\n")
        let daemon = try Daemon(["--config", file])
        let client = try daemon.connect()
        let policy = "*2\r\n" + bulk("maxmemory-policy") + bulk("allkeys-s3fifo")
        for limit in ["0", "64mb"] {
            #expect(try client.ask("CONFIG", "SET", "maxmemory", limit) == "+OK\r\n")
            #expect(try client.ask("CONFIG", "GET", "maxmemory-policy") == policy)
        }
        #expect(try client.ask("CONFIG", "REWRITE") == "+OK\r\n")
        let again = try Daemon(["--config", file])
        #expect(try again.connect().ask("CONFIG", "GET", "maxmemory-policy") == policy)
        #expect(again.startLine.contains("memory limit 64mb (allkeys-s3fifo)"))
        #expect(daemon.stop() == .exited(0))
        #expect(!daemon.process.errors().contains("eviction_policy changed"))
    }

    /// What a command says of the limit, "none" too, is still true after it was written down and read again.
    @Test(arguments: ["0", "64mb"])
    func limitThatIsRewrittenIsKeptByAReload(limit: String) throws {
        let file = try ScratchDirectory.file("[server]\nworkers = 1\n")
        let daemon = try Daemon(["--config", file])
        let client = try daemon.connect()
        let unasked = try client.ask("CONFIG", "GET", "maxmemory")
        #expect(try client.ask("CONFIG", "SET", "maxmemory", limit) == "+OK\r\n")
        let asked = try client.ask("CONFIG", "GET", "maxmemory")
        #expect(asked != unasked)
        #expect(try client.ask("CONFIG", "REWRITE") == "+OK\r\n")
        daemon.process.signal(SIGHUP)
        while !daemon.process.errors().contains("configuration reloaded") { usleep(1000) }
        #expect(try client.ask("CONFIG", "GET", "maxmemory") == asked)
    }
}
