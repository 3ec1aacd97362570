/// What the rules of Redis's `user default` line come to. The only user here is `default`, who may do everything.
struct RedisDefaultUser: Equatable {
    /// Off as after Redis's "reset", with which a line of the file begins.
    private(set) var isOn = false
    private(set) var needsNoPassword = false
    private(set) var passwords: [String] = []
    /// How many passwords are known by their SHA-256 only.
    private(set) var digests = 0
    private var hasAllKeys = false
    private var hasAllCommands = false

    /// - Parameter rules: The words behind `user default`.
    init(rules: [String]) {
        for rule in rules { apply(rule) }
    }

    /// Whether Redis refuses this user some commands or keys.
    var isLimited: Bool { !hasAllKeys || !hasAllCommands }

    private mutating func apply(_ rule: String) {
        switch rule.lowercased() {
        case "on": isOn = true
        case "off": isOn = false
        case "nopass":
            needsNoPassword = true
            forgetPasswords()
        case "resetpass":
            needsNoPassword = false
            forgetPasswords()
        case "reset": self = RedisDefaultUser(rules: [])
        case "allkeys", "~*": hasAllKeys = true
        case "resetkeys": hasAllKeys = false
        case "allcommands", "+@all": hasAllCommands = true
        default: applySigned(rule)
        }
    }

    private mutating func applySigned(_ rule: String) {
        let rest = String(rule.dropFirst())
        switch rule.first {
        case ">":
            needsNoPassword = false
            passwords.append(rest)
        case "#":
            needsNoPassword = false
            digests += 1
        case "<": passwords.removeAll { $0 == rest }
        case "-": hasAllCommands = false
        default:
            if rule.lowercased() == "nocommands" { hasAllCommands = false }
        }
    }

    private mutating func forgetPasswords() {
        passwords = []
        digests = 0
    }
}
