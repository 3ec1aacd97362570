/// A call of a library's function: what it was given, and where it leaves its results.
///
/// Arguments count from 1. They stand in registers, so what is read from here lives until the function returns.
struct LuaCall {
    let machine: LuaMachine
    /// The register of the first argument.
    let base: Int
    let count: Int

    var heap: LuaHeap { machine.heap }

    /// An argument; nil when it was not given.
    @inline(__always)
    subscript(index: Int) -> LuaValue {
        index <= count ? machine.registers[base + index - 1] : .nilValue
    }

    func isAbsent(_ index: Int) -> Bool { index > count || self[index].isNil }

    // MARK: Results

    @inline(__always)
    func push(_ value: LuaValue) throws(LuaError) {
        try machine.reserve(machine.top + 1)
        machine.registers[machine.top] = value
        machine.top += 1
    }

    func push(_ bytes: [UInt8]) throws(LuaError) {
        try push(.string(try machine.string(bytes)))
    }

    func push(_ bytes: UnsafeBufferPointer<UInt8>) throws(LuaError) {
        try push(.string(try machine.string(bytes)))
    }

    /// The one result of a function.
    @inline(__always)
    func result(_ value: LuaValue) throws(LuaError) -> Int {
        try push(value)
        return 1
    }

    func result(_ number: Double) throws(LuaError) -> Int { try result(.number(number)) }

    func result(_ bytes: [UInt8]) throws(LuaError) -> Int {
        try push(bytes)
        return 1
    }

    // MARK: Errors

    func error(_ message: String) -> LuaError {
        machine.libraryFailure(Array(message.utf8))
    }

    @inline(never)
    func argumentError(_ index: Int, _ message: String) -> LuaError {
        argumentError(index, Array(message.utf8))
    }

    func argumentError(_ index: Int, _ message: [UInt8]) -> LuaError {
        var index = index
        let called = machine.calledName
        let name = called?.name ?? [63]
        if called?.kind == "method" {
            index -= 1
            if index == 0 {
                return machine.libraryFailure(
                    Array("calling '".utf8) + name + Array("' on bad self (".utf8) + message + [41])
            }
        }
        return machine.libraryFailure(
            Array("bad argument #\(index) to '".utf8) + name + Array("' (".utf8) + message + [41])
    }

    func typeError(_ index: Int, _ expected: String) -> LuaError {
        let got = index > count ? "no value" : self[index].typeName.description
        return argumentError(index, "\(expected) expected, got \(got)")
    }

    // MARK: Arguments

    func any(_ index: Int) throws(LuaError) -> LuaValue {
        guard index <= count else { throw argumentError(index, "value expected") }
        return self[index]
    }

    /// A string; a number becomes one, in its place.
    @inline(__always)
    func string(_ index: Int) throws(LuaError) -> LuaString {
        if case .string(let text) = self[index] { return text }
        return try convertedString(index)
    }

    @inline(never)
    private func convertedString(_ index: Int) throws(LuaError) -> LuaString {
        guard case .number(let number) = self[index] else { throw typeError(index, "string") }
        let text = LuaNumber.string(number, in: heap)
        machine.registers[base + index - 1] = .string(text)
        return text
    }

    @inline(__always)
    func number(_ index: Int) throws(LuaError) -> Double {
        if case .number(let number) = self[index] { return number }
        guard let number = try machine.number(self[index]) else { throw typeError(index, "number") }
        return number
    }

    func number(_ index: Int, or other: Double) throws(LuaError) -> Double {
        isAbsent(index) ? other : try number(index)
    }

    func integer(_ index: Int) throws(LuaError) -> Int {
        LuaNumber.integer(try number(index))
    }

    func integer(_ index: Int, or other: Int) throws(LuaError) -> Int {
        isAbsent(index) ? other : try integer(index)
    }

    /// A whole number of 32 bits, as C's `int`.
    func int(_ index: Int) throws(LuaError) -> Int {
        Int(Int32(truncatingIfNeeded: try integer(index)))
    }

    func int(_ index: Int, or other: Int) throws(LuaError) -> Int {
        isAbsent(index) ? other : try int(index)
    }

    @inline(__always)
    func table(_ index: Int) throws(LuaError) -> LuaTable {
        guard case .table(let table) = self[index] else { throw typeError(index, "table") }
        return table
    }

    func function(_ index: Int) throws(LuaError) -> LuaValue {
        guard self[index].isFunction else { throw typeError(index, "function") }
        return self[index]
    }
}

extension LuaMachine {
    /// Adds functions to a table of a library.
    func register(_ functions: [(StaticString, LuaNative)], in table: LuaTable) {
        for (name, body) in functions { table.set(heap.name(name), .builtin(LuaBuiltin(body))) }
    }

    /// A library as a global.
    @discardableResult
    func library(_ name: StaticString, _ functions: [(StaticString, LuaNative)]) -> LuaTable {
        let table = LuaTable(nodeCount: functions.count, heap: heap)
        register(functions, in: table)
        globals.set(heap.name(name), .table(table))
        return table
    }
}
