/// Where a value comes from.
package enum Origin: Sendable, Equatable {
    /// The table's default.
    case builtIn
    /// A default that follows from something else, such as the machine: what it is, in words.
    case derived(String)
    case file(path: String, line: Int)
    /// A file that holds one secret.
    case secretFile(path: String)
    case environment(String)
    case flag(String)
    /// CONFIG SET.
    case command

    /// How messages name the place: `redistill.toml:12`.
    package var place: String {
        switch self {
        case .builtIn: "default"
        case .derived(let reason): reason
        case .file(let path, let line): "\(path):\(line)"
        case .secretFile(let path): path
        case .environment(let name): "environment variable \(name)"
        case .flag(let name): name
        case .command: "CONFIG SET"
        }
    }

    /// Where somebody has written the value, or nil of a default.
    var written: Origin? {
        switch self {
        case .builtIn, .derived: nil
        default: self
        }
    }

    /// Later sources win: a higher rank overrides a lower one.
    var rank: Int {
        switch self {
        case .builtIn, .derived: 0
        case .file: 1
        case .secretFile: 2
        case .environment: 3
        case .flag: 4
        case .command: 5
        }
    }
}
