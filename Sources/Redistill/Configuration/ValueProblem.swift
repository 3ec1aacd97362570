/// Why a value is refused.
package struct ValueProblem: Error, Sendable, Equatable {
    /// A reason beyond "the type takes something else", or nil.
    package let reason: String?
    /// Whether the reason only says what was probably meant.
    package let isGuess: Bool

    init(reason: String?, isGuess: Bool = false) {
        self.reason = reason
        self.isGuess = isGuess
    }

    static let notAllowed = ValueProblem(reason: nil)

    /// A text that is no size.
    static func noSize(_ text: String) -> ValueProblem {
        guard let meant = ByteSize.meant(by: text) else { return .notAllowed }
        return ValueProblem(reason: "a size is a whole number and a unit: write \"\(meant)\"", isGuess: true)
    }

    /// A text that ends in "%" and is no share.
    static let noShare = ValueProblem(
        reason: "a share is a whole number of percent from \"1%\" to \"100%\"", isGuess: true)
}
