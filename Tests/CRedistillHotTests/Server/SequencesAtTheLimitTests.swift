import CHotProbe
import CRedistillHot
import Testing

/// What takes elements out of a list or a sorted set is not refused for want of memory.
@Suite struct SequencesAtTheLimitTests {
    static let taking: [(String, [String])] = [
        ("RPUSH a 1 2 long 3 4", ["LPOP a", "RPOP a 2", "LPOP a 9", "LREM a 0 3", "LREM a -1 1", "LTRIM a 1 3", "LMPOP 1 a LEFT COUNT 2"]),
        ("ZADD a 1 1 2 2 3 long 4 4", ["ZREM a 1 4", "ZPOPMIN a", "ZPOPMAX a 2", "ZPOPMIN a 9", "ZMPOP 1 a MAX", "ZREMRANGEBYRANK a 1 2",
                                       "ZREMRANGEBYSCORE a (1 3", "ZREMRANGEBYLEX a [1 (2"]),
    ]

    @Test(arguments: AtTheLimitTests.policies, HashAtTheLimitTests.lengths)
    func commandThatTakesOutIsNotRefused(policy: String, length: Int) throws {
        let server = try Server(.init(policy: policy)), client = try server.connect()
        for (filling, commands) in Self.taking {
            let words = filling.split(separator: " ").map { $0 == "long" ? [UInt8](repeating: 0x61, count: length) : Array($0.utf8) }
            for command in commands {
                try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 0) == RD_OK)
                client.ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
                client.send(multibulk(words))
                #expect(text(try #require(client.receiveReply())).hasPrefix(":"))
                try #require(rd_server_set(server.handle, RD_SET_MAX_MEMORY, 1) == RD_OK)
                client.send(bytes(command + "\r\n"))
                #expect(!text(try #require(client.receiveReply())).hasPrefix("-"), "\(command), an element of \(length)")
            }
        }
        #expect(server.isSound)
    }
}
