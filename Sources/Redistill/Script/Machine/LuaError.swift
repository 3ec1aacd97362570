/// What a script threw, or what went wrong in it: any value.
struct LuaError: Error {
    /// Errors may go to other threads, this one never does: it is caught where it is thrown.
    nonisolated(unsafe) var value: LuaValue
    /// The end of the run: `pcall` does not catch it.
    var isFatal = false
}

/// What a metatable may say of its tables.
enum LuaEvent: Int, CaseIterable {
    case index, newIndex, equal, less, lessEqual, call, concat, length
    case add, subtract, multiply, divide, modulo, power, negate
    case tostring, metatable

    var name: StaticString {
        switch self {
        case .index: "__index"
        case .newIndex: "__newindex"
        case .equal: "__eq"
        case .less: "__lt"
        case .lessEqual: "__le"
        case .call: "__call"
        case .concat: "__concat"
        case .length: "__len"
        case .add: "__add"
        case .subtract: "__sub"
        case .multiply: "__mul"
        case .divide: "__div"
        case .modulo: "__mod"
        case .power: "__pow"
        case .negate: "__unm"
        case .tostring: "__tostring"
        case .metatable: "__metatable"
        }
    }
}
