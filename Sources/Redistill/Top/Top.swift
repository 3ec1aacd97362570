internal import Glibc

/// `redistilld top`: a running server in a terminal.
public enum Top {
    /// Shows it until somebody leaves, or once where standard output is no terminal.
    ///
    /// - Returns: 0; 1 when the server can't be reached or refuses; 64 and 78 as ever.
    public static func run(_ arguments: TopArguments) -> ConfigurationReport.Outcome {
        do throws(ServerProblem) {
            let environment = ProcessEnvironment.variables()
            let target = try ServerTarget(
                arguments, environment: environment, configuration: try configuration(arguments.config))
            // Whoever reads may leave, and so may the server.
            _ = signal(SIGPIPE, SIG_IGN)
            let interval = Int64(arguments.interval * 1000)
            return ConfigurationReport.Outcome(
                output: try show(target, environment, interval: interval), errors: "", exitCode: 0)
        } catch {
            return ConfigurationReport.Outcome(output: "", errors: lines(error), exitCode: error.exitCode)
        }
    }

    /// - Returns: What is left to print.
    private static func show(
        _ target: ServerTarget, _ environment: [String: ByteText], interval: Int64
    ) throws(ServerProblem) -> String {
        do throws(ServerProblem) {
            guard let terminal = Terminal(environment: environment) else {
                return try TopPage.text(of: target, interval: interval)
            }
            try TopLoop(target, terminal, interval: interval).run()
            return ""
        } catch {
            if error == .left { return "" }
            throw ServerProblem("\(target.place): \(error.description)", exitCode: error.exitCode)
        }
    }

    static func configuration(_ path: String?) throws(ServerProblem) -> Configuration? {
        guard let path else { return nil }
        do throws(ConfigurationError) {
            let sources = ConfigurationSources.ofThisProcess(path: path, flags: [:], repeated: [])
            return try ConfigurationLoader.load(sources).configuration
        } catch {
            let failure = StartError.configuration(error)
            throw ServerProblem(failure.lines, exitCode: failure.exitCode)
        }
    }

    private static func lines(_ problem: ServerProblem) -> String {
        // A configuration's problems are lines already.
        problem.description.hasSuffix("\n") ? problem.description : "redistilld top: \(problem)\n"
    }
}
