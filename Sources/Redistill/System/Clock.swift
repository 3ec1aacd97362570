internal import Glibc

/// The system's clocks.
package enum Clock {
    /// Microseconds since 1970, which an administrator may change.
    package static func wallMicroseconds() -> Int64 { read(CLOCK_REALTIME) }

    /// Microseconds of a clock that only goes forward.
    package static func monotonicMicroseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
