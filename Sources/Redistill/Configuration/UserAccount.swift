/// One of `[[users]]`: who may log in beside `default`, and what that user may do.
package struct UserAccount: Sendable, Equatable {
    /// Stands for `rd_role`.
    package enum Role: String, CaseIterable, Sendable {
        case read, write, admin
    }

    package let name: String
    /// Nil: any password is right, as Redis's `nopass`.
    package let password: PasswordHash?
    package let role: Role
    /// Patterns of the keys that it may touch; none: all.
    package let keys: [String]
    /// The databases that it may touch; none: all.
    package let databases: [Int]

    package init(name: String, password: PasswordHash?, role: Role, keys: [String] = [], databases: [Int] = []) {
        self.name = name
        self.password = password
        self.role = role
        self.keys = keys
        self.databases = databases
    }

    /// Whether it may do the same as another, whatever the passwords.
    func mayDoTheSame(as other: UserAccount) -> Bool {
        (name, role, keys, databases) == (other.name, other.role, other.keys, other.databases)
    }

    /// Most users, and most patterns of one: `RD_MOST_USERS`, `RD_MOST_PATTERNS`.
    static let most = 128
    static let mostPatterns = 32
    /// Bytes of a name: `RD_USER_NAME_MOST`.
    static let longestName = 64

    /// Whether a user may have that name: it stands between spaces in CLIENT LIST.
    static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

/// The users of a configuration.
package struct Users: Sendable, Equatable {
    package var accounts: [UserAccount] = []
    /// Where each of them stands, by name.
    package var origins: [String: Origin] = [:]
    /// Whether the file says that there are none, `users = []`: then a reload takes them away.
    package var areSaid = false
    /// What the file says to be without a limit, as `app: keys`: then a reload takes a limit away.
    package var unlimited: Set<String> = []

    package init(_ accounts: [UserAccount] = []) {
        self.accounts = accounts
    }
}
