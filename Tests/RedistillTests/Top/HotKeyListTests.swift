import Redistill
import Testing

@Suite struct HotKeyListTests {
    private static let map: RESPValue = .array([
        .bulk("tracking-active"), .integer(1), .bulk("sample-ratio"), .integer(1), .bulk("selected-slots"), .array([]),
        .bulk("all-commands-all-slots-us"), .integer(220), .bulk("net-bytes-all-commands-all-slots"), .integer(200),
        .bulk("collection-duration-ms"), .integer(6408),
        .bulk("by-cpu-time-us"), .array([.bulk("x"), .integer(104), .bulk("y"), .integer(98)]),
        .bulk("by-net-bytes"), .array([.bulk("y"), .integer(50), .bulk("z"), .integer(20)]),
    ])

    @Test(arguments: [map, .array([map])])
    func keysOfBothListsAreOne(reply: RESPValue) {
        guard case .sample(let sample) = HotKeyList(reply) else { return #expect(Bool(false)) }
        #expect(sample.isActive && sample.milliseconds == 6408 && sample.totalMicroseconds == 220)
        #expect(sample.keys.map(\.name) == ["x", "y", "z"])
        #expect(sample.keys.map(\.microseconds) == [104, 98, nil])
        #expect(sample.keys.map(\.bytes) == [nil, 50, 20])
    }

    @Test(arguments: [
        (RESPValue.null, HotKeyList.nothing), (.array([]), .nothing),
        (.error("ERR unknown command 'HOTKEYS'"), .unknown),
    ])
    func nothingSampledIsNotNoCommand(reply: RESPValue, list: HotKeyList) {
        #expect(HotKeyList(reply) == list)
    }
}
