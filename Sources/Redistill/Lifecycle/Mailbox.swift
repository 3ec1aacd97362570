internal import Synchronization

/// Events that other threads leave for the main thread.
package final class Mailbox: Sendable {
    private let events = Mutex<[Lifecycle.Event]>([])
    private let wake: @Sendable () -> Void

    /// - Parameter wake: Is called after each post, to end the main thread's wait.
    package init(wake: @escaping @Sendable () -> Void = {}) {
        self.wake = wake
    }

    /// Leaves an event.
    package func post(_ event: Lifecycle.Event) {
        events.withLock { $0.append(event) }
        wake()
    }

    /// Takes all events, the oldest first.
    package func take() -> [Lifecycle.Event] {
        events.withLock { events in
            defer { events.removeAll() }
            return events
        }
    }
}
