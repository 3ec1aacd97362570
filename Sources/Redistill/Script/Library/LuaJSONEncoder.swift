/// Writes values as JSON, as lua-cjson does.
struct LuaJSONEncoder {
    private let call: LuaCall
    private let settings: LuaJSONSettings
    private(set) var text: [UInt8] = []

    /// However deep a script allows itself to go.
    private static let depthLimit = 1000
    private static let digits = Array("0123456789abcdef".utf8)

    init(_ call: LuaCall) {
        self.call = call
        settings = call.machine.json
    }

    mutating func append(_ value: LuaValue, _ depth: Int) throws(LuaError) {
        switch value {
        case .string(let string):
            try call.machine.spend(string.count >> 5)
            append(string)
        case .number(let number): try append(number, value)
        case .boolean(let flag): append(flag ? "true" : "false")
        case .nilValue, .null: append("null")
        case .table(let table): try append(table, depth + 1)
        case .closure, .builtin: throw failure(value, "type not supported")
        }
        if text.count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
    }

    private func failure(_ value: LuaValue, _ reason: String) -> LuaError {
        call.error("Cannot serialise \(value.typeName): \(reason)")
    }

    private mutating func append(_ known: StaticString) {
        known.withUTF8Buffer { text.append(contentsOf: $0) }
    }

    private mutating func append(_ string: LuaString) {
        text.append(34)
        for byte in string.bytes.buffer {
            switch byte {
            case 34, 92, 47: text += [92, byte]
            case 8: text += [92, 98]
            case 9: text += [92, 116]
            case 10: text += [92, 110]
            case 12: text += [92, 102]
            case 13: text += [92, 114]
            case 0..<32, 127:
                append("\\u00")
                text += [LuaJSONEncoder.digits[Int(byte >> 4)], LuaJSONEncoder.digits[Int(byte & 15)]]
            default: text.append(byte)
            }
        }
        text.append(34)
    }

    private mutating func append(_ number: Double, _ value: LuaValue) throws(LuaError) {
        if !number.isFinite {
            if settings.encodeInvalid == 0 { throw failure(value, "must not be NaN or Inf") }
            if settings.encodeInvalid == 2 { return append("null") }
            if number.isNaN { return append("nan") }
        }
        if settings.precision == 14 {
            text += LuaNumber.text(number)
            return
        }
        let format = "%.\(settings.precision)g".utf8CString.map { $0 }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LuaNumber.room) { buffer in
            guard let start = buffer.baseAddress else { return }
            let count = LuaNumber.format(format, to: start, capacity: LuaNumber.room, number)
            text.append(contentsOf: buffer[..<count])
        }
    }

    private mutating func append(_ table: LuaTable, _ depth: Int) throws(LuaError) {
        if depth > min(settings.encodeDepth, LuaJSONEncoder.depthLimit) {
            throw call.error("Cannot serialise, excessive nesting (\(depth))")
        }
        let count = try arrayCount(table)
        guard count > 0 else { return try appendObject(table, depth) }
        text.append(91)
        for index in 1...count {
            if index > 1 { text.append(44) }
            try call.machine.spend(1)
            try append(table[index], depth)
        }
        text.append(93)
    }

    /// How long an array it is; -1 for an object.
    private func arrayCount(_ table: LuaTable) throws(LuaError) -> Int {
        var largest = 0
        var items = 0
        var key = LuaValue.nilValue
        while case .pair(let next, _) = try call.machine.next(table, after: key) {
            try call.machine.spend(1)
            guard case .number(let number) = next, number >= 1, number.rounded(.down) == number else { return -1 }
            // C converts what is too large for an int to the smallest one.
            let whole = Int(LuaNumber.integer32(number))
            if number > Double(largest) { largest = whole }
            items += 1
            key = next
        }
        if settings.sparseRatio > 0, largest > items * settings.sparseRatio, largest > settings.sparseSafe {
            if !settings.convertsSparse { throw failure(.table(table), "excessively sparse array") }
            return -1
        }
        return largest
    }

    private mutating func appendObject(_ table: LuaTable, _ depth: Int) throws(LuaError) {
        text.append(123)
        var key = LuaValue.nilValue
        var isFirst = true
        while case .pair(let next, let value) = try call.machine.next(table, after: key) {
            try call.machine.spend(1)
            if !isFirst { text.append(44) }
            isFirst = false
            switch next {
            case .number(let number):
                text.append(34)
                try append(number, next)
                append("\":")
            case .string(let string):
                try call.machine.spend(string.count >> 5)
                append(string)
                text.append(58)
            default: throw failure(next, "table key must be a number or string")
            }
            try append(value, depth)
            key = next
        }
        text.append(125)
    }
}
