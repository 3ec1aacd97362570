internal import Glibc
internal import Synchronization

/// Where log lines go: standard error or a file.
///
/// Writing never fails and never waits for a reader: a line that can't be written now is lost and counted, and the
/// count is logged as soon as lines get through again.
package final class LogSink: Sendable {
    private struct State {
        var descriptor: Int32 = STDERR_FILENO
        var path = ""
        var format = LogFormat.text
        var onOpen: (@Sendable (Int32) -> Void)?
        var lost: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    deinit {
        state.withLock { state in
            if state.descriptor != STDERR_FILENO { close(state.descriptor) }
        }
    }

    /// How lines look from now on.
    package func use(_ format: LogFormat) {
        state.withLock { $0.format = format }
    }

    /// Appends to a file from now on, or to standard error when the path is empty. The old one stays on failure.
    package func open(_ path: String) throws(FileProblem) {
        var descriptor = STDERR_FILENO
        if !path.isEmpty {
            descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o640)
            guard descriptor >= 0 else { throw FileProblem(SystemError.text(errno)) }
        }
        state.withLock { state in
            let old = state.descriptor
            defer { if old != STDERR_FILENO { close(old) } }
            state.descriptor = descriptor
            state.path = path
            state.onOpen?(descriptor)
        }
    }

    /// Tells of the descriptor in use, now and whenever it changes.
    func onOpen(_ body: @escaping @Sendable (Int32) -> Void) {
        state.withLock { state in
            state.onOpen = body
            body(state.descriptor)
        }
    }

    /// Opens the current file anew, after someone has renamed it.
    package func reopen() throws(FileProblem) {
        try open(state.withLock { $0.path })
    }

    /// Lines lost and not yet told of.
    package var lost: UInt64 { state.withLock { $0.lost } }

    func write(_ record: LogRecord) {
        state.withLock { state in
            if state.lost > 0 {
                let loss = LogRecord(
                    time: record.time, level: "warning", message: "log lines were lost",
                    fields: [LogRecord.Field("lines", number: state.lost)])
                guard Self.put(state.format.line(for: loss), to: state.descriptor) else {
                    state.lost += 1
                    return
                }
                state.lost = 0
            }
            if !Self.put(state.format.line(for: record), to: state.descriptor) { state.lost += 1 }
        }
    }

    /// A pipe that is ready takes this many bytes (PIPE_BUF) without waiting, and in one piece.
    private static let longestLine = 4096

    /// Standard error may be shared with others and so can't be made non-blocking; asking first does the same.
    private static func put(_ line: String, to descriptor: Int32) -> Bool {
        var bytes = Array(line.utf8)
        if bytes.count > longestLine { bytes = bytes.prefix(longestLine - 1) + [UInt8(ascii: "\n")] }
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&poller, 1, 0) == 1, poller.revents & Int16(POLLOUT) != 0 else { return false }
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + start, bytes.count - start) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }
}
