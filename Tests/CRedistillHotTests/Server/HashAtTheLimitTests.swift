import CHotProbe
import CRedistillHot
import Testing

/// What COMMAND does not call DENYOOM is not refused for want of memory to a hash either, and what is refused has changed nothing.
@Suite struct HashAtTheLimitTests {
    static let oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

    /// Of one of the values: in the entry, in a blob, and in the node of a large hash.
    static let lengths = [10, 60, 900, 5000, 100_000]

    @Test(arguments: AtTheLimitTests.policies, lengths)
    func commandThatDoesNotDenyIsNotRefused(policy: String, length: Int) throws {
        let server = try Server(.init(policy: policy)), client = try server.connect()
        for command in ["HDEL a f", "HGETDEL a FIELDS 1 f", "HGETEX a PERSIST FIELDS 1 f", "HGETEX a EX 1000 FIELDS 1 g",
                        "HPERSIST a FIELDS 1 f", "HDEL a f g long"] {
            let reply = try ask(server, client, command, length: length)
            #expect(!reply.hasPrefix("-OOM"), "\(command), value of \(length)")
        }
        #expect(server.isSound)
    }

    @Test(arguments: lengths) func commandThatIsRefusedChangesNothing(length: Int) throws {
        let server = try Server(.init(policy: "noeviction")), client = try server.connect()
        for command in ["HSET a f v n1 v n2 v", "HSETNX a n v", "HINCRBY a n 1", "HINCRBYFLOAT a n 1", "HEXPIRE a 1000 FIELDS 2 f g",
                        "HSETEX a EX 1000 FIELDS 1 f n"] {
            let reply = try ask(server, client, command, length: length)
            if reply.hasPrefix("-") {
                #expect(reply == Self.oom, "\(command), value of \(length)")
                client.ask(multibulk("HMGET", "a", "f", "g", "n"), "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n")
                client.ask(multibulk("HTTL", "a", "FIELDS", "2", "f", "g"), "*2\r\n:1000\r\n:-1\r\n")
            }
        }
        client.ask(multibulk([bytes("HSET"), bytes("a"), bytes("f"), [UInt8](repeating: 0x62, count: 200_000)]), Self.oom)
        #expect(server.isSound)
    }

    /// The reply of a command to a store that a hash and another key fill far beyond its limit.
    private func ask(_ server: Server, _ client: Client, _ command: String, length: Int) throws -> String {
        try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 0) == RD_OK)
        let value = [UInt8](repeating: 0x61, count: length)
        client.ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
        client.ask(multibulk([bytes("HSET"), bytes("a"), bytes("f"), bytes("1"), bytes("g"), bytes("2"), bytes("long"), value]), ":3\r\n")
        client.ask(multibulk("HEXPIRE", "a", "1000", "FIELDS", "1", "f"), "*1\r\n:1\r\n")
        client.ask(multibulk([bytes("SET"), bytes("c"), value]), "+OK\r\n")
        try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 1) == RD_OK)
        client.send(bytes(command + "\r\n"))
        return text(try #require(client.receiveReply()))
    }
}
