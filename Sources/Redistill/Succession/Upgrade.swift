internal import Glibc

/// `redistilld upgrade`: asks the daemon of a configuration to become the program that is installed now.
public enum Upgrade {
    /// The program is tried for ten seconds at most, and clients have `shutdown_timeout` to read.
    private static let patience: Int64 = 30_000_000

    /// Asks, and waits until the next program serves.
    ///
    /// - Returns: 0; 1 when there is no such daemon, or it goes on as it was; 78 for a wrong configuration.
    public static func run(_ sources: ConfigurationSources) -> ConfigurationReport.Outcome {
        do throws(ConfigurationError) {
            let configuration = try ConfigurationLoader.load(sources).configuration
            _ = signal(SIGPIPE, SIG_IGN)
            do throws(ServerProblem) {
                return ConfigurationReport.Outcome(output: try upgrade(configuration), errors: "", exitCode: 0)
            } catch {
                return ConfigurationReport.Outcome(output: "", errors: "redistilld upgrade: \(error)\n", exitCode: error.exitCode)
            }
        } catch {
            let failure = StartError.configuration(error)
            return ConfigurationReport.Outcome(output: "", errors: failure.lines, exitCode: failure.exitCode)
        }
    }

    private static func upgrade(_ configuration: Configuration) throws(ServerProblem) -> String {
        let target = try ServerTarget(
            TopArguments(), environment: ProcessEnvironment.variables(), configuration: configuration)
        let before: Identity
        do throws(ServerProblem) {
            before = try ask(target)
        } catch {
            throw ServerProblem("\(target.place): \(error.description)")
        }
        guard waits(before.process) else {
            throw ServerProblem(
                "process \(before.process) of this machine waits for no SIGUSR2: the daemon is elsewhere, in a container for "
                    + "example; nothing was sent")
        }
        guard kill(before.process, SIGUSR2) == 0 else {
            throw ServerProblem("process \(before.process) can't be sent SIGUSR2: \(String(cString: strerror(errno)))")
        }
        let end = Clock.monotonicMicroseconds() + patience + configuration.integer(.shutdownTimeout) * 1000
        while Clock.monotonicMicroseconds() < end {
            usleep(50_000)
            // Between two programs nobody may answer.
            guard let now = try? ask(target), now.run != before.run else { continue }
            return "upgraded: process \(now.process), Redistill \(now.version), \(now.keys) keys\n"
        }
        throw ServerProblem("process \(before.process) serves on as it was; its log says why")
    }

    /// Whoever does not would end of the signal. A thread that is waiting for it does not block it meanwhile, the others do.
    private static func waits(_ process: pid_t) -> Bool {
        FileSystem.real.matches("/proc/\(process)/task/*/status").contains { path in
            let text = (try? FileSystem.real.read(path)) ?? ""
            let line = text.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
            let blocked = line.flatMap { UInt64($0.dropFirst(7).filter { !$0.isWhitespace }, radix: 16) } ?? 0
            return blocked >> UInt64(SIGUSR2 - 1) & 1 == 1
        }
    }

    private struct Identity {
        let process: pid_t
        let run: String
        let version: String
        let keys: Int64
    }

    private static func ask(_ target: ServerTarget) throws(ServerProblem) -> Identity {
        let connection = try ServerConnection(target, name: "redistilld-upgrade", wait: ServerConnection.idleWait)
        let replies = try connection.ask([["INFO", "server"], ["DBSIZE"]])
        let info = ServerInfo(replies[0].text?.text ?? "")
        guard let process = info.text("process_id").flatMap(pid_t.init), process > 0, let version = info.text("redistill_version")
        else {
            throw ServerProblem(replies[0].problem ?? "that is no Redistill")
        }
        return Identity(
            process: process, run: info.text("run_id") ?? "", version: version, keys: replies[1].number ?? 0)
    }
}
