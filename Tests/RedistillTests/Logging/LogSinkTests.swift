import Foundation
import Logging
import Testing

@testable import Redistill

@Suite struct LogFormatTests {
    private let record = LogRecord(
        time: "2026-11-23T22:41:00.123Z", level: "warning", message: "a \"thing\" happened",
        fields: [.init("client", "127.0.0.1:5"), .init("reason", "it was so"), .init("empty", "")])

    @Test func textIsOneReadableLine() {
        #expect(
            LogFormat.text.line(for: record)
                == "2026-11-23T22:41:00.123Z WARNING  a \"thing\" happened client=127.0.0.1:5 reason=\"it was so\" empty=\"\"\n"
        )
    }

    @Test func jsonIsOneObject() throws {
        let line = LogFormat.json.line(for: record)
        #expect(line.hasSuffix("}\n") && line.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(
            object == [
                "time": "2026-11-23T22:41:00.123Z", "level": "warning", "message": "a \"thing\" happened",
                "client": "127.0.0.1:5", "reason": "it was so", "empty": "",
            ])
    }

    @Test(arguments: [LogFormat.text, .json])
    func controlCharactersCannotFakeALine(format: LogFormat) {
        let hostile = "x\n2026-11-23T22:41:00.123Z ERROR    forged\r\u{1b}[31m\u{7f}"
        let line = format.line(
            for: LogRecord(time: "t", level: "info", message: hostile, fields: [.init("peer", hostile)]))
        #expect(line.unicodeScalars.filter { $0.value < 0x20 || $0.value == 0x7f }.count == 1)
    }

    @Test func reservedNamesAreMovedAside() {
        let line = LogFormat.json.line(
            for: LogRecord(time: "t", level: "info", message: "m", fields: [.init("level", "9")]))
        #expect(line == "{\"time\":\"t\",\"level\":\"info\",\"message\":\"m\",\"level_\":\"9\"}\n")
    }

    @Test(arguments: [
        (Int64(0), 0, "1970-01-01T00:00:00.000Z"), (951_782_400, 5, "2000-02-29T00:00:00.005Z"),
        (1_795_474_177, 123, "2026-11-23T22:49:37.123Z"), (4_107_542_399, 999, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"), (-1, 0, "1969-12-31T23:59:59.000Z"),
    ])
    func timesAreRFC3339(seconds: Int64, milliseconds: Int, text: String) {
        #expect(Timestamp.text(seconds: seconds, milliseconds: milliseconds) == text)
    }
}

@Suite struct LogSinkTests {
    private func temporaryPath() -> String {
        NSTemporaryDirectory() + "redistill-log-\(UUID().uuidString)"
    }

    private func record(_ message: String) -> LogRecord { LogRecord(time: "t", level: "info", message: message) }

    @Test func linesAreAppendedToAFile() throws {
        let path = temporaryPath()
        defer { unlink(path) }
        try "first\n".write(toFile: path, atomically: true, encoding: .utf8)
        let sink = LogSink()
        try sink.open(path)
        sink.write(record("second"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "first\nt INFO     second\n")
    }

    @Test func renamedFileIsLeftByReopening() throws {
        let path = temporaryPath()
        defer {
            unlink(path)
            unlink(path + ".1")
        }
        let sink = LogSink()
        try sink.open(path)
        sink.write(record("old"))
        rename(path, path + ".1")
        sink.write(record("still old"))
        try sink.reopen()
        sink.write(record("new"))
        #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "t INFO     old\nt INFO     still old\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "t INFO     new\n")
    }

    @Test func unusablePathIsAnErrorAndTheOldFileStays() throws {
        let path = temporaryPath()
        defer { unlink(path) }
        let sink = LogSink()
        try sink.open(path)
        #expect(throws: FileProblem("No such file or directory")) { try sink.open("/nonexistent/x") }
        sink.write(record("here"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "t INFO     here\n")
    }

    @Test func fullDiskLosesLinesAndCountsThem() throws {
        let sink = LogSink()
        try sink.open("/dev/full")
        sink.write(record("a"))
        sink.write(record("b"))
        #expect(sink.lost == 2)
        let path = temporaryPath()
        defer { unlink(path) }
        try sink.open(path)
        sink.write(record("c"))
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "t WARNING  log lines were lost lines=2\nt INFO     c\n")
        #expect(sink.lost == 0)
    }

    @Test func readerThatStopsReadingDoesNotStopTheWriter() throws {
        let path = temporaryPath()
        defer { unlink(path) }
        #expect(mkfifo(path, 0o600) == 0)
        let reader = Foundation.open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let sink = LogSink()
        try sink.open(path)
        for _ in 0..<5000 { sink.write(record(String(repeating: "x", count: 100))) }
        #expect(sink.lost > 0)
    }

    @Test func longLinesAreCutAtOnePipeBuffer() throws {
        let path = temporaryPath()
        defer { unlink(path) }
        let sink = LogSink()
        try sink.open(path)
        sink.write(record(String(repeating: "x", count: 10_000)))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.utf8.count == 4096 && text.hasSuffix("x\n"))
    }
}

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
}
