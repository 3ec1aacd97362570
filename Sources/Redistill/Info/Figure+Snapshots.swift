/// Figures of snapshots. Without any INFO says what Redis does before the first.
extension Figure {
    static let snapshots: [Figure] = [
        Figure(.persistence, "loading", .gauge("redistill_snapshot_loading", "1 while the snapshot of before is loaded.")) {
            $0.snapshots.isLoading ? "1" : "0"
        },
        Figure(
            .persistence, "rdb_bgsave_in_progress",
            .gauge("redistill_snapshot_in_progress", "1 while a snapshot is written.")
        ) { $0.snapshots.isSaving ? "1" : "0" },
        // As Redis, which counts its start as a save.
        Figure(
            .persistence, "rdb_last_save_time",
            .gauge("redistill_snapshot_last_time_seconds", "Unix time of the last snapshot, or of the start.")
        ) { "\($0.snapshots.isOn ? $0.snapshots.savedAt : $0.wallTime / 1_000_000 - $0.uptimeSeconds)" },
        Figure(.persistence, "rdb_last_bgsave_status") { $0.snapshots.hasFailed ? "err" : "ok" },
        Figure(
            .gauge("redistill_snapshot_last_failed", "1 after a snapshot that failed, until one goes well.")
        ) { $0.snapshots.hasFailed ? "1" : "0" },
        Figure(.persistence, "rdb_last_bgsave_time_sec") { seconds($0.snapshots.isOn, $0.snapshots.lastDuration) },
        Figure(.persistence, "rdb_current_bgsave_time_sec") { seconds($0.snapshots.isOn, $0.snapshots.duration) },
        Figure(.persistence, "rdb_saves", .counter("redistill_snapshots_total", "Snapshots written.")) {
            "\($0.snapshots.saves)"
        },
        Figure(.counter("redistill_snapshots_failed_total", "Snapshots that failed.")) { "\($0.snapshots.failures)" },
        Figure(.gauge("redistill_snapshot_last_bytes", "Bytes of the last snapshot.")) { "\($0.snapshots.bytesSaved)" },
        Figure(.gauge("redistill_snapshot_last_keys", "Keys of the last snapshot.")) { "\($0.snapshots.keysSaved)" },
        Figure(.persistence, "current_save_keys_processed") { $0.snapshots.isSaving ? "\($0.snapshots.keysNow)" : "0" },
        Figure(
            .persistence, "rdb_last_load_keys_loaded",
            .gauge("redistill_snapshot_loaded_keys", "Keys that the start has loaded.")
        ) { "\($0.snapshots.loaded)" },
        Figure(.persistence, "rdb_last_load_keys_expired") { "\($0.snapshots.expiredAtLoad)" },
        Figure(
            .gauge("redistill_snapshot_left_out_keys", "Keys of the file that the start has left out, expired ones apart.")
        ) { "\($0.snapshots.leftOutAtLoad)" },
    ]

    /// Whole seconds; -1 where there is nothing to tell.
    private static func seconds(_ isKnown: Bool, _ milliseconds: Int64) -> String {
        isKnown && milliseconds >= 0 ? "\(milliseconds / 1000)" : "-1"
    }
}
