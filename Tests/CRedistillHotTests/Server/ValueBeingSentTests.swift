import CHotProbe
import CRedistillHot
import Testing

/// A value of which a slow reader has taken the beginning, and that is then changed: what comes is what it was.
@Suite struct ValueBeingSentTests {
    /// What happens to "key", and what GET then answers: nil for no such key, otherwise the value from what it was.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: [UInt8]
        let value: @Sendable ([UInt8]) -> [UInt8]?

        init(_ request: String, _ value: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
            (testDescription, self.request, self.value) = (request, bytes(request + "\r\n"), value)
        }

        static func written(_ old: [UInt8], at offset: Int) -> [UInt8] {
            var new = old
            new.replaceSubrange(offset..<offset + 7, with: bytes("changed"))
            return new
        }

        static let main = [
            Change("SET key changed") { _ in bytes("changed") },
            Change("DEL key") { _ in nil },
            Change("APPEND key changed") { $0 + bytes("changed") },
            Change("FLUSHALL") { _ in nil },
        ]

        static let all = main + [
            Change("UNLINK key") { _ in nil }, Change("GETDEL key") { _ in nil }, Change("FLUSHALL ASYNC") { _ in nil },
            Change("SETRANGE key 900000 changed") { written($0, at: 900_000) },
            Change("SETBIT key 7999999 1") { $0.enumerated().map { $0 == 999_999 ? $1 | 1 : $1 } },
            Change("BITFIELD key SET u8 0 255") { [255] + $0.dropFirst() },
            Change("BITOP NOT key key") { $0.map { ~$0 } },
            Change("RENAME key other") { _ in nil }, Change("RENAME small key") { _ in bytes("small") },
            Change("COPY small key REPLACE") { _ in bytes("small") },
            Change("PEXPIREAT key 1") { _ in nil }, Change("SET key changed GET") { _ in bytes("changed") },
            Change("EXPIRE key 1000") { $0 }, Change("MSET key changed other 1") { _ in bytes("changed") },
        ]
    }

    /// A server whose reader has asked for the value and taken only the beginning.
    private struct Sending {
        let server: Server, writer: Client, reader: Client, value: [UInt8], start: [UInt8], wanted: Int

        init(_ length: Int, times: Int, workers: UInt32, limit: Int64 = 0) throws {
            server = try Server(.init(workers: workers, policy: "allkeys-lru", settings: [(RD_SET_MAX_MEMORY, limit)]))
            (writer, reader) = (try server.connect(), try server.connect(receiveBuffer: length > 10_000_000 ? 1 << 18 : 4096))
            var random = SeededRandom(seed: UInt64(length))
            value = random.bytes(length)
            writer.ask(multibulk([bytes("SET"), bytes("key"), value]) + bytes("SET small small\r\n"), bytes("+OK\r\n+OK\r\n"))
            wanted = bulk(value).count * times
            reader.send(bytes(String(repeating: "GET key\r\n", count: times)))
            start = reader.exchange([], wanted: 1000).reply
        }

        /// All that was asked for, of which a part cannot have been sent yet.
        var isUnderWay: Bool { server.statistics.bytes_out < UInt64(wanted) }

        func takesAllAsItWas() {
            let times = wanted / bulk(value).count, whole = bulk(value)
            let rest = reader.exchange([], wanted: wanted - start.count).reply, reply = start + rest
            #expect(reply.count == wanted)
            for number in 0..<times where reply.count == wanted {
                #expect(reply[number * whole.count..<(number + 1) * whole.count].elementsEqual(whole), "reply \(number)")
            }
        }

        func leavesNothing() {
            _ = writer.exchange(bytes("FLUSHALL\r\n"), wanted: 5)
            #expect(server.wait { $0.memory_values == 0 })
            #expect(server.isSound)
        }
    }

    private func change(_ change: Change, _ length: Int, times: Int, workers: UInt32) throws {
        let sending = try Sending(length, times: times, workers: workers)
        sending.writer.send(change.request)
        #expect(sending.writer.receiveReply()?.first != UInt8(ascii: "-"))
        #expect(sending.isUnderWay)
        sending.writer.ask(bytes("GET key\r\n"), change.value(sending.value).map(bulk) ?? bytes("$-1\r\n"))
        sending.takesAllAsItWas()
        sending.leavesNothing()
    }

    @Test(arguments: Change.all, PipelineTests.workers)
    func megabyteIsSentAsItWas(change: Change, workers: UInt32) throws {
        try self.change(change, 1_000_000, times: 8, workers: workers)
    }

    @Test(arguments: Change.main)
    func hundredMegabytesAreSentAsTheyWere(change: Change) throws {
        try self.change(change, 100_000_000, times: 1, workers: 1)
    }

    @Test(arguments: [(1_000_000, 8, Int64(16 << 20)), (100_000_000, 1, 256 << 20)], PipelineTests.workers)
    func evictedValueIsSentAsItWas(value: (length: Int, times: Int, limit: Int64), workers: UInt32) throws {
        let sending = try Sending(value.length, times: value.times, workers: workers, limit: value.limit)
        let other = [UInt8](repeating: 1, count: value.length / 2)
        var number = 0, isThere = true
        while isThere && number < 100 {
            sending.writer.ask(multibulk([bytes("SET"), bytes("other:\(number)"), other]), "+OK\r\n")
            isThere = sending.writer.exchange(bytes("EXISTS key\r\n"), wanted: 4).reply == bytes(":1\r\n")
            number += 1
        }
        #expect(sending.isUnderWay && !isThere && sending.server.statistics.evicted > 0)
        sending.takesAllAsItWas()
        sending.leavesNothing()
    }
}
