/// Runs scripts, one after the other, for one thread.
package final class ScriptMachine {
    private let machine = LuaMachine()
    private let context = RedisContext()
    /// Scripts that ran here as functions, with constants of this machine's own.
    @exclusivity(unchecked) private var instances: [ObjectIdentifier: (script: CompiledScript, main: LuaClosure)] = [:]
    /// The values of `KEYS` and `ARGV` among the globals, which get no other names any more.
    private let keys: UnsafeMutablePointer<LuaValue>
    private let arguments: UnsafeMutablePointer<LuaValue>
    private let mark: UInt64

    /// Bytes that a run may hold.
    package var memoryLimit = 64 << 20

    /// Bytes of the scripts that ran here.
    @exclusivity(unchecked) private var instanceBytes = 0

    private static let instanceLimit = 256
    private static let instanceByteLimit = 4 << 20
    private static let nameLimit = 4000

    /// Bytes that it holds now, without the code of scripts.
    package var bytes: Int { machine.heap.bytes }

    /// - Parameters:
    ///   - version: What `redis.REDIS_VERSION` says.
    ///   - versionNumber: The same as `0x00MMmmpp`.
    package init(version: String, versionNumber: Int) {
        LuaBase.install(in: machine)
        LuaStrings.install(in: machine)
        LuaTableLibrary.install(in: machine)
        LuaMath.install(in: machine)
        LuaBit.install(in: machine)
        LuaJSON.install(in: machine)
        LuaMessagePack.install(in: machine)
        LuaStruct.install(in: machine)
        RedisLibrary.install(in: machine, context, version: version, versionNumber: versionNumber)
        let (keys, arguments) = (machine.heap.name("KEYS"), machine.heap.name("ARGV"))
        machine.globals.set(keys, .boolean(false))
        machine.globals.set(arguments, .boolean(false))
        machine.protectGlobals()
        guard let keys = machine.globals.place(of: keys), let arguments = machine.globals.place(of: arguments) else {
            fatalError("a global that was set is not there")
        }
        (self.keys, self.arguments) = (keys, arguments)
        machine.heap.keepNames()
        mark = machine.heap.serial
        machine.onPeriod = { [context] in context.host?.mayGoOn() }
    }

    /// Runs a script and appends its reply, in RESP, be it a value or an error.
    ///
    /// - Parameter resp: The version that the client speaks; the script itself begins with 2.
    /// - Returns: Whether the reply is an error that a command has told already.
    @discardableResult
    package func run(
        _ script: CompiledScript, keys: UnsafeBufferPointer<ScriptHost.Bytes>,
        arguments: UnsafeBufferPointer<ScriptHost.Bytes>, host: any ScriptHost, resp: Int, into reply: inout [UInt8]
    ) -> Bool {
        let start = reply.count
        context.host = host
        context.resp = 2
        machine.heap.limit = machine.heap.bytes &+ memoryLimit
        self.keys.pointee = .table(list(keys))
        self.arguments.pointee = .table(list(arguments))
        var result = LuaValue.nilValue
        do throws(LuaError) {
            try machine.reserve(2)
            machine.registers[0] = .closure(function(of: script))
            machine.top = 1
            try machine.call(at: 0, 0, wanted: 1)
            result = machine.registers[0]
            var before: [UInt8] = []
            swap(&before, &reply)
            var writer = ReplyWriter(machine, scriptResp: context.resp, resp: resp, behind: before)
            before = []
            defer { reply = writer.bytes }
            try writer.append(machine.registers[0], 0)
        } catch {
            result = error.value
            reply.removeSubrange(start...)
            reply.append(contentsOf: ScriptFailure(error, machine).reply(digest: script.digest))
        }
        let isTold = context.isLastError(result)
        finish()
        return isTold
    }

    /// Lets go of all that the run made.
    private func finish() {
        context.host = nil
        context.lastError = nil
        machine.heap.limit = Int.max
        keys.pointee = .boolean(false)
        arguments.pointee = .boolean(false)
        machine.clearRegisters()
        machine.heap.endCircles(since: mark)
        machine.ending = nil
        machine.budget = LuaMachine.period
        machine.json = LuaJSONSettings()
    }

    private func list(_ values: UnsafeBufferPointer<ScriptHost.Bytes>) -> LuaTable {
        let table = LuaTable(arrayCount: values.count, heap: machine.heap)
        for (index, value) in values.enumerated() {
            table.set(index + 1, .string(LuaString.make(value, in: machine.heap)))
        }
        return table
    }

    private func function(of script: CompiledScript) -> LuaClosure {
        let key = ObjectIdentifier(script)
        if let known = instances[key] { return known.main }
        instanceBytes += script.size
        if instances.count >= ScriptMachine.instanceLimit || instanceBytes > ScriptMachine.instanceByteLimit {
            instances.removeAll(keepingCapacity: true)
            instanceBytes = script.size
        }
        if machine.heap.nameCount >= ScriptMachine.nameLimit { machine.heap.forgetNames() }
        let code = LuaCode(script.prototype, heap: machine.heap)
        let main = LuaClosure(code: code, upvalues: [], heap: machine.heap)
        instances[key] = (script, main)
        return main
    }
}

extension LuaMachine {
    /// Nobody changes globals and libraries any more; a global that is not there is an error.
    func protectGlobals() {
        let metatable = LuaTable(nodeCount: 1, heap: heap)
        metatable.set(heap.name("__index"), .builtin(LuaBuiltin { (call) throws(LuaError) in
            guard call[2].isText else {
                throw call.error("Second argument to luaProtectedTableError must be a string or number")
            }
            let name = Array(try call.string(2).bytes.untilZero)
            throw call.machine.libraryFailure(
                Array("Script attempted to access nonexistent global variable '".utf8) + name + [39])
        }))
        globals.metatable = metatable
        protect(globals)
    }

    private func protect(_ table: LuaTable) {
        if table.isReadOnly { return }
        table.isReadOnly = true
        var key = LuaValue.nilValue
        var passed = 0
        while case .pair(let next, let value) = table.next(after: key, &passed) {
            if case .table(let inner) = value { protect(inner) }
            key = next
        }
        if let metatable = table.metatable { protect(metatable) }
    }
}
