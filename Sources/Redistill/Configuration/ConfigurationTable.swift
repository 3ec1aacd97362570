/// The one table that defines every configuration key.
package enum ConfigurationTable {
    /// All keys, in the order of the default file.
    package static let keys: [ConfigurationKey] = server + security + memory + logging + performance

    /// The definition of a key.
    package static func key(_ name: KeyName) -> ConfigurationKey {
        guard let key = byName[name] else { preconditionFailure("\(name.rawValue) is missing from the table") }
        return key
    }

    /// The key that a section of the file means by `text`, also by a former name.
    package static func key(named text: String, in section: ConfigurationSection) -> ConfigurationKey? {
        keys.first { $0.section == section && ($0.name.rawValue == text || $0.formerNames.contains(text)) }
    }

    /// The keys of one section, in order.
    package static func keys(in section: ConfigurationSection) -> [ConfigurationKey] {
        keys.filter { $0.section == section }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
}

/// Keys of the original Redistill whose feature does not exist here: accepted with a note, never an error.
package enum RetiredKeys {
    /// The note for a retired key, or nil when the key is not one.
    package static func note(section: String, key: String) -> String? {
        notes[section]?[key]
    }

    /// Whether a section holds retired keys only.
    package static func isRetired(section: String) -> Bool {
        ["persistence", "metrics"].contains(section)
    }

    private static let persistence = "Redistill keeps nothing on disk, so this has no effect"
    private static let metrics = "metrics are always on and cost next to nothing, so this has no effect"
    private static let ratio = "the S3-FIFO queues size themselves, so this has no effect"

    private static let notes: [String: [String: String]] = [
        "memory": ["s3fifo_small_ratio": ratio, "s3fifo_ghost_ratio": ratio],
        "metrics": ["command_counter": metrics, "command_histogram": metrics],
        "persistence": Dictionary(
            uniqueKeysWithValues: [
                "enabled", "snapshot_path", "snapshot_interval", "save_on_shutdown", "aof_enabled", "aof_path",
                "aof_fsync", "aof_rewrite_min_size", "aof_rewrite_percentage",
            ].map { ($0, persistence) }),
    ]
}
