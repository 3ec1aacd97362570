/// A command's reply, in RESP, as a value of the language.
struct ReplyReader {
    private let machine: LuaMachine
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    private static let depthLimit = 1000

    init(_ machine: LuaMachine, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.machine = machine
        self.bytes = bytes
    }

    private func malformed() -> LuaError {
        machine.libraryFailure(Array("a reply could not be read".utf8))
    }

    /// Up to the end of the line.
    private mutating func line() throws(LuaError) -> UnsafeBufferPointer<UInt8> {
        let start = at
        while at + 1 < bytes.count {
            if bytes[at] == 13, bytes[at + 1] == 10 {
                at += 2
                return UnsafeBufferPointer(rebasing: bytes[start..<(at - 2)])
            }
            at += 1
        }
        throw malformed()
    }

    private mutating func integer() throws(LuaError) -> Int {
        let text = try line()
        var value = 0
        let isNegative = text.first == 45
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            guard LuaCharacter.isDigit(byte) else { throw malformed() }
            value = value &* 10 &- Int(byte &- 48)
        }
        return isNegative ? value : 0 &- value
    }

    private mutating func take(_ count: Int) throws(LuaError) -> UnsafeBufferPointer<UInt8> {
        guard count >= 0, bytes.count - at - 2 >= count else { throw malformed() }
        let taken = UnsafeBufferPointer(rebasing: bytes[at..<(at + count)])
        at += count + 2
        return taken
    }

    private func field(_ name: LuaString, _ value: LuaValue) throws(LuaError) -> LuaValue {
        let table = try machine.table()
        table.set(name, value)
        return .table(table)
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(LuaError) -> LuaValue {
        .string(try machine.string(bytes))
    }

    mutating func value(_ depth: Int = 0) throws(LuaError) -> LuaValue {
        guard depth < ReplyReader.depthLimit, at < bytes.count else { throw malformed() }
        let kind = bytes[at]
        at += 1
        switch kind {
        case 36: // $
            let count = try integer()
            return count < 0 ? .boolean(false) : try text(take(count))
        case 58: return .number(Double(try integer())) // :
        case 43: return try field(machine.names.ok, text(line())) // +
        case 45: return try error(line()) // -
        case 42: // *
            let count = try integer()
            return count < 0 ? .boolean(false) : try array(count, depth)
        default: return try other(kind, depth)
        }
    }

    /// What only RESP 3 has.
    private mutating func other(_ kind: UInt8, _ depth: Int) throws(LuaError) -> LuaValue {
        switch kind {
        case 95: // _
            _ = try line()
            return .nilValue
        case 35: return .boolean(try line().first == 116) // #
        case 44: // ,
            let number = LuaNumber.parse(LuaString.make(try line(), in: machine.heap))
            return try field(machine.names.double, .number(number ?? .nan))
        case 40: return try field(machine.names.bigNumber, text(line())) // (
        case 61: // =
            let content = try take(integer())
            guard content.count >= 4 else { throw malformed() }
            let table = try machine.table()
            table.set(machine.names.string, try text(UnsafeBufferPointer(rebasing: content[4...])))
            table.set(machine.names.format, try text(UnsafeBufferPointer(rebasing: content[..<3])))
            return try field(machine.names.verbatim, .table(table))
        case 37: return try map(integer(), depth) // %
        case 126: return try set(integer(), depth) // ~
        case 124: // |
            for _ in 0..<max(0, try integer()) {
                _ = try value(depth + 1)
                _ = try value(depth + 1)
            }
            return try value(depth)
        default: throw malformed()
        }
    }

    private mutating func array(_ count: Int, _ depth: Int) throws(LuaError) -> LuaValue {
        let table = try machine.table()
        for index in stride(from: 1, through: count, by: 1) {
            table.set(index, try value(depth + 1))
            try machine.checkMemory()
        }
        return .table(table)
    }

    private mutating func map(_ count: Int, _ depth: Int) throws(LuaError) -> LuaValue {
        let table = try machine.table()
        for _ in 0..<max(0, count) {
            let key = try value(depth + 1)
            try machine.rawSet(table, key, try value(depth + 1))
        }
        return try field(machine.names.map, .table(table))
    }

    private mutating func set(_ count: Int, _ depth: Int) throws(LuaError) -> LuaValue {
        let table = try machine.table()
        for _ in 0..<max(0, count) { try machine.rawSet(table, try value(depth + 1), .boolean(true)) }
        return try field(machine.names.set, .table(table))
    }

    private func error(_ line: UnsafeBufferPointer<UInt8>) throws(LuaError) -> LuaValue {
        let made = try machine.errorTable([45] + Array(line))
        made.set(machine.names.ignoreStats, .boolean(true))
        return .table(made)
    }
}

extension LuaMachine {
    /// The table that an error is: of `-CODE text`, or of a text that gets the code `ERR`.
    func errorTable(_ bytes: [UInt8]) throws(LuaError) -> LuaTable {
        var code = Array("ERR".utf8)
        var message = bytes[...]
        if bytes.first == 45 {
            message = bytes.dropFirst()
            if let space = message.firstIndex(of: 32) {
                code = Array(message[..<space])
                message = message[(space + 1)...]
            }
        }
        while let last = message.last, last == 10 || last == 13 { message.removeLast() }
        while let first = message.first, first == 10 || first == 13 { message.removeFirst() }
        let made = try table()
        made.set(names.err, .string(try string(code + [32] + message)))
        return made
    }

    func redisError(_ message: String) -> LuaError {
        do throws(LuaError) {
            return LuaError(value: .table(try errorTable(Array(message.utf8))))
        } catch {
            return error
        }
    }
}
