import CHotProbe
import CRedistillHot
import Testing

/// What a connection keeps of cut requests: whatever the cuts, each leaves it as it came, whole.
@Suite struct InputTests {
    final class Input {
        let store = Store()
        let handle: OpaquePointer
        init() { handle = probe_input_new(store.handle) }
        deinit { probe_input_free(handle) }

        /// The stream in pieces of at most so many bytes; false when what must hold does not.
        func receive(_ stream: [UInt8], most: Int, _ random: inout SeededRandom) -> Bool {
            var rest = stream[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(1 + random.below(most)))
                guard withSlice(piece, { probe_input_receive(handle, $0.bytes, $0.length) }) else { return false }
                rest = rest.dropFirst(piece.count)
            }
            return true
        }

        /// Did just these requests leave it?
        func hasLeft(_ requests: [[[UInt8]]]) -> Bool {
            bytes(of: probe_input_left(handle)) == requests.flatMap { multibulk($0) }
        }

        var isGone: Bool { probe_input_is_gone(handle) }
    }

    /// On both sides of what is received into a blob, and of what is small enough to be scanned again.
    static let lengths = [0, 1, 3, 100, 4096, 5000, 32767, 32768, 32769, 70_000]

    static func requests(_ random: inout SeededRandom, count: Int) -> [[[UInt8]]] {
        (0..<count).map { _ in
            (0..<1 + random.below(random.below(6) == 0 ? 40 : 5)).map { number in
                random.bytes(number > 5 ? random.below(20) : lengths[random.below(lengths.count)])
            }
        }
    }

    @Test(arguments: 0..<60)
    func requestsLeaveWholeHoweverTheyAreCut(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let input = Input(), requests = Self.requests(&random, count: 8)
        if seed & 1 != 0 { probe_input_take_turns(input.handle) }
        if seed & 2 != 0 { probe_input_pause(input.handle) }
        if seed & 4 != 0 { probe_input_lack_room(input.handle) }
        let most = [300, 3000, 20_000, 100_000][random.below(4)]
        let went = input.receive(requests.flatMap { multibulk($0) }, most: most, &random), same = input.hasLeft(requests)
        #expect(went && same)
        #expect(input.isGone)
        #expect(input.store.isSound)
    }

    /// No piece has such an argument whole: then nothing would be left to refuse.
    @Test(arguments: 0..<60)
    func refusedArgumentIsSkippedAndTheRestStaysInStep(seed: UInt64) {
        var random = SeededRandom(seed: 100 + seed)
        let input = Input(), requests = Self.requests(&random, count: 8), isLate = seed & 2 != 0
        if seed & 1 != 0 { probe_input_take_turns(input.handle) }
        probe_input_refuse_from(input.handle, 32768, isLate)
        let most = [300, 3000, 16_000][random.below(3)]
        let went = input.receive(requests.flatMap { multibulk($0) }, most: most, &random)
        let same = input.hasLeft(requests.map { $0.map { $0.count < 32768 ? $0 : [] } })
        let refused = requests.filter { $0.contains { $0.count >= 32768 } }.count
        #expect(went && same)
        #expect(probe_input_refused(input.handle) == refused)
        #expect(probe_input_blobs(input.handle) == 0)
        #expect(input.isGone)
        #expect(input.store.isSound)
    }

    @Test(arguments: [(32767, 0), (32768, 1)])
    func argumentsFromTheBoundOnLieInBlobs(length: Int, blobs: Int) {
        var random = SeededRandom(seed: 1)
        let input = Input(), requests = [[bytes("SET"), bytes("k"), random.bytes(length)]]
        let went = input.receive(requests.flatMap { multibulk($0) }, most: 1000, &random), same = input.hasLeft(requests)
        #expect(went && same)
        #expect(probe_input_blobs(input.handle) == blobs)
    }

    @Test func spoiltEndOfALargeArgumentIsRefused() {
        var random = SeededRandom(seed: 2)
        let input = Input()
        var stream = multibulk([bytes("SET"), bytes("k"), random.bytes(50_000)])
        stream[stream.count - 1] = 7
        let went = input.receive(stream, most: 1000, &random), nothing = input.hasLeft([])
        #expect(!went && nothing)
    }
}
