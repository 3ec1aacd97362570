/// How often the configuration was read anew since the start, and how it went last.
package struct Reloads: Sendable, Equatable {
    package var succeeded: UInt64 = 0
    /// The old settings stayed.
    package var failed: UInt64 = 0
    /// Whether the last one, or the start, succeeded.
    package private(set) var lastSucceeded = true
    /// When what is in effect was read, in seconds since 1970.
    package private(set) var lastSuccess: Int64

    /// - Parameter time: Of the start, which reads the configuration, too: in seconds since 1970.
    package init(startedAt time: Int64 = 0) {
        lastSuccess = time
    }

    /// Counts a reload whose settings are in effect since a time in seconds since 1970.
    mutating func succeed(at time: Int64) {
        succeeded += 1
        lastSucceeded = true
        lastSuccess = time
    }

    /// Counts one that left the old settings.
    mutating func fail() {
        failed += 1
        lastSucceeded = false
    }
}
