/// A Redis configuration on its way into ours, directive by directive; of two that say the same the later wins.
struct RedisTranslation {
    private(set) var configuration = Configuration()
    /// The keys that our file names.
    private(set) var given: Set<KeyName> = []
    private(set) var losses: [RedisLoss] = []
    /// The directives that mean nothing here, one for each line.
    private(set) var pointless: [String] = []
    /// Whether Redis keeps snapshots because no line says anything of them.
    private(set) var keepsSnapshotsUnsaid = true

    /// Whether Redis takes all the memory there is because no line says anything of a limit.
    private(set) var hasNoLimitUnsaid = false

    private let files: FileSystem
    private var defaultUser: (rules: RedisDefaultUser, place: String)?
    private var renames: [RedisDirective] = []
    private var userFiles: [RedisDirective] = []
    /// Where Redis goes before it opens any file but the included ones.
    private var directory = ""
    private var speaksOfLimit = false
    /// Where Redis had a password that our file can't have.
    private var lacksPassword = false
    /// A share of the memory means another machine's here, so none is known.
    private let machine = MachineMemory(total: nil, groupLimit: nil)

    init(files: FileSystem) {
        self.files = files
    }

    mutating func take(_ directive: RedisDirective) {
        let arguments = directive.arguments
        let value = arguments.joined(separator: " ")
        if directive.name == "maxmemory" { speaksOfLimit = true }
        if directive.name == "save" || directive.name == "appendonly" && value == "yes" { keepsSnapshotsUnsaid = false }
        switch directive.name {
        case "bind": takeAddresses(directive)
        case "user": takeUser(arguments, at: directive.place)
        case "aclfile": userFiles.append(directive)
        case "dir": directory = value
        case "rename-command": renames.append(directive)
        case "tls-protocols": takeProtocols(directive)
        case "client-output-buffer-limit": takeOutputLimits(directive)
        default:
            if let loss = RedisMeanings.losses[directive.name] {
                if !loss.harmless.contains(value.lowercased()) { lose(loss.kind, directive, loss.reason) }
            } else {
                takeSetting(directive)
            }
        }
    }

    private mutating func takeSetting(_ directive: RedisDirective) {
        let value = directive.arguments.joined(separator: " ")
        switch ConfigParameter.named(directive.name)?.meaning {
        case .redis(let name): take(ConfigParameter.own(value, of: name), of: name, directive)
        case .fixed(let only) where only == value: break
        default:
            if RedisMeanings.isPointless(directive.name) {
                pointless.append(directive.name)
            } else {
                let hint = RedisMeanings.suggestion(for: directive.name)
                lose(
                    hint.map(RedisMeanings.kind(of:)) ?? .behaviour, directive,
                    "neither Redis nor Valkey is known to have it" + (hint.map { "; did you mean \"\($0)\"?" } ?? ""))
            }
        }
    }

    private mutating func take(_ text: String, of name: KeyName, _ directive: RedisDirective) {
        let key = ConfigurationTable.key(name)
        guard directive.arguments.count == 1 || key.type.takesSeveral else {
            if name == .password { lacksPassword = true }
            lose(RedisMeanings.kind(of: name), directive, "it takes one value, in Redis, too")
            return
        }
        do throws(ValueProblem) {
            set(name, try key.type.read(.text(text), on: machine).value)
        } catch {
            if name == .password { lacksPassword = true }
            let remark = ConfigurationRemark.notAllowed(.text(text), for: key, because: error, at: .command)
            lose(RedisMeanings.kind(of: name), directive, remark.message)
        }
    }

    private mutating func takeProtocols(_ directive: RedisDirective) {
        let versions = Set(directive.words.map { $0.lowercased() })
        set(.tlsMinVersion, .text(versions.contains("tlsv1.3") && !versions.contains("tlsv1.2") ? "1.3" : "1.2"))
        if versions.contains("tlsv1") || versions.contains("tlsv1.1") {
            lose(.behaviour, directive, "TLS before 1.2 is not spoken")
        }
    }

    private mutating func takeOutputLimits(_ directive: RedisDirective) {
        let words = directive.words
        if let complaint = OutputBufferLimits.read(words.joined(separator: " "), into: &configuration) {
            lose(.limit, directive, complaint)
        } else if stride(from: 0, to: words.count, by: 4).contains(where: { words[$0].lowercased() == "normal" }) {
            given.formUnion([.outputBufferLimit, .outputBufferSoftLimit, .outputBufferSoftTime])
        } else {
            pointless.append(directive.name)
        }
    }

    private mutating func takeAddresses(_ directive: RedisDirective) {
        let addresses = directive.words.filter { !$0.isEmpty }
        if addresses.isEmpty {
            lose(
                .security, directive, "Redis listens on no address then; write port = 0, and where to listen in unix_socket")
        } else {
            set(.bind, .list(addresses))
        }
    }

    /// Redis goes to its `dir` before it opens what a path names; the daemon stays where it is started.
    private mutating func takePaths() {
        for key in ConfigurationTable.keys where key.type == .path && given.contains(key.name) {
            set(key.name, .text(inDirectory(configuration.text(key.name))))
        }
    }

    private func inDirectory(_ path: String) -> String {
        guard !path.isEmpty, !path.hasPrefix("/"), !directory.isEmpty, directory != "." else { return path }
        return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }

