internal import Logging

/// The log lines of a change: a line for each key, with both values and who did it.
enum ChangeLog {
    static func write(from old: Configuration, to new: Configuration, askedBy peer: String?, to logger: Logger) {
        for key in new.differences(from: old) {
            var metadata: Logger.Metadata = [
                "from": "\(ConfigGet.own(key.name, old))", "to": "\(ConfigGet.own(key.name, new))",
                "by": "\(new[key.name].origin.place)",
            ]
            if let peer { metadata["client"] = "\(peer)" }
            logger.notice("\(key.name.rawValue) changed", metadata: metadata)
        }
    }
}
