/// What a script may set of `cjson`, for the rest of its run.
struct LuaJSONSettings {
    var convertsSparse = false
    var sparseRatio = 2
    var sparseSafe = 10
    var encodeDepth = 1000
    var decodeDepth = 1000
    /// 0 refuses them, 1 writes them, 2 writes null.
    var encodeInvalid = 0
    var decodesInvalid = true
    var precision = 14
    var keepsBuffer = true
}

/// The library `cjson`.
enum LuaJSON {
    static func install(in machine: LuaMachine) {
        let library = machine.library("cjson", functions)
        library.set(machine.heap.name("null"), .null)
        library.set(machine.heap.name("_NAME"), .string(machine.heap.name("cjson")))
        library.set(machine.heap.name("_VERSION"), .string(machine.heap.name("2.1.0")))
    }

    private static var functions: [(StaticString, LuaNative)] {
        [
            ("encode", encode), ("decode", decode), ("encode_sparse_array", encodeSparseArray),
            ("encode_max_depth", integer(\.encodeDepth, 1, Int(Int32.max))),
            ("decode_max_depth", integer(\.decodeDepth, 1, Int(Int32.max))),
            ("encode_number_precision", integer(\.precision, 1, 14)),
            ("encode_keep_buffer", flag(\.keepsBuffer)), ("encode_invalid_numbers", encodeInvalidNumbers),
            ("decode_invalid_numbers", flag(\.decodesInvalid)), ("new", new),
        ]
    }

    static func new(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.machine.table(nodeCount: 16)
        call.machine.register(functions, in: table)
        table.set(call.heap.name("null"), .null)
        table.set(call.heap.name("_NAME"), .string(call.heap.name("cjson")))
        table.set(call.heap.name("_VERSION"), .string(call.heap.name("2.1.0")))
        return try call.result(.table(table))
    }

    static func encode(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.argumentError(1, "expected 1 argument") }
        var encoder = LuaJSONEncoder(call)
        try encoder.append(call[1], 0)
        return try call.result(encoder.text)
    }

    static func decode(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.argumentError(1, "expected 1 argument") }
        let text = try call.string(1)
        if text.count >= 2, text.bytes[0] == 0 || text.bytes[1] == 0 {
            throw call.error("JSON parser does not support UTF-16 or UTF-32")
        }
        try call.machine.spend(text.count >> 3)
        var decoder = LuaJSONDecoder(call, text.bytes)
        return try call.result(try decoder.decode())
    }

    // MARK: Settings

    private static func checkCount(_ call: LuaCall, _ limit: Int) throws(LuaError) {
        if call.count > limit { throw call.argumentError(limit + 1, "found too many arguments") }
    }

    private static func setInteger(
        _ call: LuaCall, _ index: Int, _ path: WritableKeyPath<LuaJSONSettings, Int>, _ low: Int, _ high: Int
    ) throws(LuaError) {
        if !call.isAbsent(index) {
            let value = try call.int(index)
            guard (low...high).contains(value) else {
                throw call.argumentError(1, "expected integer between \(low) and \(high)")
            }
            call.machine.json[keyPath: path] = value
        }
        try call.push(.number(Double(call.machine.json[keyPath: path])))
    }

    private static func setFlag(
        _ call: LuaCall, _ index: Int, _ path: WritableKeyPath<LuaJSONSettings, Bool>
    ) throws(LuaError) {
        switch call[index] {
        case .nilValue: break
        case .boolean(let value): call.machine.json[keyPath: path] = value
        default: call.machine.json[keyPath: path] = try option(call, index, ["off", "on"]) == 1
        }
        try call.push(.boolean(call.machine.json[keyPath: path]))
    }

    private static func option(_ call: LuaCall, _ index: Int, _ options: [String]) throws(LuaError) -> Int {
        let text = Array(try call.string(index).bytes.untilZero)
        guard let found = options.firstIndex(where: { text.elementsEqual($0.utf8) }) else {
            throw call.argumentError(index, Array("invalid option '".utf8) + text + [39])
        }
        return found
    }

    private static func integer(_ path: WritableKeyPath<LuaJSONSettings, Int>, _ low: Int, _ high: Int) -> LuaNative {
        nonisolated(unsafe) let path = path
        return { (call) throws(LuaError) in
            try checkCount(call, 1)
            try setInteger(call, 1, path, low, high)
            return 1
        }
    }

    private static func flag(_ path: WritableKeyPath<LuaJSONSettings, Bool>) -> LuaNative {
        nonisolated(unsafe) let path = path
        return { (call) throws(LuaError) in
            try checkCount(call, 1)
            try setFlag(call, 1, path)
            return 1
        }
    }

    static func encodeSparseArray(_ call: LuaCall) throws(LuaError) -> Int {
        try checkCount(call, 3)
        try setFlag(call, 1, \.convertsSparse)
        try setInteger(call, 2, \.sparseRatio, 0, Int(Int32.max))
        try setInteger(call, 3, \.sparseSafe, 0, Int(Int32.max))
        return 3
    }

    static func encodeInvalidNumbers(_ call: LuaCall) throws(LuaError) -> Int {
        try checkCount(call, 1)
        switch call[1] {
        case .nilValue: break
        case .boolean(let value): call.machine.json.encodeInvalid = value ? 1 : 0
        default: call.machine.json.encodeInvalid = try option(call, 1, ["off", "on", "null"])
        }
        let value = call.machine.json.encodeInvalid
        return try call.result(value == 2 ? .string(call.heap.name("null")) : .boolean(value == 1))
    }
}
