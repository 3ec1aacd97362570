/// What a run and its functions have in common.
///
/// Here and in the machine exclusive access is not checked while scripts run: a check would be noted for the thread, on
/// which others run while a script stands still in its host.
final class RedisContext {
    @exclusivity(unchecked) var host: (any ScriptHost)?
    /// The version of RESP in which commands answer the script.
    @exclusivity(unchecked) var resp = 2
    /// The arguments of the command that is called, kept from call to call.
    @exclusivity(unchecked) var slices: [UnsafeBufferPointer<UInt8>] = []
    /// What the last command that failed has replied.
    @exclusivity(unchecked) var lastError: LuaTable?

    /// Is it that error, which was told when the command failed?
    func isLastError(_ value: LuaValue) -> Bool {
        if case .table(let table) = value { return table === lastError }
        return false
    }
}

/// The table `redis`.
enum RedisLibrary {
    static func install(in machine: LuaMachine, _ context: RedisContext, version: String, versionNumber: Int) {
        let library = machine.library("redis", [
            ("call", { (call) throws(LuaError) in try run(call, context, throwsErrors: true) }),
            ("pcall", { (call) throws(LuaError) in try run(call, context, throwsErrors: false) }),
            ("acl_check_cmd", { (call) throws(LuaError) in try check(call, context) }),
            ("log", { (call) throws(LuaError) in try log(call, context) }),
            ("setresp", { (call) throws(LuaError) in try setResp(call, context) }),
            ("sha1hex", sha1hex), ("error_reply", errorReply), ("status_reply", statusReply),
            ("set_repl", setRepl),
            ("replicate_commands", { (call) throws(LuaError) in try call.result(.boolean(true)) }),
            ("breakpoint", { (call) throws(LuaError) in try call.result(.boolean(false)) }),
            ("debug", { (_) throws(LuaError) in 0 }),
        ])
        let numbers: [(StaticString, Int)] = [
            ("LOG_DEBUG", 0), ("LOG_VERBOSE", 1), ("LOG_NOTICE", 2), ("LOG_WARNING", 3),
            ("REPL_NONE", 0), ("REPL_AOF", 1), ("REPL_SLAVE", 2), ("REPL_REPLICA", 2), ("REPL_ALL", 3),
            ("REDIS_VERSION_NUM", versionNumber),
        ]
        for (name, number) in numbers { library.set(machine.heap.name(name), .number(Double(number))) }
        let text = LuaString.make(Array(version.utf8), in: machine.heap)
        library.set(machine.heap.name("REDIS_VERSION"), .string(text))
    }

    // MARK: Commands

    /// A command counts as so many steps, so that the host is asked soon enough.
    private static let commandSteps = 50

    /// The arguments as bytes that stay where they are until the function returns.
    private static func withArguments<Result>(
        _ call: LuaCall, _ context: RedisContext,
        _ body: (UnsafeBufferPointer<ScriptHost.Bytes>) -> Result
    ) throws(LuaError) -> Result {
        guard call.count > 0 else {
            throw call.machine.redisError("Please specify at least one argument for this redis lib call")
        }
        // Taken out while it is filled: it is grown in one place, and each step needs no look at the context.
        var slices: [UnsafeBufferPointer<UInt8>] = []
        swap(&slices, &context.slices)
        defer { swap(&slices, &context.slices) }
        slices.removeAll(keepingCapacity: true)
        for index in 1...call.count {
            let text: LuaString
            switch call[index] {
            case .string(let given): text = given
            case .number(let number):
                text = try call.machine.string(ScriptNumber.text(number))
                call.machine.registers[call.base + index - 1] = .string(text)
            default: throw call.machine.redisError("Lua redis lib command arguments must be strings or integers")
            }
            slices.append(text.bytes.buffer)
        }
        return slices.withUnsafeBufferPointer(body)
    }

    private static func run(_ call: LuaCall, _ context: RedisContext, throwsErrors: Bool) throws(LuaError) -> Int {
        do throws(LuaError) {
            try call.machine.spend(commandSteps)
            let reply = try withArguments(call, context) { context.host?.call($0, resp: context.resp) }
            guard let reply else { return 0 }
            var reader = ReplyReader(call.machine, reply)
            let value = try reader.value()
            if reply.first == 45, case .table(let table) = value { context.lastError = table }
            if throwsErrors, reply.first == 45 { throw LuaError(value: value) }
            return try call.result(value)
        } catch {
            if throwsErrors || error.isFatal { throw error }
            return try call.result(error.value)
        }
    }

    private static func check(_ call: LuaCall, _ context: RedisContext) throws(LuaError) -> Int {
        guard let allowed = try withArguments(call, context, { context.host?.allows($0) }) else {
            throw call.machine.redisError("Invalid command passed to redis.acl_check_cmd()")
        }
        return try call.result(.boolean(allowed))
    }

    private static func setResp(_ call: LuaCall, _ context: RedisContext) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.machine.redisError("redis.setresp() requires one argument.") }
        let version = LuaNumber.integer32(try call.machine.number(call[1]) ?? 0)
        guard version == 2 || version == 3 else { throw call.machine.redisError("RESP version must be 2 or 3.") }
        context.resp = Int(version)
        return 0
    }

    private static func log(_ call: LuaCall, _ context: RedisContext) throws(LuaError) -> Int {
        guard call.count >= 2 else {
            throw call.machine.redisError("redis.log() requires two arguments or more.")
        }
        guard let number = try call.machine.number(call[1]) else {
            throw call.machine.redisError("First argument must be a number (log level).")
        }
        let level = Int(LuaNumber.integer32(number))
        guard (0...3).contains(level) else { throw call.machine.redisError("Invalid log level.") }
        var message: [UInt8] = []
        for index in 2...call.count where call[index].isText {
            if index > 2 { message.append(32) }
            message.append(contentsOf: try call.string(index).bytes.buffer)
        }
        context.host?.log(level: level, message)
        return 0
    }

    // MARK: Values

    static func sha1hex(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.machine.redisError("wrong number of arguments") }
        guard call[1].isText else {
            return try call.result(ScriptDigest.hexadecimal(UnsafeBufferPointer(start: nil, count: 0)))
        }
        let text = try call.string(1)
        try call.machine.spend(text.count >> 6)
        return try call.result(ScriptDigest.hexadecimal(text.bytes.buffer))
    }

    private static func isOneString(_ call: LuaCall) -> Bool {
        guard call.count == 1, case .string = call[1] else { return false }
        return true
    }

    static func errorReply(_ call: LuaCall) throws(LuaError) -> Int {
        guard isOneString(call) else {
            return try call.result(call.machine.redisError("wrong number or type of arguments").value)
        }
        var bytes = Array(try call.string(1).bytes.untilZero)
        if bytes.first != 45 { bytes.insert(45, at: 0) }
        return try call.result(.table(try call.machine.errorTable(bytes)))
    }

    static func statusReply(_ call: LuaCall) throws(LuaError) -> Int {
        guard isOneString(call) else {
            return try call.result(call.machine.redisError("wrong number or type of arguments").value)
        }
        let table = try call.machine.table()
        table.set(call.machine.names.ok, call[1])
        return try call.result(.table(table))
    }

    static func setRepl(_ call: LuaCall) throws(LuaError) -> Int {
        guard call.count == 1 else { throw call.machine.redisError("redis.set_repl() requires one argument.") }
        guard LuaNumber.integer32(try call.machine.number(call[1]) ?? 0) & ~3 == 0 else {
            throw call.machine.redisError(
                "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
        }
        return 0
    }
}
