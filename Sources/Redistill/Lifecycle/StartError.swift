/// Why the daemon does not start, as lines for standard error and an exit code.
package struct StartError: Error, Sendable {
    /// Each a sentence.
    private let problems: [String]
    package let exitCode: Int32

    private init(_ description: String, exitCode: Int32) {
        problems = description.split(separator: "\n").map(String.init)
        self.exitCode = exitCode
    }

    /// One problem in each line, for a person.
    package var lines: String { problems.map { "redistilld: \($0)\n" }.joined() }

    /// One problem in each line, for who reads the daemon's log: in JSON a record like those of the log.
    package func output(in format: LogFormat, at time: String) -> String {
        switch format {
        case .text: lines
        case .json: problems.map { format.line(for: LogRecord(time: time, level: "critical", message: $0)) }.joined()
        }
    }

    /// What an operator has written is wrong: EX_CONFIG of sysexits.h.
    static func configuration(_ error: some CustomStringConvertible) -> StartError {
        StartError(error.description, exitCode: 78)
    }

    /// What an operator has written can't be had here and now.
    static func runtime(_ error: some CustomStringConvertible) -> StartError {
        StartError("cannot start: \(error.description)", exitCode: 1)
    }

    static func wrap<Result, Failure: Error & CustomStringConvertible>(
        _ body: () throws(Failure) -> Result
    ) throws(StartError) -> Result {
        do throws(Failure) {
            return try body()
        } catch {
            throw .configuration(error)
        }
    }
}
