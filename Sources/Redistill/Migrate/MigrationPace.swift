internal import Glibc

/// Holds a migration to so many keys a second. Of one thread.
struct MigrationPace {
    /// 0: as many as can be.
    let rate: Int
    private var due = Clock.monotonicMicroseconds()

    init(rate: Int) {
        self.rate = rate
    }

    /// Sleeps until the next keys may be asked for.
    mutating func rest(after keys: Int) {
        guard rate > 0 else { return }
        let now = Clock.monotonicMicroseconds()
        // What was slower than it might have been is not made up for.
        due = max(due, now - 100_000) + Int64(keys) * 1_000_000 / Int64(rate)
        guard due > now else { return }
        usleep(UInt32(min(due - now, 1_000_000)))
    }
}
