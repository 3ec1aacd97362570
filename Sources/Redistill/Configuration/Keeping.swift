/// What becomes of the keys when the process ends: `warm_restart`.
package enum Keeping: Sendable {
    case nothing
    /// The next process has them, where this one ends in order.
    case restarts
    /// The same, and what a crash leaves is recovered.
    case afterCrash

    static let afterCrashWord = "after-crash"
}

extension Configuration {
    package var keeping: Keeping {
        switch self[.warmRestart].value {
        case .flag(true): .restarts
        case .text: .afterCrash
        default: .nothing
        }
    }
}
