internal import CRedistillHot
internal import Logging
internal import Synchronization

/// libevent's own warnings, as lines of the daemon's log instead of standard error's: one a second, the rest counted.
///
/// The library's callback has no context, so there is one logger for the process.
enum LibeventLog {
    private struct State {
        var logger: Logger?
        var gate = LineGate(period: .seconds(1))
    }

    private static let state = Mutex(State())

    /// Stands for `rd_libevent_set_log`. Before other threads start.
    static func send(to logger: Logger) {
        state.withLock { $0.logger = logger }
        rd_libevent_set_log { severity, message in
            guard let message else { return }
            LibeventLog.receive(String(cString: message), severity: severity)
        }
    }

    /// On any thread that uses libevent.
    ///
    /// - Parameter severity: libevent's: 0 debug, 1 message, 2 warning, 3 error.
    static func receive(_ message: String, severity: Int32, at now: ContinuousClock.Instant = .now) {
        let (logger, count) = state.withLock { ($0.logger, $0.gate.pass(at: now)) }
        guard let logger, let count else { return }
        let level: Logger.Level = severity >= 3 ? .error : severity == 2 ? .warning : .debug
        logger.log(level: level, "libevent: \(message)", metadata: count > 1 ? ["count": .stringConvertible(count)] : [:])
    }
}
