import CHotProbe
import CRedistillHot
import Testing

/// How many keys and values have which size, for INFO keysizes.
@Suite struct SizesTests {
    private func sizes(_ server: Server, ofDatabase number: UInt32 = 0) -> (keys: [Int: UInt64], values: [Int: UInt64]) {
        var sizes = rd_sizes()
        #expect(rd_server_sizes(server.handle, number, &sizes))
        func bins(_ tuple: some Any) -> [Int: UInt64] {
            withUnsafeBytes(of: tuple) { bytes in
                let pairs = bytes.bindMemory(to: UInt64.self).enumerated().filter { $0.element > 0 }
                return Dictionary(uniqueKeysWithValues: pairs.map { ($0.offset, $0.element) })
            }
        }
        return (bins(sizes.keys), bins(sizes.strings))
    }

    private func write(_ client: Client, _ count: Int, length: Int, prefix: String) {
        let value = [UInt8](repeating: 0x76, count: length)
        client.ask((0..<count).flatMap { multibulk([bytes("SET"), bytes("\(prefix)\(100_000 + $0)"), value]) },
                   String(repeating: "+OK\r\n", count: count))
    }

    @Test(arguments: [1, 2] as [UInt32])
    func ofAFewKeysTheyAreExact(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        #expect(sizes(server).keys.isEmpty)
        for (length, prefix) in [(0, "a"), (1, "b"), (15, "c"), (16, "d"), (1 << 20, "e")] { write(client, 3, length: length, prefix: prefix) }
        client.ask(bytes("SET gone value PX 1\r\nSELECT 3\r\nSET other 12345\r\n"), "+OK\r\n+OK\r\n+OK\r\n")
        client.ask(bytes("DBSIZE\r\n"), ":1\r\n")
        while sizes(server).keys != [3: 15] && sizes(server).keys == [3: 16] {}
        #expect(sizes(server).keys == [3: 15])
        #expect(sizes(server).values == [0: 3, 1: 3, 4: 3, 5: 3, 21: 3])
        #expect(sizes(server, ofDatabase: 3).values == [3: 1])
        var none = rd_sizes()
        #expect(!rd_server_sizes(server.handle, 16, &none))
    }

    /// Each twentieth value is large: an estimate is near.
    @Test func ofManyKeysTheyAreAnEstimate() throws {
        let server = try Server(workers: 2), client = try server.connect()
        write(client, 57_000, length: 10, prefix: "small")
        write(client, 3_000, length: 300, prefix: "large")
        let (keys, values) = sizes(server)
        #expect(keys.count == 1)
        let small = Int(values[4, default: 0]), large = Int(values[9, default: 0])
        #expect(abs(small - 57_000) < 1_200 && abs(large - 3_000) < 1_200, "\(values)")
        #expect(values.count == 2 && abs(small + large - 60_000) < 200)
    }
}
