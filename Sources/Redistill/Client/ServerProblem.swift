/// Why a server can't be talked to: a sentence for a person.
package struct ServerProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether another try would go no better, as with a wrong password.
    package let isFinal: Bool
    /// What the process ends with: 1, or 78 for a wrong configuration file.
    package let exitCode: Int32

    package init(_ description: String, isFinal: Bool = false, exitCode: Int32 = 1) {
        self.description = description
        self.isFinal = isFinal
        self.exitCode = exitCode
    }

    /// Nobody wants the answer any more.
    static let left = ServerProblem("interrupted", isFinal: true, exitCode: 0)
}
