/// How often the configuration was read anew since the start.
package struct Reloads: Sendable, Equatable {
    package var succeeded: UInt64 = 0
    /// The old settings stayed.
    package var failed: UInt64 = 0

    package init() {}
}
