import Glibc
import Testing

@Suite struct ExpiryCommandTests {
    @Test(arguments: [
        Exchange("TTL k", ":-2\r\n"), Exchange("PTTL k", ":-2\r\n"),
        Exchange("TTL k", ":-1\r\n", after: "SET k v"), Exchange("PTTL k", ":-1\r\n", after: "SET k v"),
        Exchange("EXPIRE k 100", ":0\r\n"), Exchange("PEXPIRE k 100", ":0\r\n"),
        Exchange("EXPIRE k 100", ":1\r\n", after: "SET k v"),
        Exchange("TTL k", ":100\r\n", after: "SET k v", "EXPIRE k 100"),
        Exchange("TTL k", ":100\r\n", after: "SET k v", "PEXPIRE k 100000"),
        Exchange("EXPIRE k 0", ":1\r\n", after: "SET k v"),
        Exchange("EXISTS k", ":0\r\n", after: "SET k v", "EXPIRE k 0"),
        Exchange("EXPIRE k -1", ":1\r\n", after: "SET k v"),
        Exchange("DBSIZE", ":0\r\n", after: "SET k v", "EXPIRE k -1"),
        Exchange("PERSIST k", ":0\r\n"), Exchange("PERSIST k", ":0\r\n", after: "SET k v"),
        Exchange("PERSIST k", ":1\r\n", after: "SET k v EX 100"),
        Exchange("TTL k", ":-1\r\n", after: "SET k v EX 100", "PERSIST k"),
        Exchange("GET k", bulk("v"), after: "SET k v EX 100", "PERSIST k"),
        Exchange("GET k", bulk("v"), after: "SET k v", "EXPIRE k 100"),
        Exchange.arity("TTL"), .arity("TTL a b"), .arity("PTTL"), .arity("EXPIRE k"), .arity("PEXPIRE k"),
        Exchange.arity("PERSIST"), .arity("PERSIST a b"),
        Exchange.notAnInteger("EXPIRE k x"), .notAnInteger("EXPIRE k 1.5"), .notAnInteger("PEXPIRE k \"\""),
        Exchange("EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n", after: "SET k v"),
        Exchange("EXPIRE k -9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n", after: "SET k v"),
        Exchange("PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n", after: "SET k v"),
    ])
    func expiry(_ exchange: Exchange) throws { try exchange.check() }

    @Test(arguments: [
        Exchange("EXPIRE k 100 NX", ":1\r\n", after: "SET k v"),
        Exchange("EXPIRE k 100 NX", ":0\r\n", after: "SET k v EX 50"),
        Exchange("EXPIRE k 100 XX", ":0\r\n", after: "SET k v"),
        Exchange("EXPIRE k 100 xx", ":1\r\n", after: "SET k v EX 50"),
        Exchange("EXPIRE k 100 GT", ":0\r\n", after: "SET k v"),
        Exchange("EXPIRE k 100 GT", ":1\r\n", after: "SET k v EX 50"),
        Exchange("EXPIRE k 100 GT", ":0\r\n", after: "SET k v EX 500"),
        Exchange("EXPIRE k 100 LT", ":1\r\n", after: "SET k v"),
        Exchange("EXPIRE k 100 LT", ":0\r\n", after: "SET k v EX 50"),
        Exchange("EXPIRE k 100 LT", ":1\r\n", after: "SET k v EX 500"),
        Exchange("EXPIRE k 100 XX GT", ":1\r\n", after: "SET k v EX 50"),
        Exchange("EXPIRE k 100 XX LT", ":0\r\n", after: "SET k v"),
        Exchange("EXPIRE k 100 XX XX", ":1\r\n", after: "SET k v EX 50"),
        Exchange("TTL k", ":50\r\n", after: "SET k v EX 50", "EXPIRE k 100 NX"),
        Exchange("EXPIRE k 1 NX XX", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"),
        Exchange("EXPIRE k 1 NX GT", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"),
        Exchange("EXPIRE k 1 LT NX", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"),
        Exchange("EXPIRE k 1 GT LT", "-ERR GT and LT options at the same time are not compatible\r\n"),
        Exchange("EXPIRE k 1 AB", "-ERR Unsupported option AB\r\n"),
    ])
    func conditions(_ exchange: Exchange) throws { try exchange.check() }

    @Test func timeToLiveIsRoundedToTheNearestSecond() throws {
        try SharedDaemon.use { client in
            try #expect(client.ask("SET", "k", "v", "PX", "100400") == "+OK\r\n")
            try #expect(client.ask("TTL", "k") == ":100\r\n")
            try #expect(client.ask("SET", "k", "v", "PX", "99900") == "+OK\r\n")
            try #expect(client.ask("TTL", "k") == ":100\r\n")
        }
    }

    @Test func aKeyIsGoneWhenItsTimeIsUp() throws {
        try SharedDaemon.use { client in
            let keys = (0..<1000).map { "k\($0)" }
            let start = Clock.seconds
            for key in keys { try client.send(request(["SET", key, "v", "PX", "200"])) }
            for _ in keys { try #expect(client.readReply() == "+OK\r\n") }
            while try client.ask("EXISTS", "k999") == ":1\r\n" {}
            #expect(Clock.seconds - start >= 0.199)
            try #expect(client.ask(["MGET"] + keys) == "*1000\r\n" + String(repeating: "$-1\r\n", count: 1000))
        }
    }

    /// Nobody asks for the keys; the background sweep alone has to find them.
    @Test func expiredKeysLeaveMemoryUntouched() throws {
        let daemon = try Daemon(["--num-shards", "4", "--workers", "1"])
        let client = try daemon.connect()
        for number in 0..<2000 { try client.send(request(["SET", "k\(number)", "v", "PX", "1"])) }
        for _ in 0..<2000 { _ = try client.readReply() }
        let deadline = Clock.seconds + ChildProcess.patience
        while try client.ask("DBSIZE") != ":0\r\n" {
            guard Clock.seconds < deadline else { throw TestFailure("expired keys stay") }
            usleep(10_000)
        }
        try #expect(client.ask("INFO", "stats").contains("expired_keys:2000\r\n"))
    }
}
