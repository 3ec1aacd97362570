import CHotProbe
import CRedistillHot
import Testing

/// Stretches of addresses: any size is had again, and what is resident is what is used or known to be warm.
@Suite struct SpanTests {
    final class Spans {
        let handle: OpaquePointer
        init(reserve: UInt64, limit: UInt64 = 0) { handle = probe_spans_new(reserve, limit) }
        deinit { probe_spans_free(handle) }

        func take(_ bytes: UInt64, most: UInt64? = nil) -> UnsafeMutableRawPointer? {
            probe_span_take(handle, bytes, most ?? bytes)
        }

        func write(_ span: UnsafeMutableRawPointer, _ bytes: UInt64) { span.initializeMemory(as: UInt8.self, repeating: 7, count: Int(bytes)) }
        func give(_ span: UnsafeMutableRawPointer, _ bytes: UInt64) { probe_span_give(handle, span, bytes) }
        var warm: UInt64 { probe_spans_warm(handle) }
        var resident: UInt64 { probe_spans_resident(handle) }
        var isSound: Bool { probe_spans_check(handle) }
    }

    static let reserve: UInt64 = 256 << 20

    /// All addresses as one size, given back, then all as another: none is lost.
    @Test(arguments: [(40_000, 1 << 20), (1 << 20, 40_000), (200 << 20, 65_536), (64 << 10, 200 << 20)] as [(UInt64, UInt64)])
    func addressesOfOneSizeServeAnother(first: UInt64, second: UInt64) {
        let spans = Spans(reserve: Self.reserve)
        var counts: [Int] = []
        for size in [first, second, first] {
            var taken: [UnsafeMutableRawPointer] = []
            while let span = spans.take(1, most: size) {
                spans.write(span, 1)
                taken.append(span)
            }
            counts.append(taken.count)
            #expect(spans.isSound)
            for (number, span) in taken.enumerated() where number % 2 == 0 { spans.give(span, 1) }
            for (number, span) in taken.enumerated() where number % 2 == 1 { spans.give(span, 1) }
            #expect(spans.isSound)
        }
        #expect(counts[0] == counts[2])
        #expect(counts.min()! >= 1 && UInt64(counts[0]) >= Self.reserve / (2 * max(first, 64 << 10)))
        while probe_spans_cool(spans.handle, 1 << 20) {}
        #expect(spans.resident == 0)
    }

