import Foundation
import Logging
import Testing

@testable import Redistill

@Suite struct LogBackendTests {
    @Test func levelCanChangeWhileLoggersLive() throws {
        let path = NSTemporaryDirectory() + "redistill-log-\(UUID().uuidString)"
        defer { unlink(path) }
        let backend = LogBackend()
        try backend.sink.open(path)
        let logger = backend.logger()
        backend.use(level: "warning")
        logger.info("hidden")
        backend.use(level: "debug")
        logger.debug("shown", metadata: ["b": "2", "a": "1"])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasSuffix(" DEBUG    shown a=1 b=2\n") && !text.contains("hidden"))
    }

    @Test func numbersOfMetadataReachJSONAsNumbers() throws {
        let path = NSTemporaryDirectory() + "redistill-log-\(UUID().uuidString)"
        defer { unlink(path) }
        let backend = LogBackend()
        backend.sink.use(.json)
        try backend.sink.open(path)
        backend.logger().warning("m", metadata: ["number": .stringConvertible(UInt64.max), "text": "7"])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasSuffix(",\"number\":18446744073709551615,\"text\":\"7\"}\n"))
    }
}
