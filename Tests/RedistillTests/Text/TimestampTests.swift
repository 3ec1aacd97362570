import Redistill
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), 0, "1970-01-01T00:00:00.000Z"), (951_782_400, 5, "2000-02-29T00:00:00.005Z"),
        (1_795_474_177, 123, "2026-11-23T22:49:37.123Z"), (4_107_542_399, 999, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"), (-1, 0, "1969-12-31T23:59:59.000Z"),
    ])
    func timesAreRFC3339(seconds: Int64, milliseconds: Int, text: String) {
        #expect(Timestamp.text(seconds: seconds, milliseconds: milliseconds) == text)
    }
}
