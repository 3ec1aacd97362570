/// What the first line of a script asks for, by `#!lua flags=...`.
package struct ScriptHeader: Sendable, Equatable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let noWrites = Flags(rawValue: 1)
        package static let allowOOM = Flags(rawValue: 2)
        package static let allowStale = Flags(rawValue: 4)
        package static let noCluster = Flags(rawValue: 8)
        package static let allowCrossSlotKeys = Flags(rawValue: 16)

        fileprivate static let names: [String: Flags] = [
            "no-writes": noWrites, "allow-oom": allowOOM, "allow-stale": allowStale, "no-cluster": noCluster,
            "allow-cross-slot-keys": allowCrossSlotKeys,
        ]
    }

    /// Nil for a script without such a line: it may do what commands may.
    package let flags: Flags?
    /// Where the language begins: at the end of that line, so that lines keep their numbers.
    let end: Int

    init(_ source: [UInt8]) throws(ScriptError) {
        guard source.starts(with: "#!".utf8) else {
            flags = nil
            end = 0
            return
        }
        guard let newline = source.firstIndex(of: 10) else { throw ScriptError("Invalid script shebang") }
        end = newline
        let words = source[..<newline].split(whereSeparator: LuaCharacter.isSpace)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.first == "#!lua" else {
            throw ScriptError("Unexpected engine in script shebang: \(words.first ?? "")")
        }
        var found: Flags = []
        for word in words.dropFirst() {
            guard word.hasPrefix("flags=") else { throw ScriptError("Unknown lua shebang option: \(word)") }
            let names = word.dropFirst(6)
            if names.isEmpty { continue }
            for name in names.split(separator: ",", omittingEmptySubsequences: false) {
                guard let flag = Flags.names[String(name)] else {
                    throw ScriptError("Unexpected flag in script shebang: \(name)")
                }
                found.insert(flag)
            }
        }
        flags = found
    }
}

/// Why a text is no script: an error reply, without its minus.
package struct ScriptError: Error, CustomStringConvertible {
    package let reply: [UInt8]

    init(_ message: String) {
        self.init(Array(message.utf8))
    }

    /// With a code of its own in front.
    package init(code: String, _ message: String) {
        reply = Array("\(code) \(message)".utf8)
    }

    init(_ message: [UInt8]) {
        reply = Array("ERR ".utf8) + message.map { $0 == 10 || $0 == 13 ? 32 : $0 }
    }

    package var description: String { String(decoding: reply, as: UTF8.self) }
}
