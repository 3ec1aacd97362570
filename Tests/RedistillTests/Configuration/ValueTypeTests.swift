import Redistill
import Testing

@Suite struct ByteSizeTests {
    @Test(arguments: [
        ("0", 0), ("1", 1), ("12b", 12), ("1k", 1000), ("1kb", 1024), ("1KB", 1024), ("2m", 2_000_000),
        ("2mb", 2 << 20), ("512MiB", 512 << 20), ("1g", 1_000_000_000), ("3gb", 3 << 30), ("1tb", 1 << 40),
        ("9223372036854775807", Int64.max),
    ])
    func sizesAreReadAsRedisReadsThem(text: String, bytes: Int64) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(arguments: ["", "mb", "-1", "+1", "1.5gb", "1 gb", "1x", "9223372036854775808", "9007199254740992tb", "١"])
    func otherTextsAreNoSizes(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test(arguments: [
        (Int64(1024), "1kb"), (1 << 20, "1mb"), (3 << 30, "3gb"), (1 << 40, "1tb"), (1536, nil), (0, nil),
    ])
    func exactSizesHaveAShortSpelling(bytes: Int64, text: String?) {
        #expect(ByteSize.exact(bytes) == (bytes == 1536 ? nil : text))
    }
}

@Suite struct TimeTextTests {
    @Test(arguments: [
        ("10", 10_000), ("0", 0), ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000),
        ("2d", 172_800_000), ("0.5", 500), ("1.5s", 1500),
    ])
    func plainNumbersAreSecondsAndUnitsAreUnderstood(text: String, milliseconds: Int64) {
        #expect(TimeText.parse(text) == milliseconds)
    }

    @Test(arguments: ["", "s", "-1", "1x", ".5", "1e5", "nan", "1,5", "1.2.3"])
    func otherTextsAreNoTimes(text: String) {
        #expect(TimeText.parse(text) == nil)
    }
}

@Suite struct ValueTypeTests {
    private func read(_ type: ValueType, _ raw: RawValue) -> ConfigurationValue? {
        try? type.read(raw, on: machine).value
    }

    @Test(arguments: [
        (RawValue.text("yes"), true), (.text("TRUE"), true), (.text("1"), true), (.text("on"), true),
        (.flag(true), true),
        (.text("no"), false), (.text("off"), false), (.flag(false), false),
    ])
    func flagsAreReadInAllTheirSpellings(raw: RawValue, flag: Bool) {
        #expect(read(.flag, raw) == .flag(flag))
    }

    @Test func numbersOutsideTheirRangeAreRefused() {
        #expect(read(.integer(1...10), .integer(0)) == nil)
        #expect(read(.integer(1...10), .integer(10)) == .integer(10))
        #expect(read(.integer(1...10), .text("7")) == .integer(7))
        #expect(read(.integer(1...10), .text("7x")) == nil)
        #expect(read(.integer(1...10), .fraction(7)) == nil)
        #expect(read(.bytes(10...20), .integer(-1)) == nil)
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 4), (255, 256), (256, 256), (257, 512), (65_535, 65_536)])
    func powersOfTwoAreRoundedUp(number: Int64, rounded: Int64) throws {
        let reading = try ValueType.powerOfTwo(1...65_536).read(.integer(number), on: machine)
        #expect(reading.value == .integer(rounded))
        #expect((reading.note == nil) == (number == rounded))
    }

    @Test func zeroIsAPowerOfTwoOnlyWhereTheRangeHasIt() {
        #expect(read(.powerOfTwo(0...64), .integer(0)) == .integer(0))
        #expect(read(.powerOfTwo(1...64), .integer(0)) == nil)
        #expect(read(.powerOfTwo(0...64), .integer(-1)) == nil)
        #expect(ValueType.powerOfTwo(0...64).allowed == "0 or a power of two from 1 to 64")
    }

    @Test func fractionsOfSecondsAreKept() {
        #expect(read(.duration(0...TimeText.day), .fraction(0.25)) == .integer(250))
        #expect(read(.duration(0...TimeText.day), .integer(-1)) == nil)
        #expect(read(.duration(0...TimeText.day), .integer(.max)) == nil)
        #expect(read(.duration(0...TimeText.day), .fraction(.infinity)) == nil)
    }

    @Test func modesAreOctalDigits() {
        #expect(read(.mode, .text("770")) == .integer(0o770))
        #expect(read(.mode, .integer(700)) == .integer(0o700))
        #expect(read(.mode, .text("0o600")) == .integer(0o600))
        #expect(read(.mode, .text("888")) == nil)
        #expect(read(.mode, .text("7777")) == nil)
    }

    @Test func listsComeAsTextOrList() {
        #expect(read(.list, .text("a b,c")) == .list(["a", "b", "c"]))
        #expect(read(.list, .list([.text("a"), .text("::1")])) == .list(["a", "::1"]))
        #expect(read(.list, .list([.integer(1)])) == nil)
        #expect(read(.list, .text(" ")) == nil)
    }

    @Test func sharesOfMemoryNeedAKnownMachine() {
        #expect(read(.memoryLimit, .text("50%")) == .integer((8 << 30) / 100 * 50))
        #expect(read(.memoryLimit, .text("0%")) == nil)
        #expect(read(.memoryLimit, .text("101%")) == nil)
        let nowhere = MachineMemory(total: nil, groupLimit: nil)
        #expect(throws: ValueProblem.self) { try ValueType.memoryLimit.read(.text("50%"), on: nowhere) }
    }

    @Test(arguments: [
        (ValueType.duration(0...TimeText.day), ConfigurationValue.integer(1500), "\"1500ms\""),
        (.duration(0...TimeText.day), .integer(2000), "2"),
        (.bytes(0...Int64.max), .integer(512 << 20), "\"512mb\""),
        (.bytes(0...Int64.max), .integer(1000), "1000"),
        (.list, .list(["a"]), "\"a\""),
        (.list, .list(["a", "b"]), "[\"a\", \"b\"]"),
        (.text, .text("a\"b\\c\n\u{1}"), "\"a\\\"b\\\\c\\n\\u0001\""),
        (.mode, .integer(0o770), "\"770\""),
        (.secret, .secret(Secret("x")), "\"\""),
    ])
    func valuesAreWrittenAsTOML(type: ValueType, value: ConfigurationValue, toml: String) {
        #expect(type.toml(value) == toml)
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("prot", "port", 1), ("same", "same", 0)])
    func distanceCountsEdits(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
    }

    @Test func farNamesAreNotSuggested() {
        #expect(Suggestion.nearest(to: "prot", among: ["port", "bind"]) == "port")
        #expect(Suggestion.nearest(to: "zebra", among: ["port", "bind"]) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
