/// The one table that defines every configuration key.
package enum ConfigurationTable {
    /// All keys, in the order of the default file.
    package static let keys: [ConfigurationKey] = server + security + memory + scripts + persistence + cluster + logging + performance

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
