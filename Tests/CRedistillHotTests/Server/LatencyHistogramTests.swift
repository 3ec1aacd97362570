import CHotProbe
import CRedistillHot
import Testing

@Suite struct LatencyHistogramTests {
    /// The number of commands that it announces is that of those it tells, though another worker forgets them meanwhile.
    @Test func histogramsAreWholeWhileStatisticsAreReset() throws {
        let server = try Server(workers: 2), forgetter = try server.connect(), asker = try server.connect()
        let questions = 400, resets = 4000
        var conversation: [UInt8] = []
        for _ in 0..<questions { conversation += multibulk("LATENCY", "HISTOGRAM") + multibulk("ECHO", "told") }
        for _ in 0..<resets / 100 {
            forgetter.send((0..<100).flatMap { _ in multibulk("CONFIG", "RESETSTAT") })
        }
        asker.send(conversation)
        for _ in 0..<questions {
            let histogram = try #require(asker.receiveReply())
            let token = try #require(asker.receiveReply())
            try #require(token == bulk(bytes("told")), "out of step after \(text(histogram.prefix(100)))")
        }
        forgetter.ask([], (0..<resets).map { _ in "+OK\r\n" }.joined())
    }
}
