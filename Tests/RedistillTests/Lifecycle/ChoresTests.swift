import Testing

@testable import Redistill

@Suite struct ChoresTests {
    @Test func choresAreDueAtOnceAndThenInTheirIntervals() {
        var chores = Chores()
        func due(at now: Int64, watchdog: Int64? = nil) -> [Chores.Chore] { chores.due(at: now, watchdog: watchdog) }
        #expect(due(at: 0) == [.sample, .watchCertificates, .checkExpiry])
        #expect(due(at: 50_000) == [])
        #expect(due(at: 100_000) == [.sample])
        #expect(due(at: 2_000_000) == [.sample, .watchCertificates])
        #expect(due(at: 86_400_000_000) == [.sample, .watchCertificates, .checkExpiry])
    }

    @Test func watchdogFollowsItsInterval() {
        var chores = Chores()
        func due(at now: Int64, watchdog: Int64? = nil) -> [Chores.Chore] { chores.due(at: now, watchdog: watchdog) }
        #expect(due(at: 0, watchdog: 1000).contains(.watchdog))
        #expect(due(at: 999, watchdog: 1000) == [])
        #expect(due(at: 1000, watchdog: 1000) == [.watchdog])
    }

    @Test func missedChoresAreNotMadeUpFor() {
        var chores = Chores()
        func due(at now: Int64, watchdog: Int64? = nil) -> [Chores.Chore] { chores.due(at: now, watchdog: watchdog) }
        _ = due(at: 0)
        #expect(due(at: 1_000_000) == [.sample])
        #expect(due(at: 1_000_001) == [])
    }
}
