internal import Glibc
internal import Synchronization

/// When to stop keeping up, as SIGINT and SIGTERM say: the first means the cut-over, the second an end at once.
enum CutOver {
    private static let signals = Atomic<Int32>(0)

    /// From here on signals are counted. Of the thread that begins.
    static func listen() {
        for number in [SIGINT, SIGTERM] {
            _ = signal(number) { _ in CutOver.signals.add(1, ordering: .relaxed) }
        }
        _ = signal(SIGPIPE, SIG_IGN)
    }

    static var hasCome: Bool { signals.load(ordering: .relaxed) > 0 }
    private static var isAbandoned: Bool { signals.load(ordering: .relaxed) > 1 }

    /// A connection's wait (``ServerConnection/Wait``), which a second signal ends.
    static func wait(for descriptor: Int32, forWriting: Bool, until deadline: Int64) -> WaitEnd {
        ServerConnection.idleWait(for: descriptor, forWriting: forWriting, until: deadline) { isAbandoned }
    }
}
