internal import Logging

/// The names of log levels: ours, and those that Redis and the original Redistill use.
package enum LogLevelName {
    /// Our names, the least important first.
    package static let all = Logger.Level.allCases.map(\.rawValue)

    /// Other spellings that are understood.
    package static let synonyms = ["warn": "warning", "verbose": "info"]

    /// Redis's four levels, for `CONFIG GET loglevel`.
    package static func redis(_ name: String) -> String {
        switch name {
        case "trace", "debug": "debug"
        case "info": "verbose"
        case "notice": "notice"
        default: "warning"
        }
    }

    /// The place of a level among ``all``.
    static func rank(of name: String) -> Int {
        all.firstIndex(of: name) ?? all.firstIndex(of: Logger.Level.info.rawValue) ?? 0
    }
}
