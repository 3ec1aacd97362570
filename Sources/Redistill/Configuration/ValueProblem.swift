/// Why a value is refused.
package struct ValueProblem: Error, Sendable, Equatable {
    /// A reason beyond "the type takes something else", or nil.
    package let reason: String?

    static let notAllowed = ValueProblem(reason: nil)
}
