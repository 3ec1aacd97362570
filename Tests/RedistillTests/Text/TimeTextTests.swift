import Redistill
import Testing

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
