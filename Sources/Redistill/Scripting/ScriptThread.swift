internal import Logging

/// What one worker has for its scripts: the machine that runs them, and those that it has found in the cache.
final class ScriptThread: @unchecked Sendable {
    // Proof: each worker of the hot path uses the one of its own number alone, and is one thread.
    private let cache: ScriptCache
    private var machine: ScriptMachine?
    private let host: RunHost
    private var known: [ScriptKey: ScriptCache.Entry] = [:]
    private var generation = -1
    private var reply: [UInt8] = []

    private static let keptReply = 64 << 10
    private static let knownLimit = 1024

    init(_ cache: ScriptCache, _ logger: Logger) {
        self.cache = cache
        host = RunHost(logger)
    }

    /// The script of a digest, or nil when it is not kept.
    func find(_ key: ScriptKey) -> CompiledScript? {
        let now = cache.generation
        if now != generation || known.count > ScriptThread.knownLimit {
            known.removeAll(keepingCapacity: true)
            generation = now
        }
        if let entry = known[key] {
            cache.touch(entry)
            return entry.script
        }
        guard let entry = cache.find(key) else { return nil }
        cache.touch(entry)
        known[key] = entry
        return entry.script
    }

    /// Runs a script and answers the client.
    func run(_ script: CompiledScript, _ request: HotScriptRequest, _ run: HotScriptRun, memoryLimit: Int) {
        let mayRun = run.begin(
            touchesOnlyItsKeys: script.touchesOnlyItsKeys, replyLimit: memoryLimit, flags: script.header.flags)
        guard mayRun else { return }
        let machine = self.machine ?? makeMachine()
        machine.memoryLimit = memoryLimit
        host.run = run
        // Taken out, so that nothing of this is being changed while the script stands still and others are served.
        var text: [UInt8] = []
        swap(&text, &reply)
        let isTold = machine.run(
            script, keys: request.keys, arguments: request.arguments, host: host, resp: request.resp, into: &text)
        host.run = nil
        text.withUnsafeBufferPointer { run.reply($0, isTold: isTold) }
        if text.capacity <= ScriptThread.keptReply {
            text.removeAll(keepingCapacity: true)
            reply = text
        }
    }

    private func makeMachine() -> ScriptMachine {
        let made = ScriptMachine(version: Version.redis, versionNumber: Version.redisNumber)
        machine = made
        return made
    }
}

/// The server as scripts see it.
private final class RunHost: ScriptHost {
    private let logger: Logger
    var run: HotScriptRun?

    init(_ logger: Logger) {
        self.logger = logger
    }

    func call(_ arguments: UnsafeBufferPointer<Bytes>, resp: Int) -> Bytes {
        run?.call(arguments, resp: resp) ?? Bytes(start: nil, count: 0)
    }

    func allows(_ arguments: UnsafeBufferPointer<Bytes>) -> Bool? {
        run?.allows(arguments)
    }

    func log(level: Int, _ message: [UInt8]) {
        let levels: [Logger.Level] = [.debug, .debug, .notice, .warning]
        logger.log(level: levels[level], "script: \(String(decoding: message, as: UTF8.self))")
    }

    func mayGoOn() -> [UInt8]? {
        run?.mayGoOn()
    }
}
