import Redistill
import Testing

@Suite struct LifecycleTests {
    private let signal = Lifecycle.StopReason.signal("SIGTERM")
    private let command = Lifecycle.StopReason.command(peer: "127.0.0.1:5")

    private func lifecycle(after events: Lifecycle.Event...) -> Lifecycle {
        var lifecycle = Lifecycle()
        for event in events { _ = lifecycle.handle(event) }
        return lifecycle
    }

    @Test func startMakesReadyBeforeItIsTold() {
        var lifecycle = Lifecycle()
        #expect(lifecycle.state == .starting)
        #expect(lifecycle.handle(.started) == [.setReadiness(.ready), .announce])
        #expect(lifecycle.state == .running)
    }

    @Test func stopTurnsReadinessOffBeforeItDrains() {
        for reason in [signal, command] {
            var lifecycle = lifecycle(after: .started)
            #expect(
                lifecycle.handle(.stopRequested(reason)) == [
                    .logStop(reason), .setReadiness(.draining), .startDeadline, .beginDrain,
                ])
            #expect(lifecycle.state == .draining)
        }
    }

    @Test func drainedServerEndsWithItsStatistics() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal))
        #expect(lifecycle.handle(.drained) == [.logFinalStatistics, .finish])
        #expect(lifecycle.state == .stopped)
    }

    @Test func deadlineEndsADrainThatLasts() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal))
        #expect(lifecycle.handle(.deadlinePassed) == [.logDeadline, .logFinalStatistics, .finish])
    }

    @Test func secondSignalEndsAtOnce() {
        var lifecycle = lifecycle(after: .started, .stopRequested(command))
        #expect(lifecycle.handle(.stopRequested(signal)) == [.logForced(signal), .abort])
    }

    @Test func secondShutdownCommandChangesNothing() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal))
        #expect(lifecycle.handle(.stopRequested(command)) == [])
        #expect(lifecycle.state == .draining)
    }

    @Test func reloadIsForARunningServerOnly() {
        var running = lifecycle(after: .started)
        #expect(running.handle(.reloadRequested) == [.reload])
        var draining = lifecycle(after: .started, .stopRequested(signal))
        #expect(draining.handle(.reloadRequested) == [])
    }

    @Test func nothingFollowsTheEnd() {
        for event in [Lifecycle.Event.started, .drained, .deadlinePassed, .reloadRequested, .stopRequested(signal)] {
            var stopped = lifecycle(after: .started, .stopRequested(signal), .drained)
            #expect(stopped.handle(event) == [])
            #expect(stopped.state == .stopped)
        }
    }

    @Test func stopDuringTheStartFinishes() {
        var lifecycle = Lifecycle()
        #expect(lifecycle.handle(.stopRequested(signal)) == [.finish])
    }
}
