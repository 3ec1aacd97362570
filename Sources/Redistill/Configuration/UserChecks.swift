/// What `[[users]]` and the rest of a configuration say to each other.
enum UserChecks {
    static func problems(_ configuration: Configuration) -> [ConfigurationRemark] {
        let count = Int(configuration.integer(.databases))
        return configuration.users.accounts.compactMap { user in
            user.databases.first { $0 >= count }.map { database in
                remark("there is no database \(database): databases is \(count)", user, "databases", configuration)
            }
        }
    }

    static func notes(_ configuration: Configuration) -> [ConfigurationRemark] {
        let users = configuration.users
        var notes: [ConfigurationRemark] = []
        if !users.accounts.isEmpty, configuration.secret(.password).isEmpty {
            notes.append(
                ConfigurationRemark(
                    "there are users, and default needs no password: whoever connects may do everything without being one "
                        + "of them; write a password", key: KeyName.password.rawValue, isWarning: true))
        }
        for user in users.accounts where user.password == nil {
            notes.append(
                remark(
                    "any password is right: whoever knows the name has the role \"\(user.role.rawValue)\"; write a password",
                    user, "password", configuration, isWarning: true))
        }
        for user in users.accounts where user.role == .admin && !(user.keys.isEmpty && user.databases.isEmpty) {
            notes.append(
                remark(
                    "an admin can see what others do (MONITOR, SLOWLOG) and change settings (CONFIG SET), whatever keys and "
                        + "databases say", user, "role", configuration))
        }
        return notes
    }

    private static func remark(
        _ message: String, _ user: UserAccount, _ field: String, _ configuration: Configuration, isWarning: Bool = false
    ) -> ConfigurationRemark {
        ConfigurationRemark(
            message, key: "users: \(user.name): \(field)", at: configuration.users.origins[user.name],
            isWarning: isWarning)
    }
}
