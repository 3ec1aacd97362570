/// Which keys have changed at the source, as it tells by itself: client-side tracking in broadcasting mode
/// (https://redis.io/docs/latest/develop/reference/client-side-caching/). Of one thread.
///
/// Keys wait here until they are taken, each once. The source knows no databases in what it tells, so that a key of
/// another one by the same name is told, too.
final class SourceChanges {
    private let connection: ServerConnection
    private let pattern: KeyPattern
    private var waiting: [ByteText] = []
    /// Those before it are taken.
    private var first = 0
    private var known: Set<ByteText> = []
    /// How many were told since the start.
    private(set) var count: UInt64 = 0
    /// Whether the source was emptied since somebody last asked.
    private var wasFlushed = false

    init(_ target: ServerTarget, _ pattern: KeyPattern, wait: @escaping ServerConnection.Wait) throws(ServerProblem) {
        self.pattern = pattern
        connection = try ServerConnection(target, name: "redistilld-migrate", patience: .long, wait: wait)
        var tracking: [ByteText] = ["CLIENT", "TRACKING", "ON", "BCAST"]
        if !pattern.prefix.bytes.isEmpty { tracking += ["PREFIX", pattern.prefix] }
        for reply in try connection.ask([["HELLO", "3"], tracking]) {
            guard let problem = reply.problem else { continue }
            throw ServerProblem(
                "it can't tell which keys change, which Redis does since 6.0 (\(problem)): "
                    + "stop whoever writes there, and give --once", isFinal: true)
        }
    }

    var isEmpty: Bool { backlog == 0 }
    var backlog: Int { waiting.count - first }
    func isWaiting(_ key: ByteText) -> Bool { known.contains(key) }

    /// Takes in what was told, and waits for nothing.
    func look() throws(ServerProblem) {
        for push in try connection.takePushes() where push.first?.text == "invalidate" { note(push) }
    }

    /// Takes in all that was changed before: what a turn of the source's loop has changed is told at its end, which may
    /// be behind the reply to one question, but not behind that to another.
    func settle() throws(ServerProblem) {
        for _ in 0..<2 { _ = try connection.ask([["PING"]]) }
        try look()
    }

    /// Waits until something is told, or until a time of the monotonic clock in microseconds.
    func wait(until deadline: Int64) throws(ServerProblem) {
        if connection.awaitPush(until: deadline) == .left { throw .left }
    }

    /// So many of those that wait, at most, the oldest first.
    func take(_ most: Int) -> [ByteText] {
        let taken = Array(waiting[first...].prefix(most))
        first += taken.count
        if first > waiting.count / 2 {
            waiting.removeFirst(first)
            first = 0
        }
        for key in taken { known.remove(key) }
        return taken
    }

    /// Keys that are to be looked at again, as if they had changed.
    func put(back keys: [ByteText]) {
        for key in keys where known.insert(key).inserted { waiting.append(key) }
    }

    /// Whether the source was emptied since the last time of asking.
    func takeFlush() -> Bool {
        defer { wasFlushed = false }
        return wasFlushed
    }

    private func note(_ push: [RESPValue]) {
        guard push.count > 1, let keys = push[1].items else {
            wasFlushed = true
            return
        }
        let texts = keys.compactMap(\.text).filter(pattern.matches)
        count += UInt64(texts.count)
        put(back: texts)
    }
}
