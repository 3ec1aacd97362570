/// What a reload must not take away by silence.
///
/// A configuration file that a full disk has cut, or that somebody has emptied, says nothing; that must not open the
/// door. So a guarded key that was set, and that no source sets any more, keeps the reload from happening. Whoever wants
/// it gone says so: `password = ""`, `max_memory = 0`.
///
/// `port`, `bind`, `tls_enabled` and the like are not here: they change at a restart only.
package enum ReloadGuard {
    /// Access, its encryption, the limit that keeps the machine alive, and who keeps an eye on it.
    static let keys: [KeyName] = [
        .password, .healthToken, .protectedMode, .tlsAuthClients, .tlsMinVersion, .tlsCiphers, .tlsCiphersuites,
        .tlsGroups, .maxMemory, .auditLogFile,
    ]

    /// The guarded keys whose value would fall back to a default that protects less.
    package static func lost(from old: Configuration, to new: Configuration) -> [KeyName] {
        keys.filter { name in
            // A default that has changed with the machine was nobody's word.
            new[name].origin.written == nil && old[name].origin.written != nil
                && old[name].value != new[name].value && protects(name, old[name].value)
        }
    }

    /// Whether there were users, and no source says any more whether there are: `users = []` says that there are none.
    package static func losesUsers(from old: Configuration, to new: Configuration) -> Bool {
        !old.users.accounts.isEmpty && new.users.accounts.isEmpty && !new.users.areSaid
    }

    /// Limits of users that would be gone because no source says anything of them any more, as `users: app: keys`. Whoever
    /// wants one gone says so: `keys = ["*"]`, `databases = ["*"]`.
    package static func widened(from old: Configuration, to new: Configuration) -> [String] {
        new.users.accounts.flatMap { account -> [String] in
            guard let before = old.users.accounts.first(where: { $0.name == account.name }) else { return [] }
            let limits = [
                ("keys", !before.keys.isEmpty && account.keys.isEmpty),
                ("databases", !before.databases.isEmpty && account.databases.isEmpty),
            ]
            return limits.filter { $0.1 && !new.users.unlimited.contains("\(account.name): \($0.0)") }
                .map { "\(KeyName.usersTable): \(account.name): \($0.0)" }
        }
    }

    /// Whether a value says more than "everybody, everything".
    private static func protects(_ name: KeyName, _ value: ConfigurationValue) -> Bool {
        switch value {
        case .secret(let secret): !secret.isEmpty
        case .integer(let number): number != 0
        case .flag(let flag): flag
        case .text(let text): name == .tlsAuthClients ? text != "no" : !text.isEmpty
        case .list(let items): !items.isEmpty
        }
    }
}
