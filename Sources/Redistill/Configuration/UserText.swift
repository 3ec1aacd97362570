/// A user of `[[users]]` as TOML. Pure.
enum UserText {
    /// The lines of its table.
    ///
    /// - Parameter password: The line that stands for its password; nil where it needs none.
    static func lines(of user: UserAccount, password: String?) -> String {
        var lines = ["name = \(TOMLText.quote(user.name))", password ?? "password = \"\"", "role = \"\(user.role.rawValue)\""]
        if !user.keys.isEmpty { lines.append("keys = [\(user.keys.map(TOMLText.quote).joined(separator: ", "))]") }
        if !user.databases.isEmpty {
            lines.append("databases = [\(user.databases.map(String.init).joined(separator: ", "))]")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// All of them, without passwords, and where each stands.
    static func effective(_ users: Users) -> String {
        users.accounts.map { user in
            let place = users.origins[user.name].map { "  # \($0.place)" } ?? ""
            return "\n[[users]]\(place)\n" + lines(of: user, password: user.password.map { "# password: set, \($0)" })
        }.joined()
    }

    /// What a default file says of them.
    static let example = TOMLText.comment(summary) + """
        #
        # [[users]]
        # name = "app"
        # password_file = "/etc/redistill/app.password"
        # role = "write"
        # keys = ["app:*"]
        # databases = [0]

        """

    /// What they are, for the file, the manual and the documentation.
    static let summary = """
        Users beside "default", who may do everything once it has said password. Each has a name; a password, \
        password_sha256 (64 hexadecimal digits) or password_file, or password = "" for a user whom anybody may be; and a role: \
        "read", "write" (and read) or "admin". keys are patterns of the keys that it may touch, databases the numbers of the \
        databases; without them it may touch all. At most 128 users, with 32 patterns each. A reload (SIGHUP) applies changes: \
        connections of a user who is gone, or may do something else, are closed; users = [] says that there are none any more.
        """
}
