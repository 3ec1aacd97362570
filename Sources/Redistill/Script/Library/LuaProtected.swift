/// Calls whose errors the script sees itself.
extension LuaBase {
    /// Redis's `pcall`: of an error that is a table with `err`, as its own are, the script gets the text.
    static func pcall(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count > 0 else {
            // Redis's own calls with what is not there: a value of no kind.
            try call.push(.boolean(false))
            try call.push(Array("attempt to call a nil value".utf8))
            return 2
        }
        let machine = call.machine
        let state = LuaSafePoint(machine)
        do throws(LuaError) {
            try machine.call(at: call.base, call.count - 1, wanted: -1)
        } catch {
            if error.isFatal { throw error }
            state.restore()
            try call.push(.boolean(false))
            guard case .table = error.value else {
                try call.push(error.value)
                return 2
            }
            let text = try machine.index(error.value, .string(machine.names.err))
            if !text.isText { try call.push(error.value) }
            // What is no text is left behind the table, as Redis leaves it.
            try call.push(text)
            return text.isText ? 2 : 3
        }
        return try deliver(call)
    }

    static func xpcall(_ call: LuaCall) throws(LuaError) -> Int {
        _ = try call.any(2)
        let machine = call.machine
        let (function, handler) = (call[1], call[2])
        let state = LuaSafePoint(machine)
        do throws(LuaError) {
            try machine.reserve(call.base + call.count + 4)
            let place = call.base + call.count
            machine.registers[place] = function
            machine.top = place + 1
            try machine.call(at: place, 0, wanted: -1)
            let count = machine.top - place
            try call.push(.boolean(true))
            for index in 0..<count { try call.push(machine.registers[place + index]) }
            return count + 1
        } catch {
            if error.isFatal { throw error }
            let value = try handle(error, handler, machine, state)
            try call.push(.boolean(false))
            try call.push(value)
            return 2
        }
    }

    /// Has the handler look at an error while the functions that it came from are still there.
    private static func handle(
        _ error: LuaError, _ handler: LuaValue, _ machine: LuaMachine, _ state: LuaSafePoint
    ) throws(LuaError) -> LuaValue {
        guard handler.isFunction else {
            state.restore()
            return .string(machine.heap.name("error in error handling"))
        }
        do throws(LuaError) {
            machine.nativeDepth = state.nativeDepth
            let value = try machine.call(handler, error.value)
            state.restore()
            return value
        } catch let second {
            if second.isFatal { throw second }
            state.restore()
            return .string(machine.heap.name("error in error handling"))
        }
    }

    /// The results of a call that stand in the place of the first argument, behind `true`.
    private static func deliver(_ call: LuaCall) throws(LuaError) -> Int {
        let count = call.machine.top - call.base
        try call.machine.reserve(call.machine.top + 1)
        for index in stride(from: count - 1, through: 0, by: -1) {
            call.machine.registers[call.base + index + 1] = call.machine.registers[call.base + index]
        }
        call.machine.registers[call.base] = .boolean(true)
        call.machine.top += 1
        return count + 1
    }
}

/// Where a machine goes back to when an error is caught.
struct LuaSafePoint {
    private let machine: LuaMachine
    private let depth: Int
    let nativeDepth: Int
    private let top: Int

    init(_ machine: LuaMachine) {
        self.machine = machine
        depth = machine.depth
        nativeDepth = machine.nativeDepth
        top = machine.top
    }

    func restore() {
        machine.depth = depth
        machine.close(from: machine.frames[depth - 1].base)
        machine.nativeDepth = nativeDepth
        machine.top = top
    }
}
