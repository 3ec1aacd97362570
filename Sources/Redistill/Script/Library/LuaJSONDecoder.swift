internal import Glibc

/// Reads JSON, as lua-cjson does.
struct LuaJSONDecoder {
    private enum Token {
        case objectBegin, objectEnd, arrayBegin, arrayEnd, colon, comma, end
        case string([UInt8])
        case number(Double)
        case boolean(Bool)
        case null
        case error(String)

        var name: String {
            switch self {
            case .objectBegin: "T_OBJ_BEGIN"
            case .objectEnd: "T_OBJ_END"
            case .arrayBegin: "T_ARR_BEGIN"
            case .arrayEnd: "T_ARR_END"
            case .colon: "T_COLON"
            case .comma: "T_COMMA"
            case .end: "T_END"
            case .string: "T_STRING"
            case .number: "T_NUMBER"
            case .boolean: "T_BOOLEAN"
            case .null: "T_NULL"
            case .error(let text): text
            }
        }
    }

    private let call: LuaCall
    private let settings: LuaJSONSettings
    private let text: LuaBytes
    private var at = 0
    private var depth = 0
    /// Where the current token begins.
    private var start = 0

    private static let depthLimit = 1000

    init(_ call: LuaCall, _ text: LuaBytes) {
        self.call = call
        self.text = text
        settings = call.machine.json
    }

    mutating func decode() throws(LuaError) -> LuaValue {
        let value = try value(next())
        let token = next()
        guard case .end = token else { throw unexpected("the end", token) }
        return value
    }

    // MARK: Values

    private func unexpected(_ wanted: String, _ token: Token) -> LuaError {
        call.error("Expected \(wanted) but found \(token.name) at character \(start + 1)")
    }

    private mutating func value(_ token: Token) throws(LuaError) -> LuaValue {
        switch token {
        case .string(let bytes): return .string(try call.machine.string(bytes))
        case .number(let number): return .number(number)
        case .boolean(let flag): return .boolean(flag)
        case .null: return .null
        case .objectBegin: return try object()
        case .arrayBegin: return try array()
        default: throw unexpected("value", token)
        }
    }

    private mutating func descend() throws(LuaError) {
        depth += 1
        try call.machine.spend(1)
        if depth > min(settings.decodeDepth, LuaJSONDecoder.depthLimit) {
            throw call.error("Found too many nested data structures (\(depth)) at character \(at)")
        }
    }

    private mutating func object() throws(LuaError) -> LuaValue {
        try descend()
        let table = try call.machine.table()
        var token = next()
        if case .objectEnd = token {
            depth -= 1
            return .table(table)
        }
        while true {
            guard case .string(let key) = token else { throw unexpected("object key string", token) }
            token = next()
            guard case .colon = token else { throw unexpected("colon", token) }
            let value = try value(next())
            try call.machine.rawSet(table, .string(try call.machine.string(key)), value)
            try call.machine.spend(1)
            token = next()
            if case .objectEnd = token { break }
            guard case .comma = token else { throw unexpected("comma or object end", token) }
            token = next()
        }
        depth -= 1
        return .table(table)
    }

    private mutating func array() throws(LuaError) -> LuaValue {
        try descend()
        let table = try call.machine.table()
        var token = next()
        if case .arrayEnd = token {
            depth -= 1
            return .table(table)
        }
        var index = 1
        while true {
            table.set(index, try value(token))
            index += 1
            try call.machine.checkMemory()
            try call.machine.spend(1)
            token = next()
            if case .arrayEnd = token { break }
            guard case .comma = token else { throw unexpected("comma or array end", token) }
            token = next()
        }
        depth -= 1
        return .table(table)
    }

    // MARK: Tokens

    private mutating func next() -> Token {
        while LuaJSONDecoder.isSpace(text[at]) { at += 1 }
        start = at
        let c = text[at]
        switch c {
        case 0: return .end
        case 123: return single(.objectBegin)
        case 125: return single(.objectEnd)
        case 91: return single(.arrayBegin)
        case 93: return single(.arrayEnd)
        case 44: return single(.comma)
        case 58: return single(.colon)
        case 34: return string()
        case 45, 48...57:
            if !settings.decodesInvalid, isInvalidNumber { return .error("invalid number") }
            return number()
        case 102, 105, 73, 110, 78, 116, 43: return word()
        default: return .error("invalid token")
        }
    }

