import CHotProbe
import CRedistillHot
import Testing

@Suite struct DumpTests {
    /// As redis-server 7.0.15 dumps them.
    @Test(arguments: [
        ("a", 21, "00c30615016161e00a000a00fd0cb36807413f68"),
        ("a", 100, "00c3094064016161e057000161610a00e8a3b507b06df271"),
        ("abcdefgh", 11, "00c310405808616263646566676861e044070167680a00dd0861940dd9be07"),
    ])
    func compressibleStringIsDumpedAsRedisDoes(piece: String, times: Int, payload: String) throws {
        let server = try Server(workers: 1), client = try server.connect()
        client.ask(multibulk("SET", "k", String(repeating: piece, count: times)), "+OK\r\n")
        let dumped = dump("k", of: client), hex = dumped.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        #expect(hex.joined() == payload)
        #expect(server.isSound)
    }

    @Test func whateverWasDumpedIsRestored() throws {
        let server = try Server(workers: 2), client = try server.connect()
        var random = SeededRandom(seed: 3)
        for round in 0..<300 {
            let alphabet = UInt64([1, 2, 4, 256][round % 4])
            let length = round < 100 ? round : random.below(60_000)
            let value = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next() % alphabet) }
            client.ask(multibulk([bytes("SET"), bytes("k"), value]), "+OK\r\n")
            let payload = dump("k", of: client)
            client.ask(multibulk([bytes("RESTORE"), bytes("copy"), bytes("0"), payload, bytes("REPLACE")]), "+OK\r\n")
            client.ask(multibulk("GET", "copy"), bulk(value))
            #expect(alphabet == 256 || length < 100 || payload.count < length)
        }
        #expect(server.isSound)
    }

    /// Where the checksum is computed another way, and where nothing is packed any more.
    @Test(arguments: [32_000, 32_759, 32_768, 50_001, 262_143, 262_144, 1_000_003])
    func dumpOfALargeStringHasItsChecksum(length: Int) throws {
        let server = try Server(workers: 1), client = try server.connect()
        let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 / 7) }
        client.ask(multibulk([bytes("SET"), bytes("k"), value]), "+OK\r\n")
        let payload = dump("k", of: client), sum = crc(Array(payload.dropLast(8)))
        #expect(payload.suffix(8).elementsEqual((0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }))
        #expect((payload.count < length) == (length < 262_144))
        client.ask(multibulk([bytes("RESTORE"), bytes("copy"), bytes("0"), payload]), "+OK\r\n")
        client.ask(multibulk("GET", "copy"), bulk(value))
    }

    /// A checksum may be right where the stream in front of it is not: anybody can compute it.
    @Test(arguments: ["00c3061501 6161e00b000a00", "00c3061601 6161e00a000a00", "00c3021501610a00", "00c3011520 0a00",
                      "00c3031500 61e00a00", "00c3061501 6161e00a020a00"])
    func malformedCompressionIsRefused(hex: String) throws {
        let server = try Server(workers: 1), client = try server.connect()
        let digits = hex.filter { $0 != " " }.map { UInt8($0.hexDigitValue!) }
        var payload = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        let sum = crc(payload)
        payload += (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        client.ask(multibulk([bytes("RESTORE"), bytes("k"), bytes("0"), payload]), "-ERR Bad data format\r\n")
        client.ask(multibulk("EXISTS", "k"), ":0\r\n")
        #expect(server.isSound)
    }

    private func dump(_ key: String, of client: Client) -> [UInt8] {
        let header = client.exchange(multibulk("DUMP", key), wanted: 20, until: "\r\n")
        guard let length = Int(text(Array(header.dropFirst().dropLast(2)))) else { return header }
        return Array(client.exchange([], wanted: length + 2).reply.dropLast(2))
    }

    /// CRC-64 by Jones, a bit at a time.
    private func crc(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ UInt64(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x95AC_9329_AC4B_C9B5 }
        }
    }
}
