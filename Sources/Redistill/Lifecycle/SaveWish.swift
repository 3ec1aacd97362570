/// Whether a stop is to write a snapshot, as SHUTDOWN says it.
package enum SaveWish: Sendable, Equatable {
    /// As `save_on_shutdown` says.
    case asConfigured
    /// SHUTDOWN SAVE: wherever there are snapshots.
    case save
    /// SHUTDOWN NOSAVE.
    case noSave

    /// Whether one is written, under a configuration.
    func holds(in configuration: Configuration) -> Bool {
        guard configuration.flag(.persistenceEnabled) else { return false }
        return self == .save || (self == .asConfigured && configuration.flag(.saveOnShutdown))
    }
}
