internal import Synchronization

/// What the configuration says of scripts, for threads that ask with each run.
final class ScriptSettings: Sendable {
    private let on: Atomic<Bool>
    private let memory: Atomic<Int>
    private let cache: Atomic<Int>

    init(_ configuration: Configuration) {
        on = Atomic(configuration.flag(.scripting))
        memory = Atomic(Int(configuration.integer(.scriptMemoryLimit)))
        cache = Atomic(Int(configuration.integer(.scriptCacheSize)))
    }

    /// Another configuration is in effect.
    func apply(_ configuration: Configuration) {
        on.store(configuration.flag(.scripting), ordering: .relaxed)
        memory.store(Int(configuration.integer(.scriptMemoryLimit)), ordering: .relaxed)
        cache.store(Int(configuration.integer(.scriptCacheSize)), ordering: .relaxed)
    }

    var isOn: Bool { on.load(ordering: .relaxed) }
    /// Bytes that a run may hold.
    var memoryLimit: Int { memory.load(ordering: .relaxed) }
    /// Bytes of the scripts that are kept.
    var cacheSize: Int { cache.load(ordering: .relaxed) }
}
