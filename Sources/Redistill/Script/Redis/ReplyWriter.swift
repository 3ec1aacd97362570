/// A value of the language as a client's reply, in RESP.
struct ReplyWriter {
    private let machine: LuaMachine
    /// What the script chose by `setresp`.
    private let scriptResp: Int
    /// What the client speaks.
    private let resp: Int
    /// What was there before, and the reply behind it.
    private(set) var bytes: [UInt8]

    private static let depthLimit = 1000

    init(_ machine: LuaMachine, scriptResp: Int, resp: Int, behind bytes: consuming [UInt8]) {
        self.bytes = bytes
        self.machine = machine
        self.scriptResp = scriptResp
        self.resp = resp
    }

    mutating func append(_ value: LuaValue, _ depth: Int) throws(LuaError) {
        guard depth < ReplyWriter.depthLimit else {
            bytes += Array("-ERR reached lua stack limit\r\n".utf8)
            return
        }
        try machine.spend(1)
        if bytes.count > machine.heap.limit &- machine.heap.bytes { throw machine.outOfMemory() }
        switch value {
        case .string(let text): bulk(text.bytes.buffer)
        case .number(let number): line(58, LuaNumber.integer(number))
        case .boolean(let flag):
            if scriptResp == 2 {
                if flag { line(58, 1) } else { null() }
            } else if resp == 2 {
                line(58, flag ? 1 : 0)
            } else {
                bytes += [35, flag ? 116 : 102, 13, 10]
            }
        case .table(let table):
            if try !appendMarked(table, depth) { try appendArray(table, depth) }
        default: null()
        }
    }

    // MARK: Lines

    private mutating func line(_ kind: UInt8, _ number: Int) {
        bytes.append(kind)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LuaNumber.room) { buffer in
            guard let start = buffer.baseAddress else { return }
            bytes.append(contentsOf: buffer[..<LuaNumber.write(number, to: start)])
        }
        bytes += [13, 10]
    }

    /// A line of text, in which line ends become spaces.
    private mutating func line(_ kind: UInt8, _ text: some Sequence<UInt8>) {
        bytes.append(kind)
        bytes.append(contentsOf: text.map { $0 == 10 || $0 == 13 ? 32 : $0 })
        bytes += [13, 10]
    }

    private mutating func bulk(_ text: UnsafeBufferPointer<UInt8>) {
        line(36, text.count)
        bytes.append(contentsOf: text)
        bytes += [13, 10]
    }

    private mutating func bulk(_ text: [UInt8]) {
        text.withUnsafeBufferPointer { bulk($0) }
    }

    private mutating func null() {
        bytes += resp == 2 ? [36, 45, 49, 13, 10] : [95, 13, 10]
    }

    // MARK: Tables

    private mutating func appendArray(_ table: LuaTable, _ depth: Int) throws(LuaError) {
        var count = 0
        while !table[count + 1].isNil { count += 1 }
        line(42, count)
        for index in stride(from: 1, through: count, by: 1) { try append(table[index], depth + 1) }
    }

    /// A table that stands for another kind of reply by the name of its field.
    private mutating func appendMarked(_ table: LuaTable, _ depth: Int) throws(LuaError) -> Bool {
        if table.nodeCount == 0 { return false }
        let names = machine.names
        if case .string(let text) = table[names.err] {
            var message = Array(text.bytes.untilZero)
            while let last = message.last, last == 10 || last == 13 { message.removeLast() }
            line(45, message)
        } else if case .string(let text) = table[names.ok] {
            line(43, text.bytes.untilZero)
        } else if case .number(let number) = table[names.double] {
            let text = ScriptNumber.shortest(number)
            if resp == 2 { bulk(text) } else { line(44, text) }
        } else if case .string(let text) = table[names.bigNumber] {
            let digits = text.bytes.buffer.map { $0 == 10 || $0 == 13 ? 32 : $0 }
            if resp == 2 { bulk(digits) } else { line(40, digits) }
        } else if case .table(let inner) = table[names.verbatim],
            case .string(let format) = inner[names.format], case .string(let text) = inner[names.string] {
            verbatim(format.bytes, text.bytes)
        } else if case .table(let map) = table[names.map] {
            try appendPairs(map, depth, hasValues: true)
        } else if case .table(let set) = table[names.set] {
            try appendPairs(set, depth, hasValues: false)
        } else {
            return false
        }
        return true
    }

    private mutating func verbatim(_ format: LuaBytes, _ text: LuaBytes) {
        if resp == 2 { return bulk(text.buffer) }
        line(61, text.count + 4)
        bytes += (0..<3).map { format[$0] == 0 ? 32 : format[$0] } + [58]
        bytes.append(contentsOf: text.buffer)
        bytes += [13, 10]
    }

    private mutating func appendPairs(_ table: LuaTable, _ depth: Int, hasValues: Bool) throws(LuaError) {
        var count = 0
        var key = LuaValue.nilValue
        while case .pair(let next, _) = try machine.next(table, after: key) {
            count += 1
            key = next
        }
        if resp == 2 {
            line(42, hasValues ? 2 * count : count)
        } else {
            line(hasValues ? 37 : 126, count)
        }
        key = .nilValue
        while case .pair(let next, let value) = try machine.next(table, after: key) {
            try append(next, depth + 1)
            if hasValues { try append(value, depth + 1) }
            key = next
        }
    }
}