    @Test func whatIsGivenBackStaysWarmUpToAnEighthAndIsTakenAgain() throws {
        let spans = Spans(reserve: Self.reserve, limit: 64 << 20), size: UInt64 = 1 << 20
        let taken = try (0..<20).map { _ in try #require(spans.take(size)) }
        for span in taken { spans.write(span, size) }
        for span in taken { spans.give(span, size) }
        #expect(spans.warm == 8 << 20)
        #expect(spans.resident == spans.warm)
        let again = try #require(spans.take(size))
        #expect(spans.warm == 7 << 20)
        #expect(spans.resident == 8 << 20)
        spans.give(again, size)
        #expect(probe_spans_cool(spans.handle, 3 << 20))
        #expect(spans.warm == 5 << 20 && spans.resident == 5 << 20)
        #expect(spans.isSound)
    }

    /// The newest size is what comes next: older ones of another go for it.
    @Test func warmPagesOfAnotherSizeGoForThoseGivenBack() throws {
        let spans = Spans(reserve: Self.reserve, limit: 64 << 20)
        let small = try (0..<200).map { _ in try #require(spans.take(50_000)) }
        for span in small { spans.write(span, 50_000) }
        for span in small { spans.give(span, 50_000) }
        let large = try #require(spans.take(6 << 20))
        spans.write(large, 6 << 20)
        spans.give(large, 6 << 20)
        #expect(spans.warm <= 8 << 20 && spans.warm >= 7 << 20)
        _ = try #require(spans.take(6 << 20))
        #expect(spans.warm <= 2 << 20)
        #expect(spans.isSound)
    }

    /// A stretch that was warm and is received into: what is not claimed yet may go, what is claimed never does.
    @Test func pagesThatAreNotClaimedGoWhileTheirStretchIsInUse() throws {
        let spans = Spans(reserve: Self.reserve), size: UInt64 = 1 << 20
        let first = try #require(spans.take(size))
        spans.write(first, size)
        spans.give(first, size)
        let span = try #require(spans.take(0, most: size))
        #expect(spans.warm == size)
        probe_span_claim(spans.handle, span, 300_000)
        spans.write(span, 300_000)
        #expect(spans.warm == size - 303_104)
        #expect(probe_spans_cool(spans.handle, 1))
        #expect(spans.warm == 0 && spans.resident == 303_104)
        #expect(span.loadUnaligned(fromByteOffset: 299_999, as: UInt8.self) == 7)
        #expect(!probe_spans_cool(spans.handle, 1))
        probe_span_claim(spans.handle, span, size)
        spans.write(span, size)
        #expect(spans.isSound)
        spans.give(span, size)
        #expect(spans.warm == size && spans.resident == size)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func whatIsResidentIsUsedOrWarmWhateverHappens(seed: UInt64) throws {
        struct Held { let span: UnsafeMutableRawPointer, most: UInt64; var bytes: UInt64; let mark: UInt8 }
        let spans = Spans(reserve: 64 << 20, limit: 32 << 20)
        var random = SeededRandom(seed: seed), held: [Held] = []
        func pages(_ bytes: UInt64) -> UInt64 { (bytes + 4095) / 4096 * 4096 }
        for round in 0..<4000 {
            switch random.below(10) {
            case 0...3:
                let most = UInt64(1 + random.below(1 << (8 + random.below(14)))), bytes = UInt64(random.below(Int(most) + 1))
                guard let span = spans.take(bytes, most: most) else { continue }
                let mark = UInt8(truncatingIfNeeded: round)
                span.initializeMemory(as: UInt8.self, repeating: mark, count: Int(bytes))
                held.append(Held(span: span, most: most, bytes: bytes, mark: mark))
            case 4, 5:
                guard !held.isEmpty else { continue }
                let index = random.below(held.count), grown = held[index].bytes + UInt64(random.below(Int(held[index].most - held[index].bytes) + 1))
                probe_span_claim(spans.handle, held[index].span, grown)
                held[index].span.initializeMemory(as: UInt8.self, repeating: held[index].mark, count: Int(grown))
                held[index].bytes = grown
            case 6: _ = probe_spans_cool(spans.handle, UInt64(random.below(1 << 20)))
            default:
                guard !held.isEmpty else { continue }
                let gone = held.remove(at: random.below(held.count))
                for at in stride(from: 0, to: Int(gone.bytes), by: 997) where gone.span.load(fromByteOffset: at, as: UInt8.self) != gone.mark {
                    Issue.record("a byte changed")
                }
                spans.give(gone.span, gone.bytes)
            }
            if round % 100 == 0 {
                #expect(spans.isSound)
                #expect(spans.resident == spans.warm + held.reduce(0) { $0 + pages($1.bytes) })
                #expect(spans.warm <= 4 << 20)
            }
        }
        for one in held { spans.give(one.span, one.bytes) }
        while probe_spans_cool(spans.handle, 1 << 20) {}
        #expect(spans.isSound)
        #expect(spans.resident == 0)
    }
}

/// What clients have announced and not sent.
@Suite struct AnnouncedArgumentTests {
    /// Ten times the addresses are announced, and held open: others' large values come and go meanwhile, and after.
    @Test func announcedArgumentsLeaveAddressesToOthers() throws {
        let store = Store(shards: 1, reserve: 64 << 20) // and 256 MiB for spans
        let announced = try (0..<1000).map { _ in try #require(probe_argument_new(store.handle, 536_870_910)) }
        func othersFit() {
            let value = [UInt8](repeating: 1, count: 40_000), large = [UInt8](repeating: 2, count: 3 << 20)
            for number in 0..<1000 { #expect(store.put(bytes("key:\(number)"), .init(value: value), asBlob: true) == RD_OK) }
            for number in 0..<5 { #expect(store.put(bytes("large:\(number)"), .init(value: large), asBlob: true) == RD_OK) }
            #expect(store.clear() == 1005)
            while store.relieve() {}
            #expect(store.isSound)
        }
        othersFit()
        for argument in announced { probe_argument_free(argument) }
        othersFit()
        let again = try #require(probe_argument_new(store.handle, 50 << 20))
        #expect(probe_argument_receive(again, 50 << 20, 3))
        probe_argument_free(again)
        #expect(store.isSound)
    }

    @Test func argumentWithoutPromisedAddressesMovesAsItGrows() throws {
        let store = Store(shards: 1, reserve: 64 << 20)
        let holder = try #require(probe_argument_new(store.handle, 60 << 20))
        let argument = try #require(probe_argument_new(store.handle, 20 << 20))
        var came = 0
        for byte in 1...20 as ClosedRange<CChar> {
            #expect(probe_argument_receive(argument, 1 << 20, byte))
            came += 1 << 20
            #expect(store.used <= UInt64(came) + 8192)
        }
        let value = probe_argument_value(argument)
        #expect(value.length == 20 << 20)
        for byte in 0..<20 { #expect(value.bytes[byte << 20] == CChar(byte + 1) && value.bytes[(byte + 1) << 20 - 1] == CChar(byte + 1)) }
        probe_argument_free(argument)
        probe_argument_free(holder)
        #expect(store.statistics().memory_values == 0)
        #expect(store.isSound)
    }

    @Test func onlyWhatHasComeCounts() throws {
        let store = Store(shards: 1), before = store.used
        let argument = try #require(probe_argument_new(store.handle, 5 << 20))
        #expect(store.used == before)
        #expect(probe_argument_receive(argument, 5000, 1))
        #expect(store.used == before + 8192)
        probe_argument_free(argument)
        #expect(store.used <= before + 8192) // warm, at most
    }

    @Test func warmPagesThatNobodyWantsGoBack() {
        let store = Store(shards: 1), before = store.used
        #expect(store.put(bytes("large"), .init(value: Array(repeating: 1, count: 3 << 20)), asBlob: true) == RD_OK)
        #expect(store.remove(bytes("large")))
        #expect(store.used >= before + 3 << 20)
        for _ in 0..<30 { _ = store.relieve() } // measurements
        #expect(store.used < before + 1 << 20)
        #expect(store.isSound)
    }

    /// A value that is being sent when its key goes is memory that its readers hold, until the last has it.
    @Test(arguments: [2000, 50_000])
    func valueWithoutAKeyIsCountedUntilItsLastReaderIsDone(length: Int) throws {
        let store = Store(shards: 1), value = [UInt8](repeating: 1, count: length)
        func hold(_ key: String) throws -> UnsafeMutableRawPointer {
            try #require(withSlice(bytes(key)) { probe_store_hold_value(store.handle, $0, 0) })
        }
        #expect(store.put(bytes("a"), .init(value: value)) == RD_OK)
        let first = try hold("a"), second = try hold("a")
        #expect(store.copy(bytes("a"), to: bytes("b")) == RD_OK)
        #expect(store.remove(bytes("a")))
        #expect(probe_store_orphans(store.handle) == 0) // the copy's key has it
        #expect(store.append(bytes("b"), [1]) == RD_OK)
        #expect(probe_store_orphans(store.handle) >= UInt64(length))
        probe_release_value(first)
        #expect(probe_store_orphans(store.handle) >= UInt64(length))
        probe_release_value(second)
        #expect(probe_store_orphans(store.handle) == 0)
        #expect(store.put(bytes("b"), .init(value: value)) == RD_OK)
        store.compact()
        #expect(store.remove(bytes("b")))
        #expect(probe_store_orphans(store.handle) == 0)
        #expect(store.isSound)
    }
}
