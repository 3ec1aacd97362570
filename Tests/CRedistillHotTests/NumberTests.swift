import CHotProbe
import Testing

@Suite struct NumberTests {
    @Test(arguments: [
        "0", "1", "9", "10", "99", "100", "-1", "-9", "-10", "12345678901234567", "9223372036854775807",
        "-9223372036854775808", "-9223372036854775807", "1000000000000000000",
    ])
    func wholeNumberThatPrintsBackToItselfIsRead(number: String) throws {
        let value = try #require(Int64(number))
        #expect(parseSigned(bytes(number)) == value)
        #expect(text(format(value)) == number)
    }

    @Test(arguments: [
        "", "-", "+1", " 1", "1 ", "01", "-0", "-01", "00", "1.0", "1e3", "0x1", "a", "1a", "9223372036854775808",
        "-9223372036854775809", "18446744073709551616", "99999999999999999999", "-99999999999999999999",
        "100000000000000000000000", "1\0", "\0001", "--1",
    ])
    func anythingElseIsRefused(number: String) {
        #expect(parseSigned(bytes(number)) == nil)
    }

    @Test func unsignedNumbersReachTheirLimitAndNotBeyond() {
        #expect(parseUnsigned(bytes("18446744073709551615")) == .max)
        #expect(parseUnsigned(bytes("18446744073709551616")) == nil)
        #expect(parseUnsigned(bytes("18446744073709551620")) == nil)
        #expect(parseUnsigned(bytes("-1")) == nil)
        #expect(parseUnsigned(bytes("")) == nil)
        #expect(parseUnsigned(bytes("0")) == 0)
    }

    @Test func everyMagnitudeGoesThereAndBack() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let value = Int64(bitPattern: random.next()) >> Int64(random.below(64))
            #expect(text(format(value)) == String(value))
            #expect(parseSigned(format(value)) == value)
        }
    }

    @Test func randomTextIsReadAsSwiftReadsItOrRefused() {
        var random = SeededRandom(seed: 2)
        let letters = Array("0123456789-+ ".utf8)
        for _ in 0..<20_000 {
            let candidate = (0..<random.below(22)).map { _ in letters[random.below(random.below(4) == 0 ? 13 : 10)] }
            let expected = Int64(text(candidate)).flatMap { String($0) == text(candidate) ? $0 : nil }
            #expect(parseSigned(candidate) == expected)
        }
    }

    private func parseSigned(_ number: [UInt8]) -> Int64? {
        var value: Int64 = 0
        return withSlice(number) { probe_parse_i64($0, &value) } ? value : nil
    }

    private func parseUnsigned(_ number: [UInt8]) -> UInt64? {
        var value: UInt64 = 0
        return withSlice(number) { probe_parse_u64($0, &value) } ? value : nil
    }

    private func format(_ value: Int64) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 20)
        let length = probe_format_i64(value, &buffer)
        return buffer[..<length].map { UInt8(bitPattern: $0) }
    }
}