    private static func isSpace(_ c: UInt8) -> Bool { c == 32 || c == 10 || c == 9 || c == 13 }

    private mutating func single(_ token: Token) -> Token {
        at += 1
        return token
    }

    private func has(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { bytes in bytes.indices.allSatisfy { text[at + $0] == bytes[$0] } }
    }

    private mutating func word() -> Token {
        if has("true") {
            at += 4
            return .boolean(true)
        }
        if has("false") {
            at += 5
            return .boolean(false)
        }
        if has("null") {
            at += 4
            return .null
        }
        return settings.decodesInvalid && isInvalidNumber ? number() : .error("invalid token")
    }

    /// What C reads as a number and JSON doesn't: a plus, hexadecimal, leading zeros, `inf` and `nan`.
    private var isInvalidNumber: Bool {
        var p = at
        if text[p] == 43 { return true }
        if text[p] == 45 { p += 1 }
        if text[p] == 48 {
            return text[p + 1] | 32 == 120 || LuaCharacter.isDigit(text[p + 1])
        }
        if text[p] <= 57 { return false }
        let letters = (0..<3).map { LuaCharacter.lower(text[p + $0]) }
        return letters == [105, 110, 102] || letters == [110, 97, 110]
    }

    private mutating func number() -> Token {
        let from = text.start + at
        let (value, count) = from.withMemoryRebound(to: CChar.self, capacity: 1) { start in
            var end: UnsafeMutablePointer<CChar>?
            let value = strtod(start, &end)
            return (value, end.map { UnsafePointer($0) - start } ?? 0)
        }
        if count == 0 { return .error("invalid number") }
        at += count
        return .number(value)
    }

    private mutating func string() -> Token {
        at += 1
        var bytes: [UInt8] = []
        while text[at] != 34 {
            let c = text[at]
            if c == 0 {
                start = at
                return .error("unexpected end of string")
            }
            if c != 92 {
                bytes.append(c)
                at += 1
            } else if text[at + 1] == 117 {
                guard appendUnicode(&bytes) else {
                    start = at
                    return .error("invalid unicode escape code")
                }
            } else {
                guard let escaped = LuaJSONDecoder.escapes[text[at + 1]] else {
                    start = at
                    return .error("invalid escape code")
                }
                bytes.append(escaped)
                at += 2
            }
        }
        at += 1
        return .string(bytes)
    }

    private static let escapes: [UInt8: UInt8] = [
        34: 34, 92: 92, 47: 47, 98: 8, 116: 9, 110: 10, 102: 12, 114: 13,
    ]

    private func hexadecimal(_ from: Int) -> UInt32? {
        var value: UInt32 = 0
        for index in from..<(from + 4) {
            guard LuaCharacter.isHexadecimal(text[index]), let digit = LuaCharacter.digit(text[index]) else {
                return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func appendUnicode(_ bytes: inout [UInt8]) -> Bool {
        guard var point = hexadecimal(at + 2) else { return false }
        var length = 6
        if point & 0xF800 == 0xD800 {
            guard point & 0x400 == 0, text[at + 6] == 92, text[at + 7] == 117, let low = hexadecimal(at + 8),
                low & 0xFC00 == 0xDC00
            else { return false }
            point = ((point & 0x3FF) << 10 | low & 0x3FF) + 0x10000
            length = 12
        }
        switch point {
        case ..<0x80: bytes.append(UInt8(point))
        case ..<0x800: bytes += [UInt8(point >> 6) | 0xC0, UInt8(point & 63) | 0x80]
        case ..<0x10000:
            bytes += [UInt8(point >> 12) | 0xE0, UInt8(point >> 6 & 63) | 0x80, UInt8(point & 63) | 0x80]
        default:
            bytes += [
                UInt8(point >> 18) | 0xF0, UInt8(point >> 12 & 63) | 0x80, UInt8(point >> 6 & 63) | 0x80,
                UInt8(point & 63) | 0x80,
            ]
        }
        at += length
        return true
    }
}
