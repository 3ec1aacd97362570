internal import Logging

/// Answers what clients ask of scripts: EVAL, EVALSHA, SCRIPT LOAD, EXISTS and FLUSH.
final class ScriptService: Sendable {
    private let settings: ScriptSettings
    private let control: HotControl
    private let cache = ScriptCache()
    private let threads: [ScriptThread]

    /// - Parameter workers: No worker has a higher number.
    init(_ settings: ScriptSettings, workers: Int, control: HotControl, logger: Logger) {
        self.settings = settings
        self.control = control
        let cache = cache
        threads = (0..<workers).map { _ in ScriptThread(cache, logger) }
    }

    /// What INFO tells of it.
    var figures: ScriptFigures { cache.figures }

    /// The reply, or nil when a run has answered.
    func answer(_ request: HotScriptRequest) -> HotReply? {
        guard settings.isOn else { return .error("ERR scripts are turned off by 'scripting = false'") }
        switch request.task {
        case .evaluate, .evaluateDigest: return evaluate(request)
        case .load: return load(request.script)
        case .exists: return .integers(request.arguments.map { exists($0) ? 1 : 0 })
        case .flush:
            cache.flush()
            return .ok
        }
    }

    private func evaluate(_ request: HotScriptRequest) -> HotReply? {
        guard let run = request.run, request.worker < threads.count else {
            return .error("ERR there is no worker of this number")
        }
        let thread = threads[request.worker]
        do throws(ScriptError) {
            let script = try script(request, on: thread)
            thread.run(script, request, run, memoryLimit: settings.memoryLimit)
            return nil
        } catch {
            return .failure(ByteText(error.reply))
        }
    }

    private func script(_ request: HotScriptRequest, on thread: ScriptThread) throws(ScriptError) -> CompiledScript {
        if request.task == .evaluateDigest {
            guard let key = ScriptKey(hexadecimal: request.script), let script = thread.find(key) else {
                throw ScriptError(code: "NOSCRIPT", "No matching script. Please use EVAL.")
            }
            return script
        }
        let key = key(of: request.script)
        if let known = thread.find(key) { return known }
        let compiled = try compile(request.script)
        // Without a place it runs all the same.
        return (try? cache.keep(compiled, as: key, stays: false, limit: settings.cacheSize))?.script ?? compiled
    }

    private func load(_ text: HotScriptRequest.Bytes) -> HotReply {
        let key = key(of: text)
        do throws(ScriptError) {
            let known = cache.find(key)?.script
            let script = if let known { known } else { try compile(text) }
            try keepForGood(script, as: key)
            return .bulk(ByteText(script.digest))
        } catch {
            return .failure(ByteText(error.reply))
        }
    }

    private func keepForGood(_ script: CompiledScript, as key: ScriptKey) throws(ScriptError) {
        do {
            _ = try cache.keep(script, as: key, stays: true, limit: settings.cacheSize)
        } catch {
            throw ScriptError(
                code: "ERR",
                "the scripts of SCRIPT LOAD fill 'script_cache_size' (\(error.limit) bytes); SCRIPT FLUSH forgets them")
        }
    }

    private func exists(_ digest: HotScriptRequest.Bytes) -> Bool {
        ScriptKey(hexadecimal: digest).map { cache.find($0) != nil } ?? false
    }

    private func compile(_ text: HotScriptRequest.Bytes) throws(ScriptError) -> CompiledScript {
        try CompiledScript(text, keysOf: control.keyPositions(of:))
    }

    private func key(of text: HotScriptRequest.Bytes) -> ScriptKey {
        let digits = ScriptDigest.hexadecimal(text)
        guard let key = digits.withUnsafeBufferPointer({ ScriptKey(hexadecimal: $0) }) else {
            preconditionFailure("a digest has forty digits")
        }
        return key
    }
}
