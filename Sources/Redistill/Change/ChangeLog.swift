internal import Logging

/// The log lines of a change: a line for each key, with both values and who did it.
enum ChangeLog {
    static func write(from old: Configuration, to new: Configuration, to logger: Logger) {
        for key in new.differences(from: old) {
            logger.notice(
                "\(key.name.rawValue) changed",
                metadata: [
                    "from": "\(ConfigGet.own(key.name, old))", "to": "\(ConfigGet.own(key.name, new))",
                    "by": "\(new[key.name].origin.place)",
                ])
        }
    }
}
