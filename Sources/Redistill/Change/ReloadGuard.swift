/// What a reload must not take away by silence.
///
/// A configuration file that a full disk has cut, or that somebody has emptied, says nothing; that must not open the
/// door. So a guarded key that was set, and that no source sets any more, keeps the reload from happening. Whoever wants
/// it gone says so: `password = ""`, `max_memory = 0`.
///
/// `port`, `bind`, `tls_enabled` and the like are not here: they change at a restart only.
package enum ReloadGuard {
    /// Access, its encryption, and the limit that keeps the machine alive.
    static let keys: [KeyName] = [
        .password, .healthToken, .protectedMode, .tlsAuthClients, .tlsMinVersion, .tlsCiphers, .tlsCiphersuites,
        .tlsGroups, .maxMemory,
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
