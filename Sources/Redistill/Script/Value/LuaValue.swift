/// A value of the language.
enum LuaValue {
    case nilValue
    case boolean(Bool)
    case number(Double)
    case string(LuaString)
    case table(LuaTable)
    case closure(LuaClosure)
    case builtin(LuaBuiltin)
    /// `cjson.null`: in Lua's words a light userdata.
    case null

    @inline(__always)
    var isNil: Bool {
        if case .nilValue = self { return true }
        return false
    }

    /// All but nil and false.
    @inline(__always)
    var isTrue: Bool {
        switch self {
        case .nilValue: return false
        case .boolean(let value): return value
        default: return true
        }
    }

    var isFunction: Bool {
        switch self {
        case .closure, .builtin: return true
        default: return false
        }
    }

    /// The name that `type` gives.
    var typeName: StaticString {
        switch self {
        case .nilValue: "nil"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .table: "table"
        case .closure, .builtin: "function"
        case .null: "userdata"
        }
    }

    /// Where the object lies, for `tostring` and for hashing.
    var address: UInt {
        switch self {
        case .table(let table): UInt(bitPattern: ObjectIdentifier(table))
        case .closure(let closure): UInt(bitPattern: ObjectIdentifier(closure))
        case .builtin(let builtin): UInt(bitPattern: ObjectIdentifier(builtin))
        default: 0
        }
    }

    /// Equal without a look at metatables.
    @inline(__always)
    func rawEquals(_ other: LuaValue) -> Bool {
        switch (self, other) {
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a.equals(b)
        case (.nilValue, .nilValue), (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.table(let a), .table(let b)): a === b
        case (.closure(let a), .closure(let b)): a === b
        case (.builtin(let a), .builtin(let b)): a === b
        default: false
        }
    }

    /// Of one type, by its name.
    func isOfType(of other: LuaValue) -> Bool {
        typeName.utf8Start == other.typeName.utf8Start || typeName.description == other.typeName.description
    }

    /// The number that this is or spells.
    @inline(__always)
    var asNumber: Double? {
        switch self {
        case .number(let value): value
        case .string(let text): LuaNumber.parse(text)
        default: nil
        }
    }
}
