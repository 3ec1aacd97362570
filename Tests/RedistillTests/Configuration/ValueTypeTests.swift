import Redistill
import Testing

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
