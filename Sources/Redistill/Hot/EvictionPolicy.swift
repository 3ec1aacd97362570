internal import CRedistillHot

/// The eviction policies that the hot path offers.
package enum EvictionPolicy {
    /// The policy that removes nothing.
    package static let none = "noeviction"

    /// The policy when none is named; docs/memory.md has the figures.
    package static let usual = "allkeys-s3fifo"

    /// The names in the hot path's order; stands for `rd_policy_name`.
    package static let names: [String] = {
        var names: [String] = []
        while let name = rd_policy_name(names.count) { names.append(String(cString: name)) }
        return names
    }()
}
