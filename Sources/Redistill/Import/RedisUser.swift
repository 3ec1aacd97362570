/// What the rules of a Redis `user` line other than `default`'s come to: one of our roles, or the reasons why none is it.
struct RedisUser {
    private(set) var isOn = false
    private var needsNoPassword = false
    private var hashes: [PasswordHash] = []
    private var keys: [String] = []
    private var hasAllKeys = false
    private var databases: Set<Int> = []
    private var commands = Commands()
    /// Rules that no role has, those of commands apart, which "@all" ends.
    private var unsaid: [String] = []
    private var unsaidCommands: [String] = []
    private var hasNoDatabase = false

    /// Of Redis's categories, which may run.
    private struct Commands {
        var read = false
        var write = false
        var dangerous = false
        var admin = false

        static let all = Commands(read: true, write: true, dangerous: true, admin: true)
    }

    /// Categories of what every role may run, and of types that do not exist here.
    private static let common: Set<String> = [
        "connection", "transaction", "scripting", "pubsub", "list", "set", "hash", "sortedset", "stream", "geo",
        "hyperloglog", "blocking",
    ]
    /// Commands that every role may run.
    private static let everybodys: Set<String> = [
        "auth", "client", "command", "discard", "echo", "exec", "hello", "info", "keys", "multi", "ping", "quit", "reset",
        "select", "time", "unwatch", "wait", "watch",
    ]
    /// Commands of `@dangerous` that only an admin may run here, so that nobody else has to be refused them.
    private static let admins: Set<String> = [
        "acl", "bgrewriteaof", "bgsave", "cluster", "config", "debug", "failover", "flushall", "lastsave", "latency",
        "migrate", "module", "monitor", "psync", "replicaof", "replconf", "restore", "role", "save", "shutdown", "slaveof",
        "slowlog", "sort", "sort_ro", "swapdb", "sync",
    ]
    /// Of `common`, what scripts and connections are: a role can't be without these.
    private static let kept: Set<String> = ["connection", "transaction", "scripting"]

    /// - Parameter rules: The words behind `user NAME`.
    init(rules: [String]) {
        for rule in rules { apply(rule) }
    }

    /// Whether somebody can log in as it.
    var canLogIn: Bool { isOn && (needsNoPassword || !hashes.isEmpty) }

    /// How many passwords it has beyond the one that is kept.
    var lostPasswords: Int { max(0, hashes.count - 1) }

    /// The role that may do the same, INFO, KEYS and FLUSHDB apart.
    private var role: UserAccount.Role? {
        switch (commands.read, commands.write, commands.dangerous, commands.admin) {
        case (true, true, true, true): .admin
        case (true, true, false, false): .write
        case (true, false, false, false): .read
        default: nil
        }
    }

    /// What keeps it from being said here; empty when nothing does.
    var problems: [String] {
        var problems = (unsaid + unsaidCommands).map { "no role here has \"\($0)\"" }
        if role == nil {
            problems.append(
                commands.read || commands.write || commands.dangerous || commands.admin
                    ? "its categories of commands are no role here" : "it may run no whole category of commands")
        }
        if hasNoDatabase { problems.append("it may touch no database, which no role here says") }
        if !hasAllKeys && keys.isEmpty { problems.append("it may touch no key, which no role here says") }
        return problems
    }

    /// The same user as ours; nil where there are problems.
    func account(named name: String) -> UserAccount? {
        guard problems.isEmpty, let role else { return nil }
        return UserAccount(
            name: name, password: needsNoPassword ? nil : hashes.last, role: role, keys: hasAllKeys ? [] : keys,
            databases: databases.sorted())
    }

    private mutating func apply(_ rule: String) {
        let lower = rule.lowercased()
        switch lower {
        case "on": isOn = true
        case "off": isOn = false
        case "nopass": (needsNoPassword, hashes) = (true, [])
        case "resetpass": (needsNoPassword, hashes) = (false, [])
        case "reset": self = RedisUser(rules: [])
        case "allkeys", "~*", "%rw~*": hasAllKeys = true
        case "resetkeys": (hasAllKeys, keys) = (false, [])
        case "allcommands", "+@all": (commands, unsaidCommands) = (.all, [])
        case "nocommands", "-@all": (commands, unsaidCommands) = (Commands(), [])
        case "allchannels", "resetchannels", "sanitize-payload", "skip-sanitize-payload", "clearselectors": break
        case "alldbs": (databases, hasNoDatabase) = ([], false)
        case "resetdbs": (databases, hasNoDatabase) = ([], true)
        default:
            if lower.hasPrefix("db=") { return applyDatabases(lower.dropFirst(3), rule) }
            if lower.hasPrefix("%rw~") { return keys.append(String(rule.dropFirst(4))) }
            applySigned(rule, lower)
        }
    }

    private mutating func applySigned(_ rule: String, _ lower: String) {
        let rest = String(rule.dropFirst())
        switch rule.first {
        case ">": addPassword(PasswordHash(of: Array(rest.utf8)))
        case "<":
            let hash = PasswordHash(of: Array(rest.utf8))
            hashes.removeAll { $0 == hash }
        case "#":
            if let hash = PasswordHash(hexadecimal: rest) { addPassword(hash) } else { unsaid.append("#...") }
        case "!": hashes.removeAll { $0 == PasswordHash(hexadecimal: rest) }
        case "~": keys.append(rest)
        case "&": break
        case "+", "-": applyCommands(lower, rule, isGranted: rule.first == "+")
        default: unsaid.append(rule)
        }
    }

    private mutating func addPassword(_ hash: PasswordHash) {
        needsNoPassword = false
        if !hashes.contains(hash) { hashes.append(hash) }
    }

    private mutating func applyCommands(_ lower: String, _ rule: String, isGranted: Bool) {
        let name = String(lower.dropFirst())
        switch name {
        case "@read": commands.read = isGranted
        case "@write": commands.write = isGranted
        case "@dangerous": (commands.dangerous, commands.admin) = (isGranted, isGranted)
        case "@admin": commands.admin = isGranted
        default: if !isIdle(name, isGranted: isGranted) { unsaidCommands.append(rule) }
        }
    }

    /// Whether a rule says nothing that the role does not say.
    private func isIdle(_ name: String, isGranted: Bool) -> Bool {
        if name.hasPrefix("@") {
            let category = String(name.dropFirst())
            let isCommon = Self.common.contains(category) && (isGranted || !Self.kept.contains(category))
            return isCommon || isGranted && commands.read && commands.write && ["string", "bitmap", "keyspace", "fast"].contains(category)
        }
        if name.hasPrefix("select|") { return false } // one database, where the role may select all of its own
        let command = String(name.prefix { $0 != "|" })
        return isGranted ? Self.everybodys.contains(command) : Self.admins.contains(command) && !commands.dangerous
    }

    private mutating func applyDatabases(_ text: Substring, _ rule: String) {
        hasNoDatabase = false
        for word in text.split(separator: ",") {
            guard let number = Int(word), (0...255).contains(number) else { return unsaid.append(rule) }
            databases.insert(number)
        }
    }
}