    private mutating func takeRenames() {
        for directive in renames {
            let command = directive.arguments.first?.uppercased() ?? ""
            let isShut = command == "DEBUG" && configuration.text(.enableDebugCommand) == "no"
            if isShut || RedisMeanings.idleCommands.contains(command) {
                pointless.append(directive.name)
            } else {
                lose(
                    .security, directive,
                    "\(command) stays a command of its own name here, for everybody who has the password")
            }
        }
    }

    // MARK: Users

    private mutating func takeUser(_ words: [String], at place: String) {
        guard let name = words.first else { return }
        if name == "default" {
            defaultUser = (RedisDefaultUser(rules: Array(words.dropFirst())), place)
        } else {
            takeUser(name, RedisUser(rules: Array(words.dropFirst())), at: place)
        }
    }

    private mutating func takeUser(_ name: String, _ user: RedisUser, at place: String) {
        func lose(_ reason: String) {
            losses.append(RedisLoss(kind: .security, place: place, directive: "user \(name)", reason: reason))
        }
        guard user.canLogIn else {
            // Nobody can be it there, and nobody here.
            pointless.append("user")
            return
        }
        var problems = user.problems
        if !UserAccount.isName(name) { problems.append("its name is none here") }
        guard problems.isEmpty, let account = user.account(named: name) else {
            return lose("\(problems.joined(separator: ", ")): it is left out, so \(name) can't log in")
        }
        if user.lostPasswords > 0 { lose("a user has one password here: of its passwords only the last works") }
        configuration.users.accounts.removeAll { $0.name == name }
        configuration.users.accounts.append(account)
    }

    private mutating func takeUsers(of path: String, _ directive: RedisDirective) {
        guard !path.isEmpty else { return }
        do throws(FileProblem) {
            let read = RedisDirectives(of: try files.read(path), path: path, files: files)
            losses += read.losses.map { RedisLoss(kind: .security, place: $0.place, directive: $0.directive, reason: $0.reason) }
            for line in read.list {
                if line.name == "user" {
                    takeUser(line.arguments, at: line.place)
                } else {
                    lose(.security, line, "an ACL file has lines that begin with \"user\"; Redis refuses others")
                }
            }
        } catch {
            lacksPassword = true
            lose(.security, directive, "cannot read \"\(path)\": \(error); its users and passwords are lost")
        }
    }

    private mutating func takeDefaultUser() {
        guard let (user, place) = defaultUser else { return }
        func lose(_ reason: String) {
            losses.append(RedisLoss(kind: .security, place: place, directive: "user default", reason: reason))
        }
        // As in Redis this user's line counts, and requirepass no more.
        set(.password, .secret(user.passwords.last.map { Secret($0) } ?? .none))
        if user.passwords.isEmpty { given.remove(.password) }
        if user.passwords.count + user.digests > 1 { lose("there is one password here: of its passwords only the last works") }
        if !user.isOn { lose("Redis lets nobody in as this user, and here it is the only one") }
        if user.isLimited { lose("Redis allows it some commands and keys only, and here it may do everything") }
        guard user.passwords.isEmpty else { return }
        if user.digests > 0 {
            lose("its password is given as SHA-256 only; write the password itself to password, or to a password_file")
        }
        if !user.isOn || !user.needsNoPassword { lacksPassword = true }
    }

    // MARK: The whole

    private mutating func set(_ name: KeyName, _ value: ConfigurationValue) {
        configuration[name] = Configuration.Setting(value: value, origin: .command)
        given.insert(name)
    }

    private mutating func lose(_ kind: RedisLoss.Kind, _ directive: RedisDirective, _ reason: String) {
        let loss = RedisLoss(kind: kind, place: directive.place, directive: directive.name, reason: reason)
        // Three lines of "save" lose one thing.
        let isKnown = losses.contains { $0.directive == loss.directive && $0.reason == reason }
        if !isKnown { losses.append(loss) }
    }

    /// Brings in what Redis does when no line says anything.
    ///
    /// - Parameter unread: What could not be read, and might hold a password.
    mutating func finish(without unread: [RedisLoss]) {
        takePaths()
        takeRenames()
        for directive in userFiles { takeUsers(of: inDirectory(directive.arguments.joined(separator: " ")), directive) }
        takeDefaultUser()
        if unread.contains(where: { $0.kind == .security }) { lacksPassword = true }
        if !given.contains(.bind) { set(.bind, .list(["*", "-::*"])) }
        // What could not be read may have set one, and then ours is the safer default.
        hasNoLimitUnsaid = !speaksOfLimit && unread.isEmpty
        if hasNoLimitUnsaid { set(.maxMemory, .integer(0)) }
        if speaksOfLimit && !given.contains(.evictionPolicy) { set(.evictionPolicy, .text(EvictionPolicy.none)) }
        if given.contains(.unixSocket), !configuration.text(.unixSocket).isEmpty, !given.contains(.unixSocketMode) {
            set(.unixSocketMode, .integer(0))
        }
        if given.contains(.tlsPort), configuration.integer(.tlsPort) > 0, !given.contains(.tlsAuthClients) {
            set(.tlsAuthClients, .text("yes"))
        }
        if lacksPassword && configuration.secret(.password).isEmpty {
            set(.protectedMode, .flag(true))
            losses.append(
                RedisLoss(
                    kind: .security, place: nil, directive: "password",
                    reason: "Redis had or may have had one, and this file has none: until you write it to password or to a "
                        + "password_file, protected_mode serves clients of this machine only"))
        }
    }
}
