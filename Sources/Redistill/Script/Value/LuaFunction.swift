/// A function that a script wrote, with the variables that it took from around it.
final class LuaClosure: LuaObject {
    let code: LuaCode
    @exclusivity(unchecked) var upvalues: [LuaUpvalue]

    init(code: LuaCode, upvalues: [LuaUpvalue], heap: LuaHeap) {
        self.code = code
        self.upvalues = upvalues
        super.init(heap: heap)
        heap.bytes &+= LuaClosure.size(upvalues.count)
    }

    deinit {
        unlink()
        heap.bytes &-= LuaClosure.size(count)
        letGo()
    }

    /// Of upvalues, once and for all: they are taken away at the end of a run.
    private var count: Int { code.upvalues.count }

    private static func size(_ upvalues: Int) -> Int { 96 + 8 * upvalues }

    override func letGo() {
        if upvalues.isEmpty { return }
        var held: [LuaUpvalue] = []
        swap(&held, &upvalues)
        heap.bury(.upvalues(consume held))
    }
}

/// A variable that outlives, or may outlive, the function that declared it.
final class LuaUpvalue: LuaObject {
    /// Its place in the registers while its function runs, then -1.
    @exclusivity(unchecked) var register: Int
    /// What it holds after that.
    @exclusivity(unchecked) var value: LuaValue = .nilValue

    init(register: Int, heap: LuaHeap) {
        self.register = register
        super.init(heap: heap)
        heap.bytes &+= LuaUpvalue.size
    }

    deinit {
        unlink()
        heap.bytes &-= LuaUpvalue.size
        letGo()
    }

    private static let size = 80

    override func letGo() {
        if case .nilValue = value { return }
        var held = LuaValue.nilValue
        swap(&held, &value)
        heap.bury(.value(consume held))
    }
}

/// A function of a library. It reads what it was called with, pushes its results and says how many.
typealias LuaNative = (LuaCall) throws(LuaError) -> Int

final class LuaBuiltin {
    let body: LuaNative

    init(_ body: @escaping LuaNative) {
        self.body = body
    }
}
