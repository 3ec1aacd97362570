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

    @Test func mailboxGivesEventsInOrderAndOnce() {
        let mailbox = Mailbox()
        mailbox.post(.reloadRequested)
        mailbox.post(.drained)
        #expect(mailbox.take() == [.reloadRequested, .drained])
        #expect(mailbox.take().isEmpty)
    }
}

@Suite struct StartLineTests {
    @Test func lineNamesWhatAnOperatorLooksFor() throws {
        #expect(
            StartLine.text(of: snapshot(), endpoints: ["127.0.0.1:6379"])
                == "Redistill \(Version.redistill) ready on 127.0.0.1:6379: 2 workers, 256 shards, no memory limit, no config file"
        )
        let configuration = try configuration(
            toml: "[memory]\nmax_memory = \"512mb\"\n",
            flags: ["health_check_port": "8080", "health_check_bind": "::1"])
        #expect(
            StartLine.text(of: snapshot(configuration), endpoints: ["a:1", "b:2"])
                == "Redistill \(Version.redistill) ready on a:1, b:2: 2 workers, 256 shards, "
                + "memory limit 512mb (allkeys-lru), health on ::1:8080, config test.toml")
    }
}
