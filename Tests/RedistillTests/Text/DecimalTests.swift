import Redistill
import Testing

@Suite struct DecimalTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.0, 2, "1.00"), (0.005, 2, "0.01"), (12.3456, 2, "12.35"), (-1.5, 1, "-1.5"),
        (-0.001, 2, "0.00"), (99.999, 2, "100.00"), (3.7, 0, "4"), (0.05, 1, "0.1"), (.infinity, 2, "0"),
        (.nan, 2, "0"),
    ])
    func decimalsAreFixedAndRounded(value: Double, places: Int, text: String) {
        #expect(Decimal.text(value, places: places) == text)
    }

    @Test(arguments: [(0.0, "0"), (50.0, "50"), (99.9, "99.9"), (0.001, "0.001"), (12.3456789, "12.345679"), (-1.5, "-1.5")])
    func shortDecimalsEndWithoutZeros(value: Double, text: String) {
        #expect(Decimal.shortText(value, places: 6) == text)
    }

    @Test(arguments: [
        (UInt64(0), "0B"), (1023, "1023B"), (1024, "1.00K"), (941_032, "918.98K"), (6_815_744, "6.50M"),
        (25_276_514_304, "23.54G"), (1 << 40, "1.00T"),
    ])
    func humanBytesAreRediss(bytes: UInt64, text: String) {
        #expect(Decimal.humanBytes(bytes) == text)
    }
}
