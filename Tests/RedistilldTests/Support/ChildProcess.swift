import Glibc

/// A process that ends with its owner, or with the tests.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum End: Equatable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It was still there after ``ChildProcess/patience`` and was killed.
        case hung
    }

    /// Nothing that is waited for takes longer, even with sanitizers on a busy machine.
    static let patience = 60.0

    let pid: pid_t
    private let output: Int32
    private let errorsPath: String
    private let end = Locked<End?>(nil)
    /// Nobody else may be born between a pipe's birth and its close-on-exec.
    private static let spawning = Locked(())

    /// Starts a program in an empty directory of its own, with the given environment and nothing else.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let directory = try ScratchDirectory.make()
        errorsPath = directory + "/stderr"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errorsPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The runner may block signals in its threads; the daemon must start with none blocked.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let absolute = program.hasPrefix("/") ? program : Self.workingDirectory + "/" + program
        // A redistill.toml of whoever runs the tests must not be read, so it starts in a directory of its own.
        var arguments = (["env", "-C", directory, absolute] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let spawned = try Self.spawning.withLock { _ in
            var pid: pid_t = 0, ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw TestFailure("pipe: errno \(errno)") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            let status = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, &arguments, &variables)
            close(ends[1])
            guard status == 0 else {
                close(ends[0])
                throw TestFailure("cannot start \(absolute): errno \(status)")
            }
            return (pid: pid, output: ends[0])
        }
        self.pid = spawned.pid
        output = spawned.output
        Survivors.add(pid)
    }

    deinit {
        if end.withLock({ $0 }) == nil {
            kill(pid, SIGKILL)
            _ = wait()
        }
        close(output)
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end; the first answer is kept.
    func wait() -> End {
        end.withLock { end in
            if let end { return end }
            var status: Int32 = 0
            let deadline = Clock.seconds + Self.patience
            while waitpid(pid, &status, WNOHANG) == 0 {
                if Clock.seconds > deadline {
                    kill(pid, SIGKILL)
                    waitpid(pid, &status, 0)
                    Survivors.remove(pid)
                    end = .hung
                    return .hung
                }
                usleep(500)
            }
            Survivors.remove(pid)
            let signal = status & 0x7f
            let result = signal == 0 ? End.exited(status >> 8 & 0xff) : .killed(signal: signal)
            end = result
            return result
        }
    }

    /// The next line of standard output, without its line feed; nil when it ends before.
    func readOutputLine() -> String? {
        var bytes: [UInt8] = []
        let deadline = Clock.seconds + Self.patience
        while Clock.seconds < deadline {
            var event = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, 100) > 0 else { continue }
            var byte: UInt8 = 0
            guard read(output, &byte, 1) == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    /// The rest of standard output, to its end.
    func readOutput() -> String {
        var text = ""
        while let line = readOutputLine() { text += line + "\n" }
        return text
    }

    /// Standard error so far.
    func errors() -> String { (try? ScratchDirectory.read(errorsPath)) ?? "" }

    private static let workingDirectory: String = {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }()
}

/// Runs a program to its end.
func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws
    -> (end: ChildProcess.End, output: String, errors: String)
{
    let process = try ChildProcess(program, arguments, environment: environment)
    let output = process.readOutput()
    return (process.wait(), output, process.errors())
}

/// Processes that are to be killed when the tests exit before their owners are gone.
private enum Survivors {
    private static let pids = Locked<Set<pid_t>>([])
    private static let atExit: Void = {
        atexit { Survivors.pids.withLock { for pid in $0 { kill(pid, SIGKILL) } } }
    }()

    static func add(_ pid: pid_t) {
        atExit
        _ = pids.withLock { $0.insert(pid) }
    }

    static func remove(_ pid: pid_t) { _ = pids.withLock { $0.remove(pid) } }
}

enum Clock {
    /// Monotonic time.
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
