/// Keys of the original Redistill whose feature does not exist here: accepted with a note, never an error.
package enum RetiredKeys {
    /// The note for a retired key, or nil when the key is not one.
    package static func note(section: String, key: String) -> String? {
        notes[section]?[key]
    }

    /// Whether a section holds retired keys only.
    package static func isRetired(section: String) -> Bool {
        ["metrics"].contains(section)
    }

    private static let persistence = "there is no append-only file, only snapshots, so this has no effect"
    private static let metrics = "metrics are always on and cost next to nothing, so this has no effect"
    private static let ratio = "the S3-FIFO queues size themselves, so this has no effect"

    private static let notes: [String: [String: String]] = [
        "memory": ["s3fifo_small_ratio": ratio, "s3fifo_ghost_ratio": ratio],
        "metrics": ["command_counter": metrics, "command_histogram": metrics],
        "persistence": Dictionary(
            uniqueKeysWithValues: [
                "aof_enabled", "aof_path", "aof_fsync", "aof_rewrite_min_size", "aof_rewrite_percentage",
            ].map { ($0, persistence) }),
    ]
}
