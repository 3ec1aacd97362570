/// A server's INFO, by name.
package struct ServerInfo: Sendable, Equatable {
    /// What a server counts of one command since its start.
    package struct Command: Sendable, Equatable {
        package let calls: Int64
        package let microseconds: Double
        /// Calls that replied with an error, and calls refused before they were made.
        package let failures: Int64
    }

    private let fields: [String: String]
    /// By the command's name.
    package let commands: [String: Command]
    /// Error replies by code.
    package let errors: [String: Int64]
    /// Of all databases.
    package let keys: Int64
    package let expiring: Int64

    package init(_ text: String) {
        var fields: [String: String] = [:]
        var commands: [String: Command] = [:]
        var errors: [String: Int64] = [:]
        var keys: Int64 = 0
        var expiring: Int64 = 0
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon]
            let value = line[line.index(after: colon)...]
            if name.hasPrefix("cmdstat_") {
                commands[String(name.dropFirst(8))] = Command(Self.parts(of: value))
            } else if name.hasPrefix("errorstat_") {
                errors[String(name.dropFirst(10))] = Self.parts(of: value)["count"].flatMap { Int64($0) }
            } else if name.hasPrefix("db"), value.hasPrefix("keys=") {
                let parts = Self.parts(of: value)
                keys += parts["keys"].flatMap { Int64($0) } ?? 0
                expiring += parts["expires"].flatMap { Int64($0) } ?? 0
            } else {
                fields[String(name)] = String(value)
            }
        }
        self.fields = fields
        self.commands = commands
        self.errors = errors
        self.keys = keys
        self.expiring = expiring
    }

    package func text(_ name: String) -> String? { fields[name] }

    package func number(_ name: String) -> Double? { fields[name].flatMap { Double($0) } }

    /// `calls=1,usec=24` by name.
    private static func parts(of text: Substring) -> [Substring: Substring] {
        var parts: [Substring: Substring] = [:]
        for part in text.split(separator: ",") {
            guard let sign = part.firstIndex(of: "=") else { continue }
            parts[part[..<sign]] = part[part.index(after: sign)...]
        }
        return parts
    }
}

extension ServerInfo.Command {
    fileprivate init(_ parts: [Substring: Substring]) {
        calls = parts["calls"].flatMap { Int64($0) } ?? 0
        microseconds = parts["usec"].flatMap { Double($0) } ?? 0
        failures = ["failed_calls", "rejected_calls"].reduce(0) { sum, name in
            sum + (parts[name[...]].flatMap { Int64($0) } ?? 0)
        }
    }
}
