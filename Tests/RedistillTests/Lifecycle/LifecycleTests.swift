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
            let first: [Lifecycle.Action] = [.logStop(reason), .setReadiness(.draining), .startDelay]
            #expect(lifecycle.handle(.stopRequested(reason)) == first)
            #expect(lifecycle.state == .leaving)
            #expect(lifecycle.handle(.delayPassed) == [.startDeadline, .beginDrain])
            #expect(lifecycle.state == .draining)
        }
    }

    @Test func secondSignalCutsTheDelayShort() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal))
        #expect(lifecycle.handle(.stopRequested(signal)) == [.logDelayCut(signal), .startDeadline, .beginDrain])
        #expect(lifecycle.handle(.delayPassed) == [])
        #expect(lifecycle.handle(.stopRequested(signal)) == [.logForced(signal), .abort])
    }

    @Test func shutdownNowWaitsForNoDelay() {
        var lifecycle = lifecycle(after: .started, .stopRequested(command))
        #expect(lifecycle.handle(.deadlinePassed) == [.beginDrain, .logDeadline, .save(.asConfigured)])
        #expect(lifecycle.handle(.saved) == [.logFinalStatistics, .finish])
        #expect(lifecycle.state == .stopped)
    }

    @Test func drainedServerEndsWithItsStatistics() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal), .delayPassed)
        #expect(lifecycle.handle(.drained) == [.save(.asConfigured)])
        #expect(lifecycle.handle(.saved) == [.logFinalStatistics, .finish])
        #expect(lifecycle.state == .stopped)
    }

    @Test func nextProgramWaitsForNoSnapshotAndNoDelay() {
        var lifecycle = lifecycle(after: .started)
        let first: [Lifecycle.Action] = [.setReadiness(.draining), .appointProgram, .startDeadline, .beginDrain]
        #expect(lifecycle.handle(.successionReady) == first)
        var late = lifecycle
        #expect(lifecycle.handle(.drained) == [.logFinalStatistics, .finish])
        #expect(late.handle(.deadlinePassed) == [.logDeadline, .logFinalStatistics, .finish])
        #expect(lifecycle.state == .stopped)
    }

    @Test func stopOvertakesTheNextProgramAndSaves() {
        var lifecycle = lifecycle(after: .started, .successionReady)
        #expect(lifecycle.handle(.stopRequested(signal)) == [.logStop(signal), .dismissProgram])
        var impatient = lifecycle
        #expect(lifecycle.handle(.drained) == [.save(.asConfigured)])
        #expect(impatient.handle(.stopRequested(signal)) == [.logForced(signal), .abort])
    }

    @Test func nextProgramDoesNotTakeOverWhoIsStopping() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal))
        #expect(lifecycle.handle(.successionReady) == [])
        #expect(lifecycle.state == .leaving)
    }

    @Test func shutdownSaysWhetherASnapshotIsWritten() {
        for wish in [SaveWish.save, .noSave] {
            let reason = Lifecycle.StopReason.command(peer: "127.0.0.1:5", save: wish)
            var lifecycle = lifecycle(after: .started, .stopRequested(reason), .delayPassed)
            #expect(lifecycle.handle(.drained) == [.save(wish)])
        }
    }

    @Test func signalWhileTheLastSnapshotIsWrittenEndsAtOnce() {
        var lifecycle = lifecycle(after: .started, .stopRequested(command), .delayPassed, .drained)
        #expect(lifecycle.handle(.stopRequested(signal)) == [.logForced(signal), .abort])
    }

    @Test func deadlineEndsADrainThatLasts() {
        var lifecycle = lifecycle(after: .started, .stopRequested(signal), .delayPassed)
        #expect(lifecycle.handle(.deadlinePassed) == [.logDeadline, .save(.asConfigured)])
        #expect(lifecycle.handle(.saved) == [.logFinalStatistics, .finish])
    }

    @Test func secondSignalEndsAtOnce() {
        var lifecycle = lifecycle(after: .started, .stopRequested(command), .delayPassed)
        #expect(lifecycle.handle(.stopRequested(signal)) == [.logForced(signal), .abort])
    }

    @Test func secondShutdownCommandChangesNothing() {
        var leaving = lifecycle(after: .started, .stopRequested(signal))
        #expect(leaving.handle(.stopRequested(command)) == [])
        #expect(leaving.state == .leaving)
        var draining = lifecycle(after: .started, .stopRequested(signal), .delayPassed)
        #expect(draining.handle(.stopRequested(command)) == [])
        #expect(draining.state == .draining)
    }

    @Test func reloadIsForARunningServerOnly() {
        var running = lifecycle(after: .started)
        #expect(running.handle(.reloadRequested) == [.reload])
        for last in [Lifecycle.Event.stopRequested(signal), .delayPassed] {
            var stopping = lifecycle(after: .started, .stopRequested(signal), last)
            #expect(stopping.handle(.reloadRequested) == [])
        }
    }

    @Test func nothingFollowsTheEnd() {
        for event in [
            Lifecycle.Event.started, .delayPassed, .drained, .saved, .deadlinePassed, .reloadRequested,
            .stopRequested(signal),
        ] {
            var stopped = lifecycle(after: .started, .stopRequested(signal), .delayPassed, .drained, .saved)
            #expect(stopped.handle(event) == [])
            #expect(stopped.state == .stopped)
        }
    }

    @Test func stopDuringTheStartFinishes() {
        var lifecycle = Lifecycle()
        #expect(lifecycle.handle(.stopRequested(signal)) == [.finish])
    }
}
