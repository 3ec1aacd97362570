internal import Glibc

/// The signals that the daemon waits for instead of being interrupted by them.
enum Signals {
    enum Received: Equatable {
        case stop(name: String)
        case reload
        /// SIGUSR2: the program as it is installed now is to take over.
        case upgrade
        /// Another thread has left a message; see ``Mailbox``.
        case wake
    }

    private static let waited = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2]

    /// Blocks the signals in this thread and in all that it starts, and ignores those that are errors of a call.
    ///
    /// Call this before any other thread exists.
    static func prepare() {
        var set = waitedSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
        // Whoever has begun us may have it ignored: then nobody hears how a child has ended.
        _ = signal(SIGCHLD, SIG_DFL)
    }

    /// The next signal, or nil when none came in time.
    static func wait(milliseconds: Int) -> Received? {
        var set = waitedSet()
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        switch sigtimedwait(&set, nil, &time) {
        case SIGTERM: return .stop(name: "SIGTERM")
        case SIGINT: return .stop(name: "SIGINT")
        case SIGHUP: return .reload
        case SIGUSR1: return .wake
        case SIGUSR2: return .upgrade
        default: return nil
        }
    }

    /// Makes ``wait(milliseconds:)`` return ``Received/wake``. Any thread.
    static func wake() {
        kill(getpid(), SIGUSR1)
    }

    private static func waitedSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in waited { sigaddset(&set, number) }
        return set
    }
}
