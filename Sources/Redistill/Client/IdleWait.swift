internal import Glibc

extension ServerConnection {
    /// The ``Wait`` of who has nothing else to do meanwhile.
    static func idleWait(for descriptor: Int32, forWriting: Bool, until deadline: Int64) -> WaitEnd {
        idleWait(for: descriptor, forWriting: forWriting, until: deadline) { false }
    }

    /// The same, which ends with ``WaitEnd/left`` when that is so.
    static func idleWait(
        for descriptor: Int32, forWriting: Bool, until deadline: Int64, unless isAbandoned: () -> Bool
    ) -> WaitEnd {
        while true {
            if isAbandoned() { return .left }
            let left = deadline - Clock.monotonicMicroseconds()
            if left <= 0 { return .late }
            var polled = pollfd(fd: descriptor, events: Int16(forWriting ? POLLOUT : POLLIN), revents: 0)
            // A signal that comes just before is seen a little later.
            if poll(&polled, 1, Int32(min(left / 1000 + 1, 200))) == 1 { return .ready }
        }
    }
}
