import Foundation
import Testing

@testable import Redistill

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
