internal import CRedistillHot
internal import Synchronization

/// Collects all that can be told of the server, whenever somebody asks.
package final class InfoCollector: Sendable {
    private struct State {
        var facts: ServerFacts
        var readiness = Readiness.starting
        var sampler = RateSampler()
        var memory = MemoryWatch()
    }

    private let control: HotControl
    private let live: LiveConfiguration
    private let reloader: Reloader
    private let scripts: ScriptService
    private let startedAt = Clock.monotonicMicroseconds()
    private let state: Mutex<State>

    init(_ control: HotControl, _ live: LiveConfiguration, _ reloader: Reloader, _ scripts: ScriptService, facts: ServerFacts) {
        self.control = control
        self.live = live
        self.reloader = reloader
        self.scripts = scripts
        state = Mutex(State(facts: facts))
    }

    /// What does not change while the server runs; some of it is known only once the server is up.
    var facts: ServerFacts {
        get { state.withLock { $0.facts } }
        set { state.withLock { $0.facts = newValue } }
    }

    /// Whether clients should come.
    package var readiness: Readiness {
        get { state.withLock { $0.readiness } }
        set { state.withLock { $0.readiness = newValue } }
    }

    /// Takes a sample for the rates and looks at the memory; to be called about ten times a second.
    ///
    /// - Returns: What is worth a log line.
    func sample() -> [MemoryWatch.Finding] {
        guard let statistics = control.statistics() else { return [] }
        let time = Clock.monotonicMicroseconds()
        let configuration = live.configuration
        return state.withLock { state in
            state.sampler.add(statistics, at: time)
            state.memory.count(evicted: statistics.evicted, refused: statistics.writes_refused, at: time)
            let snapshot = InfoSnapshot(
                facts: state.facts, statistics: statistics, configuration: configuration,
                refusesWrites: state.memory.refusesWrites(at: time))
            return state.memory.findings(isOverThreshold: snapshot.isOverMemoryThreshold, at: time)
        }
    }

    /// Whether the rates have been zero for as long as they are averaged over, so that a sample a second is enough.
    var isResting: Bool { state.withLock { $0.sampler.isResting } }

    /// How large keys and values are; keys are looked at for it.
    package func sizes() -> [HotSizes] {
        control.sizes()
    }

    /// Everything that can be told now, but for that.
    package func snapshot() -> InfoSnapshot {
        let statistics = control.statistics() ?? HotStatistics()
        let state = state.withLock { $0 }
        var snapshot = InfoSnapshot(
            facts: state.facts, statistics: statistics, databases: control.databaseStatistics(),
            commands: control.commandStatistics(), errors: control.errorCounts(), configuration: live.configuration, rates: state.sampler.rates,
            readiness: state.readiness, residentBytes: ProcessFacts.residentBytes(),
            processorTime: ProcessFacts.processorTime(), wallTime: Clock.wallMicroseconds(),
            uptimeSeconds: (Clock.monotonicMicroseconds() - startedAt) / 1_000_000,
            certificateExpiry: live.certificateExpiry, reloads: reloader.reloads, scripts: scripts.figures,
            refusesWrites: state.memory.refusesWrites(at: Clock.monotonicMicroseconds()))
        snapshot.snapshots = control.snapshotFacts()
        return snapshot
    }
}
