/// Asks a running daemon how it is, for `redistilld --health-probe`.
public enum HealthProbe {
    /// What is asked.
    public enum Question: String, Sendable, CaseIterable {
        /// Does it answer?
        case live
        /// Should it be sent clients?
        case ready
    }

    /// Each step of it may take so long.
    private static let patience = 3

    /// - Returns: Exit code 0 for a yes, 1 for a no and a sentence that says why, 78 for a wrong configuration.
    public static func run(_ question: Question, of sources: ConfigurationSources) -> ConfigurationReport.Outcome {
        do throws(ConfigurationError) {
            let configuration = try ConfigurationLoader.load(sources).configuration
            guard let problem = problem(question, configuration) else {
                return ConfigurationReport.Outcome(output: "\(question.rawValue)\n", errors: "", exitCode: 0)
            }
            return ConfigurationReport.Outcome(
                output: "", errors: "redistilld: not \(question.rawValue): \(problem)\n", exitCode: 1)
        } catch {
            let failure = StartError.configuration(error)
            return ConfigurationReport.Outcome(output: "", errors: failure.lines, exitCode: failure.exitCode)
        }
    }

    /// Why not, or nil.
    private static func problem(_ question: Question, _ configuration: Configuration) -> String? {
        let port = configuration.integer(.healthCheckPort)
        if port > 0 {
            let place = ClientSocket.Place.tcp(address: reachable(configuration.httpAddress), port: UInt16(port))
            let request = "GET /health/\(question.rawValue) HTTP/1.0\r\n\r\n"
            return ask(place, request) { $0.hasPrefix("HTTP/1.1 200 ") || $0.hasPrefix("HTTP/1.0 200 ") }
        }
        // Without HTTP, what answers is live, and who is draining takes no connection.
        let plain = HotEndpoint.all(in: configuration).first { !$0.tls }
        guard let plain else {
            return "nothing but TLS is listened on; set health_check_port, such as 9091, and it is asked there"
        }
        let place: ClientSocket.Place =
            plain.isUnixSocket
            ? .unix(path: plain.address) : .tcp(address: reachable(plain.address), port: plain.port)
        return ask(place, (plain.expectsProxy ? "PROXY UNKNOWN\r\n" : "") + "PING\r\n") { isYes($0, to: question) }
    }

    /// Whether the answer to PING is one. An error is an answer, too: NOAUTH says that it lives, and LOADING that it does,
    /// but should not be sent clients yet.
    package static func isYes(_ line: String, to question: Question) -> Bool {
        line.hasPrefix("+") || line.hasPrefix("-NOAUTH") || (question == .live && line.hasPrefix("-LOADING"))
    }

    private static func ask(
        _ place: ClientSocket.Place, _ request: String, isGood: (String) -> Bool
    ) -> String? {
        do throws(FileProblem) {
            let line = try ClientSocket.firstLine(of: place, after: request, seconds: patience)
            return isGood(line) ? nil : "\(place) answered \"\(line)\""
        } catch {
            return "\(place): \(error)"
        }
    }

    /// The address to connect to where another means all of them.
    package static func reachable(_ address: String) -> String {
        switch address.drop(while: { $0 == "-" }) {
        case "*", "0.0.0.0": "127.0.0.1"
        case "::*", "::": "::1"
        case let one: String(one)
        }
    }
}
