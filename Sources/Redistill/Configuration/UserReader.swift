/// Reads the tables of `[[users]]`, one after the other.
struct UserReader {
    private let files: FileSystem
    private(set) var users = Users()
    private(set) var problems: [ConfigurationRemark] = []
    private(set) var notes: [ConfigurationRemark] = []

    private static let fields = ["name", "password", "password_sha256", "password_file", "role", "keys", "databases"]

    init(files: FileSystem) {
        self.files = files
    }

    /// The file says `users = []`.
    mutating func takeNone() {
        users.areSaid = true
    }

    mutating func take(_ fields: [String: RawValue], path: String, line: Int, lines: [String: Int]) {
        var table = Table(fields: fields, path: path, line: line, lines: lines)
        for field in fields.keys.sorted() where !Self.fields.contains(field) {
            let hint =
                Suggestion.nearest(to: field, among: Self.fields).map { "did you mean \"\($0)\"?" }
                ?? "it takes \(Self.fields.joined(separator: ", "))"
            table.refuse(field, "unknown key \"\(field)\" in [[users]]; \(hint)")
        }
        let name = readName(&table)
        let password = readPassword(&table)
        let role = readRole(&table)
        let keys = readKeys(&table)
        let databases = readDatabases(&table)
        if users.accounts.count == UserAccount.most { table.refuse(nil, "there are more than \(UserAccount.most) users") }
        problems += table.problems
        notes += table.notes
        guard table.problems.isEmpty, let name, let role else { return }
        users.accounts.append(
            UserAccount(name: name, password: password, role: role, keys: keys, databases: databases))
        users.origins[name] = .file(path: path, line: line)
        if keys.isEmpty && table.fields["keys"] != nil { users.unlimited.insert("\(name): keys") }
        if databases.isEmpty && table.fields["databases"] != nil { users.unlimited.insert("\(name): databases") }
    }

    private func readName(_ table: inout Table) -> String? {
        guard let raw = table.fields["name"] else {
            table.refuse(nil, "a user of [[users]] has no name; write name = \"...\"")
            return nil
        }
        guard case .text(let name) = raw, UserAccount.isName(name) else {
            table.refuse(
                "name", "\(raw.quoted) is not allowed; it takes 1 to \(UserAccount.longestName) letters of ASCII without spaces")
            return nil
        }
        guard name != "default" else {
            table.refuse(
                "name", "\"default\" has its password in [security], as password or password_file; take it out of [[users]]")
            return nil
        }
        table.user = name
        guard !users.accounts.contains(where: { $0.name == name }) else {
            table.refuse("name", "\"\(name)\" is there already, at \(users.origins[name]?.place ?? ""); one has to go")
            return nil
        }
        return name
    }

    private func readPassword(_ table: inout Table) -> PasswordHash? {
        let given = ["password", "password_sha256", "password_file"].filter { table.fields[$0] != nil }
        guard let field = given.first, let raw = table.fields[field] else {
            table.refuse(
                nil, "there is no password; write password_file = \"...\", password_sha256 = \"...\" or password = \"...\", "
                    + "or password = \"\" for a user whom anybody may be")
            return nil
        }
        guard given.count == 1 else {
            table.refuse(field, "\(given[1]) is set as well; keep one of them")
            return nil
        }
        guard case .text(let text) = raw else {
            table.refuse(field, "this value is not allowed; it takes a text")
            return nil
        }
        switch field {
        case "password":
            if !text.isEmpty { noteOpen(table.path, field, &table) }
            return text.isEmpty ? nil : PasswordHash(of: Array(text.utf8))
        case "password_sha256":
            guard let hash = PasswordHash(hexadecimal: text) else {
                table.refuse(field, "this value is not allowed; it takes 64 hexadecimal digits, as sha256sum writes them")
                return nil
            }
            return hash
        default:
            return readFile(text, &table)
        }
    }

