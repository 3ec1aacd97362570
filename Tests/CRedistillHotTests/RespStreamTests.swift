import Testing

/// Streams of requests that arrive in any pieces, whole or spoilt.
@Suite struct RespStreamTests {
    /// Requests of both kinds, with lengths on both sides of what the scanner treats apart.
    static func stream(_ random: inout SeededRandom, requests: Int) -> [UInt8] {
        let lengths = [0, 1, 2, 9, 10, 11, 99, 100, 101, 255, 999, 1000]
        var stream: [UInt8] = []
        for _ in 0..<requests {
            switch random.below(8) {
            case 0: stream += bytes("PING\r\n")
            case 1: stream += bytes("set 'a b' \"c\\x41\\n\" d\n")
            case 2: stream += bytes(["*0\r\n", "*-1\r\n", "\r\n", "\n"][random.below(4)])
            default:
                let count = 1 + random.below(random.below(10) == 0 ? 40 : 5)
                stream += multibulk((0..<count).map { _ in random.bytes(lengths[random.below(lengths.count)]) })
            }
        }
        return stream
    }

    @Test func splitAtEveryByteGivesTheSameRequests() {
        var random = SeededRandom(seed: 1)
        let scanner = Scanner(), stream = Self.stream(&random, requests: 12)
        let whole = scanner.scanAll(stream)
        #expect(whole.count == 12)
        for cut in 0...stream.count {
            #expect(scanner.scanAll(stream, arrivingIn: [cut, stream.count - cut]) == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: 0..<40)
    func anyPiecesGiveTheSameRequests(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let scanner = Scanner(), stream = Self.stream(&random, requests: 20)
        let whole = scanner.scanAll(stream)
        #expect(whole.count == 20)
        #expect(scanner.scanAll(stream, arrivingIn: ones(stream.count)) == whole)
        let pieces = (0..<stream.count).map { _ in 1 + random.below(97) }
        #expect(scanner.scanAll(stream, arrivingIn: pieces) == whole)
    }

    @Test func everyPrefixOfARequestNeedsMoreAndWritesNothing() {
        let scanner = Scanner()
        for request in [multibulk("SET", "key", "a value"), bytes("set key \"a \\n value\"\r\n")] {
            for length in 0..<request.count { #expect(scanner.scan(request[..<length]) == .more) }
            #expect(scanner.scan(request) != .more)
        }
    }

    /// Spoilt streams: no read past the end (the page behind is unmapped), no argument outside, no end without an
    /// answer, and the same answer whatever the pieces.
    @Test(arguments: 0..<200)
    func spoiltStreamIsAnsweredTheSameHoweverItArrives(seed: UInt64) {
        var random = SeededRandom(seed: 1000 + seed)
        let scanner = Scanner()
        var stream = Self.stream(&random, requests: 6)
        let telling: [UInt8] = Array("*$-+0123456789\r\n\"'\\x \0".utf8)
        for _ in 0...random.below(6) {
            let place = random.below(stream.count)
            switch random.below(4) {
            case 0: stream[place] = telling[random.below(telling.count)]
            case 1: stream.remove(at: place)
            case 2: stream.insert(telling[random.below(telling.count)], at: place)
            default: stream[place] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        let whole = scanner.scanAll(stream)
        let complete = whole.filter { if case .more = $0 { false } else { true } }
        #expect(!whole.isEmpty)
        #expect(scanner.scanAll(stream, arrivingIn: ones(stream.count)).prefix(complete.count) == complete[...])
        let pieces = (0..<stream.count).map { _ in 1 + random.below(31) }
        #expect(scanner.scanAll(stream, arrivingIn: pieces).prefix(complete.count) == complete[...])
    }

    @Test func noiseNeverReadsPastTheEnd() {
        var random = SeededRandom(seed: 7)
        let scanner = Scanner()
        var answered = 0
        for _ in 0..<20_000 {
            var noise = (0..<1 + random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if random.below(2) == 0 { noise = bytes("*\(random.below(4))\r\n$\(random.below(30))\r\n") + noise }
            if scanner.scan(noise) != .more { answered += 1 }
        }
        #expect(answered > 1000)
    }
}
