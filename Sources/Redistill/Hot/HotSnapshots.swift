internal import CRedistillHot

/// What is known of snapshots; stands for `rd_snapshot_facts`.
package struct HotSnapshotFacts: Sendable, Equatable {
    /// Whether there are any; else all is zero.
    package var isOn = false
    package var isLoading = false
    package var isSaving = false
    /// Whether the last one that was to be written was not.
    package var hasFailed = false
    /// When the last one went well, in seconds since 1970; before it, when the server started.
    package var savedAt: Int64 = 0
    /// Milliseconds that the last one took, and that the one under way has; -1 where there is none.
    package var lastDuration: Int64 = -1
    package var duration: Int64 = -1
    package var saves: UInt64 = 0
    package var failures: UInt64 = 0
    /// Of the last one that went well.
    package var keysSaved: UInt64 = 0
    package var bytesSaved: UInt64 = 0
    /// Of what is being written, or loaded.
    package var keysNow: UInt64 = 0
    package var loaded: UInt64 = 0
    package var expiredAtLoad: UInt64 = 0
    package var leftOutAtLoad: UInt64 = 0

    package init() {}

    init(_ facts: rd_snapshot_facts) {
        isOn = facts.is_on
        isLoading = facts.is_loading
        isSaving = facts.is_saving
        hasFailed = facts.has_failed
        savedAt = facts.saved_s
        lastDuration = facts.took_ms
        duration = facts.now_ms
        saves = facts.saves
        failures = facts.failures
        keysSaved = facts.keys_saved
        bytesSaved = facts.bytes_saved
        keysNow = facts.keys_now
        loaded = facts.loaded
        expiredAtLoad = facts.load_expired
        leftOutAtLoad = facts.load_left_out
    }
}

extension HotControl {
    /// Stands for `rd_server_snapshot_facts`. As without snapshots once the server is gone.
    package func snapshotFacts() -> HotSnapshotFacts {
        withServer { server in
            var facts = rd_snapshot_facts()
            rd_server_snapshot_facts(server, &facts)
            return HotSnapshotFacts(facts)
        } ?? HotSnapshotFacts()
    }

    /// Begins a snapshot, and returns; stands for `rd_server_save`.
    ///
    /// - Returns: Whether one begins.
    func beginSnapshot() -> Bool { withServer { rd_server_save($0) == RD_OK } ?? false }
}
