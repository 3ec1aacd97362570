import Testing

@testable import Redistill

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
        ("1.5gb", "1536mb"), ("1,5 GB", "1536mb"), ("1 GB", "1gb"), ("0.5k", "500"), ("2 gigabytes", "2gb"), ("lots", nil),
        ("-1", nil), ("", nil), ("10%", nil), ("1y", nil), ("1.2.3mb", nil), ("9e99tb", nil),
    ])
    func sizeThatWasMeantIsGuessed(text: String, meant: String?) {
        #expect(ByteSize.meant(by: text) == meant)
    }

    @Test(arguments: [
        (Int64(1024), "1kb"), (1 << 20, "1mb"), (3 << 30, "3gb"), (1 << 40, "1tb"), (1536, nil), (0, nil),
    ])
    func exactSizesHaveAShortSpelling(bytes: Int64, text: String?) {
        #expect(ByteSize.exact(bytes) == (bytes == 1536 ? nil : text))
    }
}
