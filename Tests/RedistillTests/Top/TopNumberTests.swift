import Redistill
import Testing

@Suite struct TopNumberTests {
    @Test(arguments: [
        (nil, "-"), (0, "0"), (0.25, "0.25"), (12.34, "12.3"), (123, "123"), (99.96, "100"), (123_456.7, "123,457"),
        (999_999.4, "999,999"), (1_234_567, "1.23M"), (999_999_999, "1.00G"), (3e15, "3.00P"),
    ] as [(Double?, String)])
    func counts(value: Double?, text: String) { #expect(TopNumber.count(value) == text) }

    @Test(arguments: [
        (0, "0B"), (999, "999B"), (1000, "0.98K"), (1536, "1.50K"), (536_870_912, "512M"), (1_073_741_824, "1.00G"),
    ] as [(Double?, String)])
    func sizes(value: Double?, text: String) { #expect(TopNumber.bytes(value) == text) }

    @Test(arguments: [
        (0.8, "0.80us"), (12, "12.0us"), (999.6, "1.00ms"), (1500, "1.50ms"), (2_000_000, "2.00s"), (600e6, "600s"),
    ] as [(Double?, String)])
    func times(value: Double?, text: String) { #expect(TopNumber.time(value) == text) }

    @Test(arguments: [
        (0, "0s"), (59, "59s"), (725, "12m05s"), (12_000, "3h20m"), (371_000, "4d07h"),
    ] as [(Int64, String)])
    func durations(value: Int64, text: String) { #expect(TopNumber.duration(value) == text) }

    @Test(arguments: [(0, "0.0%"), (0.982, "98.2%"), (1, "100%"), (1.5, "150%")] as [(Double?, String)])
    func shares(value: Double?, text: String) { #expect(TopNumber.percent(value) == text) }
}
