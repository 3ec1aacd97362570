import Redistill
import Testing

@Suite struct RESPReaderTests {
    private let replies =
        "+OK\r\n-ERR no\r\n:-3\r\n$4\r\na\r\nb\r\n$-1\r\n*2\r\n$1\r\nx\r\n*1\r\n:1\r\n*0\r\n$0\r\n\r\n"
        + ">2\r\n$1\r\ni\r\n_\r\n%1\r\n+a\r\n,1.5\r\n~0\r\n"
    private let values: [RESPValue] = [
        .simple("OK"), .error("ERR no"), .integer(-3), .bulk("a\r\nb"), .null,
        .array([.bulk("x"), .array([.integer(1)])]), .array([]), .bulk(""),
        .push([.bulk("i"), .null]), .array([.simple("a"), .simple("1.5")]), .array([]),
    ]

    @Test(arguments: [1, 2, 3, 7, 1000])
    func repliesComeWholeHoweverTheyAreCut(size: Int) throws {
        var reader = RESPReader()
        var found: [RESPValue] = []
        let bytes = Array(replies.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.append(bytes[start..<min(start + size, bytes.count)])
            while let value = try reader.next() { found.append(value) }
        }
        #expect(found == values)
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", "\u{15}\u{3}\r\n", "\n", "$x\r\n", "$99999999999\r\n", "*-2\r\n"])
    func foreignProtocolIsRefused(answer: String) {
        var reader = RESPReader()
        reader.append(Array(answer.utf8))
        #expect(throws: ServerProblem.self) { try reader.next() }
    }

    @Test func nestingWithoutAnEndIsRefused() {
        var reader = RESPReader()
        reader.append(Array(String(repeating: "*1\r\n", count: 100).utf8))
        #expect(throws: ServerProblem.self) { try reader.next() }
    }

    @Test func endlessLineIsRefused() {
        var reader = RESPReader()
        reader.append([UInt8](repeating: UInt8(ascii: "+"), count: 70_000))
        #expect(throws: ServerProblem.self) { try reader.next() }
    }
}
