internal import TOMLKit

/// A key and its value in a TOML document.
struct TOMLEntry: Equatable {
    /// Nil for a key above the first section.
    let section: String?
    let key: String
    let value: RawValue
    /// From 1.
    let line: Int
    /// Of a table of `[[users]]`: the lines of its own keys, as far as they stand alone.
    var fieldLines: [String: Int] = [:]
}

/// Reads TOML into entries. The only place that knows TOMLKit.
enum TOMLSource {
    /// The document's entries in no particular order; sections without keys are given as `emptySections`.
    static func entries(of text: String, path: String) throws(ConfigurationError) -> [TOMLEntry] {
        // TOMLKit hands the text over as a C string, which would end at a NUL unnoticed.
        guard !text.utf8.contains(0) else { throw invalid("a NUL byte", path: path, line: 1) }
        guard !holdsNULEscape(text) else { throw invalid("a NUL, which no value may hold", path: path, line: 1) }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw unparsed(error, in: text, path: path)
        } catch {
            throw invalid("\(error)", path: path, line: 1)
        }
        let positions = TOMLPositions(of: text)
        var entries: [TOMLEntry] = []
        for (name, value) in table {
            if name == databases, value.type == .array {
                entries.append(try shares(value, path: path, line: positions.line(section: name, key: nil)))
                continue
            }
            if name == KeyName.usersTable, value.type == .array {
                entries += users(value, positions)
                continue
            }
            guard let section = value.table else {
                let line = positions.line(section: nil, key: name)
                entries.append(TOMLEntry(section: nil, key: name, value: raw(value), line: line))
                continue
            }
            if section.isEmpty {
                let line = positions.line(section: name, key: nil)
                entries.append(TOMLEntry(section: name, key: "", value: .other("table"), line: line))
            }
            for (key, value) in section {
                let line = positions.line(section: name, key: key)
                entries.append(TOMLEntry(section: name, key: key, value: raw(value), line: line))
            }
        }
        let shares = entries.filter { $0.key == KeyName.databaseShares.rawValue }.map(\.line)
        if shares.count > 1, let line = shares.max() {
            let wanted = "the shares of databases are told twice, as database_shares and as [[databases]]; one has to go"
            throw ConfigurationError([ConfigurationRemark(wanted, at: .file(path: path, line: line))])
        }
        return entries.sorted { ($0.line, $0.key) < ($1.line, $1.key) }
    }

    private static let databases = "databases"

    /// `[[databases]]` says one key of `[memory]` in the words of a table for each database.
    private static func shares(
        _ tables: any TOMLValueConvertible, path: String, line: Int
    ) throws(ConfigurationError) -> TOMLEntry {
        var shares: [RawValue] = []
        for item in tables.array ?? TOMLArray() {
            guard let table = item.table, table.keys.sorted() == ["max_memory_share", "number"],
                let number = table["number"]?.int, let share = table["max_memory_share"]?.string
            else {
                let wanted = "[[databases]] takes number, from 0 to 255, and max_memory_share, such as \"20%\", both"
                throw ConfigurationError([ConfigurationRemark(wanted, at: .file(path: path, line: line))])
            }
            shares.append(.text("\(number):\(share)"))
        }
        return TOMLEntry(
            section: ConfigurationSection.memory.rawValue, key: KeyName.databaseShares.rawValue, value: .list(shares),
            line: line)
    }

    /// `[[users]]`: an entry for each table, or the one of `users = []`, or what is no such thing.
    private static func users(_ value: any TOMLValueConvertible, _ positions: TOMLPositions) -> [TOMLEntry] {
        let name = KeyName.usersTable
        let line = positions.line(section: name, key: nil)
        let items = value.array.map { Array($0) } ?? []
        guard !items.isEmpty, items.allSatisfy({ $0.table != nil }) else {
            return [TOMLEntry(section: nil, key: name, value: raw(value), line: line)]
        }
        return items.enumerated().map { index, item in
            var fields: [String: RawValue] = [:]
            var lines: [String: Int] = [:]
            let place = TOMLPositions.name(ofTable: name, index)
            for (key, value) in item.table ?? TOMLTable() {
                fields[key] = raw(value)
                lines[key] = positions.exactLine(section: place, key: key)
            }
            return TOMLEntry(
                section: name, key: "", value: .table(fields),
                line: positions.exactLine(section: place, key: "") ?? line, fieldLines: lines)
        }
    }

    /// Values come back as C strings too, so that a secret "a\u0000b" would count as "a".
    private static func holdsNULEscape(_ text: String) -> Bool {
        var isEscaped = false
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if isEscaped {
                if byte == UInt8(ascii: "u"), rest.starts(with: "0000".utf8) { return true }
                if byte == UInt8(ascii: "U"), rest.starts(with: "00000000".utf8) { return true }
            }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return false
    }

    private static func raw(_ value: any TOMLValueConvertible) -> RawValue {
        switch value.type {
        case .string: .text(value.string ?? "")
        case .int: .integer(value.int.map(Int64.init) ?? 0)
        case .double: .fraction(value.double ?? 0)
        case .bool: .flag(value.bool ?? false)
        case .array: .list(value.array?.map(raw) ?? [])
        case .table: .other("table")
        case .date, .time, .dateTime: .other("date or time")
        }
    }

    /// What the parser says of a line, or what that line was probably meant to say.
    private static func unparsed(_ error: TOMLParseError, in text: String, path: String) -> ConfigurationError {
        let number = error.source.begin.line
        let lines = TOMLPositions.split(text)
        // A line that is fine by itself, such as a key's second, is wrong for another reason.
        guard lines.indices.contains(number - 1), (try? TOMLTable(string: String(lines[number - 1]))) == nil,
            let hint = TOMLHint(line: lines[number - 1])
        else { return invalid(error.description, path: path, line: number) }
        return ConfigurationError([
            ConfigurationRemark(hint.message, key: hint.key, at: .file(path: path, line: number))
        ])
    }

    private static func invalid(_ reason: String, path: String, line: Int) -> ConfigurationError {
        ConfigurationError([ConfigurationRemark("not valid TOML: \(reason)", at: .file(path: path, line: line))])
    }
}
