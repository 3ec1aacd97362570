/// What HOTKEYS GET tells.
package enum HotKeyList: Sendable, Equatable {
    /// A key and what was spent on it.
    package struct Key: Sendable, Equatable {
        package let name: ByteText
        package internal(set) var microseconds: Int64?
        package internal(set) var bytes: Int64?
    }

    /// What was sampled.
    package struct Sample: Sendable, Equatable {
        package let isActive: Bool
        package let milliseconds: Int64
        /// One of so many commands.
        package let ratio: Int64
        /// Of all commands.
        package let totalMicroseconds: Int64
        package let totalBytes: Int64
        package let keys: [Key]
    }

    /// The server has no such command.
    case unknown
    /// Nothing is sampled, and nothing was.
    case nothing
    case sample(Sample)

    package init(_ reply: RESPValue) {
        switch reply {
        case .error: self = .unknown
        case .array(let items):
            // Redis has the map in an array of one.
            let map = items.count == 1 ? items[0] : reply
            self = map.pairs.isEmpty ? .nothing : .sample(Sample(map.pairs))
        default: self = .nothing
        }
    }
}

extension HotKeyList.Sample {
    fileprivate init(_ pairs: [(name: RESPValue, value: RESPValue)]) {
        var fields: [String: RESPValue] = [:]
        for (name, value) in pairs { fields[name.text?.shown ?? ""] = value }
        func number(_ name: String) -> Int64 { fields[name]?.number ?? 0 }
        isActive = number("tracking-active") == 1
        milliseconds = number("collection-duration-ms")
        ratio = max(1, number("sample-ratio"))
        totalMicroseconds = number("all-commands-all-slots-us")
        totalBytes = number("net-bytes-all-commands-all-slots")
        var keys: [HotKeyList.Key] = []
        for (field, part) in [
            ("by-cpu-time-us", \HotKeyList.Key.microseconds), ("by-net-bytes", \HotKeyList.Key.bytes),
        ] {
            for (name, value) in fields[field]?.pairs ?? [] {
                guard let name = name.text else { continue }
                if let index = keys.firstIndex(where: { $0.name == name }) {
                    keys[index][keyPath: part] = value.number
                } else {
                    var key = HotKeyList.Key(name: name)
                    key[keyPath: part] = value.number
                    keys.append(key)
                }
            }
        }
        self.keys = keys
    }
}
