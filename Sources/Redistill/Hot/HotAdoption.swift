internal import CRedistillHot

/// What has become of the keys of a process before; stands for `rd_adoption`.
package struct HotAdoption: Sendable {
    /// They are here.
    package let hasAdopted: Bool
    /// Why they are not, or why the server can't keep its own; nil: all is well.
    package let reason: String?
    /// What was lost where that process has crashed; nil where it has not.
    package let losses: Losses?

    package struct Losses: Sendable {
        package let shards: UInt32
        package let lostShards: UInt32
        package let lostKeys: UInt64
    }

    init(_ adoption: rd_adoption) {
        hasAdopted = adoption.has_adopted
        reason = adoption.why_not.map { String(cString: $0) }
        losses = adoption.after_crash
            ? Losses(shards: adoption.shards, lostShards: adoption.lost_shards, lostKeys: adoption.lost_keys) : nil
    }
}
