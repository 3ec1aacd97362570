/// The daemon's life as a pure state machine: events go in, actions come out, the caller does them in order.
package struct Lifecycle: Sendable {
    package enum State: Sendable, Equatable {
        case starting, running, draining, stopped
    }

    /// Who asks for a stop.
    package enum StopReason: Sendable, Equatable, CustomStringConvertible {
        case signal(String)
        /// SHUTDOWN, with the client's address.
        case command(peer: String)

        package var description: String {
            switch self {
            case .signal(let name): name
            case .command(let peer): "SHUTDOWN from \(peer)"
            }
        }
    }

    package enum Event: Sendable, Equatable {
        /// Every address is listened on.
        case started
        case stopRequested(StopReason)
        case reloadRequested
        /// The last connection is closed.
        case drained
        case deadlinePassed
    }

    package enum Action: Sendable, Equatable {
        case setReadiness(Readiness)
        case announce
        case logStop(StopReason)
        case beginDrain
        /// `shutdown_timeout` counts from here.
        case startDeadline
        case reload
        case logDeadline
        case logForced(StopReason)
        case logFinalStatistics
        /// End in good order.
        case finish
        /// End at once, whatever is under way.
        case abort
    }

    package private(set) var state = State.starting

    package init() {}

    /// What an event leads to.
    package mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.starting, .started):
            state = .running
            return [.setReadiness(.ready), .announce]
        case (.running, .stopRequested(let reason)):
            state = .draining
            return [.logStop(reason), .setReadiness(.draining), .startDeadline, .beginDrain]
        case (.running, .reloadRequested):
            return [.reload]
        case (.draining, .drained):
            state = .stopped
            return [.logFinalStatistics, .finish]
        case (.draining, .deadlinePassed):
            state = .stopped
            return [.logDeadline, .logFinalStatistics, .finish]
        case (.draining, .stopRequested(.signal(let name))):
            state = .stopped
            return [.logForced(.signal(name)), .abort]
        case (.starting, .stopRequested):
            state = .stopped
            return [.finish]
        default:
            // Late or repeated: a second SHUTDOWN, a reload while stopping, a deadline after the end.
            return []
        }
    }
}
