/// The table's part in the command line.
public enum ConfigurationHelp {
    /// The help text of a key's flag with its default, by the key's name in the file.
    public static func text(for name: String) -> String {
        guard let name = KeyName(rawValue: name) else { preconditionFailure("\(name) is no key") }
        let key = ConfigurationTable.key(name)
        let value = key.defaultTOML
        return value == "\"\"" || key.pointless != nil ? key.help : "\(key.help) (default: \(value))"
    }
}
