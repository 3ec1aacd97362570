internal import Logging

/// The log lines of a change: a line for each key, with both values and who did it.
enum ChangeLog {
    /// A line for each user that has come, gone, or is another: what it may do, and nothing of its password.
    private static func writeUsers(from old: Users, to new: Users, to logger: Logger) {
        for user in old.accounts where !new.accounts.contains(where: { $0.name == user.name }) {
            logger.notice("a user is gone, and its connections are closed", metadata: ["user": "\(user.name)"])
        }
        for user in new.accounts {
            let before = old.accounts.first { $0.name == user.name }
            guard before != user else { continue }
            var metadata: Logger.Metadata = ["user": "\(user.name)", "role": "\(user.role.rawValue)"]
            if !user.keys.isEmpty { metadata["keys"] = "\(user.keys.joined(separator: " "))" }
            if !user.databases.isEmpty { metadata["databases"] = "\(user.databases.map(String.init).joined(separator: " "))" }
            let message: Logger.Message =
                switch before {
                case nil: "a user is new"
                case .some(let before) where before.mayDoTheSame(as: user): "a user has another password"
                default: "a user may do something else, and its connections are closed"
                }
            logger.notice(message, metadata: metadata)
        }
    }

    static func write(from old: Configuration, to new: Configuration, askedBy peer: String?, to logger: Logger) {
        for key in new.differences(from: old) {
            var metadata: Logger.Metadata = [
                "from": "\(ConfigGet.own(key.name, old))", "to": "\(ConfigGet.own(key.name, new))",
                "by": "\(new[key.name].origin.place)",
            ]
            if let peer { metadata["client"] = "\(peer)" }
            logger.notice("\(key.name.rawValue) changed", metadata: metadata)
        }
        writeUsers(from: old.users, to: new.users, to: logger)
    }
}
