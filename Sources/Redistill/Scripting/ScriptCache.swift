internal import Synchronization

/// The compiled scripts that clients may run by their digest, within a number of bytes.
///
/// Those that SCRIPT LOAD brought stay, as Redis promises; of the others the least recently used go. All threads use it.
final class ScriptCache: Sendable {
    /// A script in the cache.
    final class Entry: Sendable {
        let script: CompiledScript
        /// The cache's time when it was last used, or about so.
        fileprivate let lastUse: Atomic<Int>

        fileprivate init(_ script: CompiledScript, at time: Int) {
            self.script = script
            lastUse = Atomic(time)
        }

        fileprivate var bytes: Int { script.size + ScriptCache.entryBytes }
    }

    /// Why a script was not kept.
    struct IsFull: Error {
        let limit: Int
    }

    private struct Contents {
        var entries: [ScriptKey: Entry] = [:]
        /// Of SCRIPT LOAD.
        var staying: Set<ScriptKey> = []
        var bytes = 0
        var stayingBytes = 0
        var evicted = 0
    }

    private let contents = Mutex(Contents())
    /// Counts what came; the time by which uses are told apart.
    private let time = Atomic(0)
    /// Changes whenever one goes, so that threads may keep what they have found.
    private let removals = Atomic(0)

    private static let entryBytes = 160
    /// As much goes at once, so that looking for it costs little a script.
    private static let evictedShare = 8

    /// As long as it is the same, nothing was removed.
    var generation: Int { removals.load(ordering: .acquiring) }

    func find(_ key: ScriptKey) -> Entry? {
        contents.withLock { $0.entries[key] }
    }

    /// Notes that the script was used.
    func touch(_ entry: Entry) {
        let now = time.load(ordering: .relaxed)
        if entry.lastUse.load(ordering: .relaxed) != now { entry.lastUse.store(now, ordering: .relaxed) }
    }

    /// Keeps a script if there is room for it, and says what is kept under its key, or would have been.
    ///
    /// - Parameter stays: It may not go to make room for others; then it is an error when it has no place.
    func keep(_ script: CompiledScript, as key: ScriptKey, stays: Bool, limit: Int) throws(IsFull) -> Entry {
        let now = time.add(1, ordering: .relaxed).newValue
        let made = Entry(script, at: now)
        let kept: Entry? = contents.withLock { contents in
            let entry = contents.entries[key] ?? made
            if stays, !contents.staying.contains(key) {
                if contents.stayingBytes + entry.bytes > limit { return nil }
                contents.staying.insert(key)
                contents.stayingBytes += entry.bytes
            }
            if contents.entries[key] == nil {
                if !stays, contents.stayingBytes + entry.bytes > limit { return entry }
                contents.entries[key] = entry
                contents.bytes += entry.bytes
            }
            if contents.bytes > limit { makeRoom(in: &contents, limit: limit, except: key) }
            return entry
        }
        guard let kept else { throw IsFull(limit: limit) }
        return kept
    }

    private func makeRoom(in contents: inout Contents, limit: Int, except newest: ScriptKey) {
        let target = max(limit - limit / ScriptCache.evictedShare, contents.stayingBytes)
        let staying = contents.staying
        let candidates = contents.entries.filter { $0.key != newest && !staying.contains($0.key) }
            .map { (key: $0.key, use: $0.value.lastUse.load(ordering: .relaxed)) }
            .sorted { $0.use < $1.use }
        for candidate in candidates {
            if contents.bytes <= target { break }
            guard let entry = contents.entries.removeValue(forKey: candidate.key) else { continue }
            contents.bytes -= entry.bytes
            contents.evicted += 1
        }
        removals.add(1, ordering: .releasing)
    }

    /// Forgets all.
    func flush() {
        contents.withLock { contents in
            let evicted = contents.evicted
            contents = Contents()
            contents.evicted = evicted
        }
        removals.add(1, ordering: .releasing)
    }

    var figures: ScriptFigures {
        contents.withLock { ScriptFigures(kept: $0.entries.count, bytes: $0.bytes, evicted: $0.evicted) }
    }
}