    private func readFile(_ path: String, _ table: inout Table) -> PasswordHash? {
        do throws(FileProblem) {
            let line = SecretText.firstLine(of: ByteText(try files.bytes(path)))
            guard !line.bytes.isEmpty else { throw FileProblem("its first line is empty") }
            noteOpen(path, "password_file", &table)
            return PasswordHash(of: line.bytes)
        } catch {
            table.refuse("password_file", "cannot read \"\(path)\": \(error.description)")
            return nil
        }
    }

    private func noteOpen(_ path: String, _ field: String, _ table: inout Table) {
        if files.isOpenToOthers(path) { table.note(field, ConfigurationRemark.openToOthers(path)) }
    }

    private func readRole(_ table: inout Table) -> UserAccount.Role? {
        let allowed = UserAccount.Role.allCases.map(\.rawValue)
        let list = "\"read\", \"write\" or \"admin\""
        guard let raw = table.fields["role"] else {
            table.refuse(nil, "there is no role; write role = and one of \(list)")
            return nil
        }
        if case .text(let text) = raw, let role = UserAccount.Role(rawValue: text) { return role }
        var hint = ""
        if case .text(let text) = raw, let near = Suggestion.nearest(to: text, among: allowed) {
            hint = "; did you mean \"\(near)\"?"
        }
        table.refuse("role", "\(raw.quoted) is not allowed; it takes \(list)\(hint)")
        return nil
    }

    private func readKeys(_ table: inout Table) -> [String] {
        guard let raw = table.fields["keys"] else { return [] }
        guard case .list(let items) = raw, !items.isEmpty else {
            table.refuse("keys", "\(raw.quoted) is not allowed; it takes patterns, such as [\"app:*\"]; leave it out for all keys")
            return []
        }
        guard items.count <= UserAccount.mostPatterns else {
            table.refuse("keys", "there are \(items.count) patterns, more than \(UserAccount.mostPatterns)")
            return []
        }
        var patterns: [String] = []
        for item in items {
            guard case .text(let pattern) = item, !pattern.isEmpty, !pattern.utf8.contains(UInt8(ascii: " ")) else {
                table.refuse("keys", "\(item.quoted) is no pattern of keys; write one such as \"app:*\", without spaces")
                continue
            }
            if pattern.hasPrefix("~") || pattern.hasPrefix("%") {
                table.note("keys", "\(item.quoted) means keys that begin so; Redis's ~ is not written here")
            }
            patterns.append(pattern)
        }
        return patterns.contains("*") ? [] : patterns
    }

    private func readDatabases(_ table: inout Table) -> [Int] {
        guard let raw = table.fields["databases"] else { return [] }
        if case .list(let items) = raw, items.count == 1, case .text("*") = items[0] { return [] }
        guard case .list(let items) = raw, !items.isEmpty else {
            table.refuse("databases", "\(raw.quoted) is not allowed; it takes numbers, such as [0, 1]; leave it out for all")
            return []
        }
        var numbers: Set<Int> = []
        for item in items {
            guard case .integer(let number) = item, (0...255).contains(number) else {
                table.refuse("databases", "\(item.quoted) is no database; they are numbers from 0")
                continue
            }
            numbers.insert(Int(number))
        }
        return numbers.sorted()
    }
}

/// One table, and what is wrong with it.
private struct Table {
    let fields: [String: RawValue]
    let path: String
    let line: Int
    let lines: [String: Int]
    var user: String?
    var problems: [ConfigurationRemark] = []
    var notes: [ConfigurationRemark] = []

    init(fields: [String: RawValue], path: String, line: Int, lines: [String: Int]) {
        self.fields = fields
        self.path = path
        self.line = line
        self.lines = lines
    }

    /// `redistill.toml:12: users: app: role: ...`
    mutating func refuse(_ field: String?, _ message: String) {
        problems.append(ConfigurationRemark(message, key: key(field), at: origin(field)))
    }

    mutating func note(_ field: String?, _ message: String) {
        notes.append(ConfigurationRemark(message, key: key(field), at: origin(field), isWarning: true))
    }

    private func key(_ field: String?) -> String {
        (["users"] + [user, field].compactMap { $0 }).joined(separator: ": ")
    }

    private func origin(_ field: String?) -> Origin {
        .file(path: path, line: field.flatMap { lines[$0] } ?? line)
    }
}
