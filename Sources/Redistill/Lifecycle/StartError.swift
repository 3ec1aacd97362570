/// Why the daemon does not start, as lines for standard error and an exit code.
package struct StartError: Error, Sendable {
    /// One problem in each line.
    package let lines: String
    package let exitCode: Int32

    private init(_ description: String, exitCode: Int32) {
        lines = description.split(separator: "\n").map { "redistilld: \($0)\n" }.joined()
        self.exitCode = exitCode
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
