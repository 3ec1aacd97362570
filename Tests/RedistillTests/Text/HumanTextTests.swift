import Testing

@testable import Redistill

@Suite struct HumanTextTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (UInt64.max, "18,446,744,073,709,551,615")])
    func thousandsAreSetApart(number: UInt64, text: String) { #expect(HumanText.count(number) == text) }

    @Test(arguments: [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1_310_720, "1.25 MiB"), (3 << 40, "3.00 TiB")] as [(UInt64, String)])
    func bytesHaveAUnit(bytes: UInt64, text: String) { #expect(HumanText.bytes(bytes) == text) }

    @Test(arguments: [
        (0, "0 ns"), (999, "999 ns"), (1000, "1.0 \u{b5}s"), (1_234_567, "1.23 ms"), (1_500_000_000, "1.50 s"),
    ] as [(UInt64, String)])
    func shortTimesHaveAUnit(nanoseconds: UInt64, text: String) { #expect(HumanText.time(nanoseconds: nanoseconds) == text) }

    @Test(arguments: [
        (-1, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min 59 s"), (3601, "1 h"), (90_000, "1 d 1 h"),
    ] as [(Int64, String)])
    func longTimesHaveTwoUnits(seconds: Int64, text: String) { #expect(HumanText.duration(seconds: seconds) == text) }
}
