internal import Glibc

/// Tries the program that is to take over, before anything is given up for it: it checks the configuration, as
/// `--check-config` does, in a process of its own.
struct Rehearsal: ~Copyable {
    enum Outcome: Equatable {
        case running, passed
        case failed(reason: String)
    }

    private let process: pid_t
    private let end: Int64
    private var isOver = false
    private let output: Int32
    /// What it wrote to standard error, as far as it is of interest.
    private var said: [UInt8]

    /// Of what it says.
    private static let most = 1024

    /// Loading libraries from a slow disk may take a while.
    private static let patience: Int64 = 10_000_000

    /// Begins.
    init(_ executable: String) throws(FileProblem) {
        var pipes: [Int32] = [-1, -1]
        guard pipe(&pipes) == 0 else { throw FileProblem(String(cString: strerror(errno))) }
        // Of the two only the copy that becomes standard error goes along.
        for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(pipes[0], F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 2)
        var arguments = ([executable] + CommandLine.arguments.dropFirst() + ["--check-config"]).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let status = posix_spawn(&process, executable, &actions, nil, &arguments, environ)
        close(pipes[1])
        guard status == 0 else {
            close(pipes[0])
            throw FileProblem(String(cString: strerror(status)))
        }
        self.process = process
        output = pipes[0]
        said = []
        end = Clock.monotonicMicroseconds() + Self.patience
    }

    deinit {
        if !isOver {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(output)
    }

    /// Looks; does not wait. Once it is over, not again.
    mutating func look() -> Outcome {
        var status: Int32 = 0
        hear()
        guard waitpid(process, &status, WNOHANG) == process else {
            return Clock.monotonicMicroseconds() < end ? .running : .failed(reason: "it does not end")
        }
        isOver = true
        hear()
        if status == 0 { return .passed }
        let signal = status & 0x7f
        if signal != 0 { return .failed(reason: "it ended by signal \(signal)") }
        return .failed(reason: written() ?? "its exit code is \(status >> 8 & 0xff)")
    }

    /// It does not have to wait for a reader, however much it says.
    private mutating func hear() {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(output, &buffer, buffer.count)
        if count > 0 { said += buffer[..<min(count, Self.most - said.count)] }
    }

    /// The first line that it wrote to standard error.
    private func written() -> String? {
        said.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    }
}
