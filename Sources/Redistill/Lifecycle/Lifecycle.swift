/// The daemon's life as a pure state machine: events go in, actions come out, the caller does them in order.
package struct Lifecycle: Sendable {
    package enum State: Sendable, Equatable {
        case starting, running
        /// A stop is asked for, and everybody is served as before until `shutdown_delay` is over.
        case leaving
        case draining
        /// All are served, and a snapshot is written.
        case saving
        case stopped
    }

    /// Who asks for a stop.
    package enum StopReason: Sendable, Equatable, CustomStringConvertible {
        case signal(String)
        /// SHUTDOWN, with the client's address.
        case command(peer: String, save: SaveWish = .asConfigured)

        package var description: String {
            switch self {
            case .signal(let name): name
            case .command(let peer, _): "SHUTDOWN from \(peer)"
            }
        }
    }

    package enum Event: Sendable, Equatable {
        /// Every address is listened on.
        case started
        case stopRequested(StopReason)
        case reloadRequested
        /// The next program is there, and its rehearsal went well.
        case successionReady
        /// `shutdown_delay` is over.
        case delayPassed
        /// The last connection is closed.
        case drained
        case deadlinePassed
        /// The last snapshot is written, or failed, or none was wanted.
        case saved
    }

    package enum Action: Sendable, Equatable {
        case setReadiness(Readiness)
        case announce
        case logStop(StopReason)
        /// `shutdown_delay` counts from here; ``Event/delayPassed`` ends it, at once when there is none.
        case startDelay
        /// A second signal does not wait for it.
        case logDelayCut(StopReason)
        case beginDrain
        /// The next program is to go on listening on the same sockets, and to have the keys.
        case appointProgram
        /// It is not to, after all.
        case dismissProgram
        /// `shutdown_timeout` counts from here.
        case startDeadline
        case reload
        case logDeadline
        /// Writes the last snapshot, if one is wanted; ``Event/saved`` ends it, at once when there is none.
        case save(SaveWish)
        case logForced(StopReason)
        case logFinalStatistics
        /// End in good order.
        case finish
        /// End at once, whatever is under way.
        case abort
    }

    package private(set) var state = State.starting
    private var wish = SaveWish.asConfigured
    /// The next program has the keys at once: nobody waits for a snapshot of them.
    private var hasHeir = false

    package init() {}

    /// What an event leads to.
    package mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.starting, .started):
            state = .running
            return [.setReadiness(.ready), .announce]
        case (.running, .stopRequested(let reason)):
            state = .leaving
            if case .command(_, let save) = reason { wish = save }
            return [.logStop(reason), .setReadiness(.draining), .startDelay]
        case (.leaving, .delayPassed):
            state = .draining
            return [.startDeadline, .beginDrain]
        case (.leaving, .stopRequested(.signal(let name))):
            state = .draining
            return [.logDelayCut(.signal(name)), .startDeadline, .beginDrain]
        case (.leaving, .deadlinePassed):
            // SHUTDOWN NOW.
            state = .saving
            return [.beginDrain, .logDeadline, .save(wish)]
        case (.running, .successionReady):
            state = .draining
            hasHeir = true
            return [.setReadiness(.draining), .appointProgram, .startDeadline, .beginDrain]
        case (.running, .reloadRequested):
            return [.reload]
        case (.draining, .drained) where hasHeir:
            state = .stopped
            return [.logFinalStatistics, .finish]
        case (.draining, .deadlinePassed) where hasHeir:
            state = .stopped
            return [.logDeadline, .logFinalStatistics, .finish]
        case (.draining, .drained):
            state = .saving
            return [.save(wish)]
        case (.draining, .deadlinePassed):
            state = .saving
            return [.logDeadline, .save(wish)]
        case (.draining, .stopRequested(let reason)) where hasHeir:
            // The first stop that is asked for: nothing goes on, and what a stop saves is saved.
            hasHeir = false
            if case .command(_, let save) = reason { wish = save }
            return [.logStop(reason), .dismissProgram]
        case (.saving, .saved):
            state = .stopped
            return [.logFinalStatistics, .finish]
        case (.draining, .stopRequested(.signal(let name))), (.saving, .stopRequested(.signal(let name))):
            state = .stopped
            return [.logForced(.signal(name)), .abort]
        case (.starting, .stopRequested):
            state = .stopped
            return [.finish]
        default:
            // Late or repeated: a second SHUTDOWN, a reload while stopping, the end of a delay that was cut short.
            return []
        }
    }
}
