/// `redistilld migrate`: fills a server from another that is in use.
public enum Migrate {
    /// Goes on until all is copied and the cut-over has come.
    ///
    /// - Returns: 0 when all is as it is at the source, 2 when something is not, 1 when it could not go on; 64 and 78 as
    ///   ever.
    public static func run(_ arguments: MigrateArguments) -> ConfigurationReport.Outcome {
        do throws(ServerProblem) {
            let source = try source(arguments), target = try target(arguments)
            CutOver.listen()
            let report = try Migration(arguments, from: source, to: target).run()
            return ConfigurationReport.Outcome(
                output: report.text, errors: "", exitCode: report.isWhole ? 0 : MigrationReport.exitCodeOfDifference)
        } catch {
            if error == .left {
                return ConfigurationReport.Outcome(
                    output: "", errors: "redistilld migrate: ended before all was copied\n", exitCode: 1)
            }
            return ConfigurationReport.Outcome(output: "", errors: lines(error), exitCode: error.exitCode)
        }
    }

    private static func source(_ arguments: MigrateArguments) throws(ServerProblem) -> ServerTarget {
        var source = try ServerTarget(url: arguments.source, tls: arguments.tlsArguments.options)
        if source.password == nil { source.password = password("REDISCLI_AUTH") }
        return source
    }

    private static func target(_ arguments: MigrateArguments) throws(ServerProblem) -> ServerTarget {
        var target: ServerTarget
        if let url = arguments.target {
            target = try ServerTarget(url: url, tls: arguments.tlsArguments.options)
        } else {
            var words = TopArguments()
            words.config = arguments.config
            target = try ServerTarget(words, environment: [:], configuration: try Top.configuration(arguments.config))
            target.database = try source(arguments).database
        }
        if target.password == nil { target.password = password("REDIS_PASSWORD") ?? password("REDISTILL_PASSWORD") }
        return target
    }

    private static func password(_ variable: String) -> Secret? {
        guard let text = ProcessEnvironment.variables()[variable], !text.bytes.isEmpty else { return nil }
        return Secret(bytes: SecretText.alone(in: text).bytes)
    }

    private static func lines(_ problem: ServerProblem) -> String {
        // A configuration's problems are lines already.
        problem.description.hasSuffix("\n") ? problem.description : "redistilld migrate: \(problem)\n"
    }
}
