import Glibc
import Testing

/// A real `redistilld` process on a port that the system chose.
///
/// It is killed when the last reference goes, and at the exit of the test process at the latest.
final class Daemon: Sendable {
    let process: ChildProcess
    /// The first line of its standard output.
    let startLine: String
    let port: UInt16

    /// Starts the daemon and waits until it says that it is ready.
    ///
    /// - Parameter flags: Added to those that a test always needs; no configuration file and no environment is read
    ///   unless given here.
    init(_ flags: [String] = [], environment: [String: String] = [:], choosesPort: Bool = true) throws {
        process = try ChildProcess(
            Self.executable, (choosesPort ? ["--port", "0"] : []) + flags, environment: environment)
        guard let line = process.readOutputLine(), line.contains(" ready on ") else {
            throw TestFailure("the daemon did not start: \(process.errors())")
        }
        startLine = line
        // "Redistill 0.1.0 ready on 127.0.0.1:6379: 2 workers, ..."
        let address = line.split(separator: " ready on ")[1].prefix { $0 != "," && $0 != " " }
        port = address.split(separator: ":").compactMap { UInt16($0) }.last ?? 0
    }

    deinit {
        // A crash, or what a sanitizer has to say, must not go unnoticed because the test was over.
        let errors = process.errors()
        for sign in ["Sanitizer", "crashed", "Fatal error"] where errors.contains(sign) {
            Issue.record("the daemon said: \(errors.suffix(4000))")
            return
        }
    }

    /// A new connection.
    func connect() throws -> RawClient { try RawClient(port: port, of: self) }

    /// Asks for a graceful stop and waits for it.
    func stop(_ signal: Int32 = SIGTERM) -> ChildProcess.End {
        process.signal(signal)
        return process.wait()
    }

    /// The daemon under test: `REDISTILLD`, or the one that was built with these tests.
    static let executable: String = {
        if let path = getenv("REDISTILLD") { return String(cString: path) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer[..<max(count, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = own.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/redistilld"
        return access(beside, X_OK) == 0 ? beside : ".build/debug/redistilld"
    }()
}

/// One daemon for all tests of a table: each has it to itself, with an empty store and a new connection.
enum SharedDaemon {
    private static let daemon = Locked<Daemon?>(nil)

    static func use<Result>(_ body: (RawClient) throws -> Result) throws -> Result {
        try daemon.withLock { daemon in
            let running = try daemon ?? Daemon(["--workers", "2", "--max-memory", "1gb"])
            daemon = running
            let client = try running.connect()
            _ = try client.ask("FLUSHALL")
            return try body(client)
        }
    }
}

/// Why a test can't go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
