internal import CRedistillHot
internal import Glibc
internal import Logging

/// The main thread between start and exit: waits for signals and messages, and does what ``Lifecycle`` says.
struct MainLoop: ~Copyable {
    private let server: HotServer
    private let plane: ControlPlane
    private let mailbox: Mailbox
    private let sources: ConfigurationSources
    private let logger: Logger
    private let manager: ServiceManager
    private let succession: Succession
    /// Where the program is, whichever is installed there.
    private let program: String
    /// Of the program that is to take over.
    private var rehearsal: Rehearsal?
    private var lifecycle = Lifecycle()
    private var chores = Chores()
    private var certificates: CertificateRenewal
    /// When `shutdown_delay` is over, on the monotonic clock.
    private var delayEnd: Int64?
    /// When a stop must be over, on the monotonic clock.
    private var deadline: Int64?
    private var exitCode: Int32?
    /// When systemd is next asked for more time, on the monotonic clock.
    private var nextExtension: Int64 = 0
    /// When there was a snapshot last, or the start, on the monotonic clock.
    private var restSince = Clock.monotonicMicroseconds()
    /// The last snapshot is still to be begun.
    private var awaitsSnapshot = false
    /// All keys of the snapshot before are there.
    private var hasLoaded = false

    /// Chores are looked for this often.
    private static let usualTick = 100
    /// And this often while no command comes: waking is most of what an idle daemon costs.
    private static let restTick = 1000
    /// While draining, signals and the last connection are looked for in turn.
    private static let drainTick = 20
    private static let extensionInterval: Int64 = 2_000_000

    init(
        server: consuming HotServer, plane: ControlPlane, mailbox: Mailbox, sources: ConfigurationSources,
        manager: ServiceManager, succession: Succession, program: String, logger: Logger
    ) {
        self.server = server
        self.plane = plane
        self.mailbox = mailbox
        self.sources = sources
        self.logger = logger
        self.succession = succession
        self.program = program
        certificates = CertificateRenewal(plane.live, logger: logger)
        self.manager = manager
    }

    /// Runs to the end and destroys the server.
    consuming func run() -> Int32 {
        waitForLoading()
        hasLoaded = exitCode == nil
        handle(.started)
        while exitCode == nil {
            for chore in chores.due(at: Clock.monotonicMicroseconds(), watchdog: manager.watchdogInterval) {
                perform(chore)
            }
            if let delayEnd, Clock.monotonicMicroseconds() >= delayEnd { endDelay() }
            if rehearsal != nil { lookAtRehearsal() }
            let isDraining = lifecycle.state == .draining
            if isDraining { drain() }
            if lifecycle.state == .saving { waitForSnapshot() }
            receive(Signals.wait(milliseconds: isDraining ? 0 : tick))
            for event in mailbox.take() { handle(event) }
        }
        return exitCode ?? 0
    }

    private var tick: Int {
        if lifecycle.state == .saving || rehearsal != nil { return Self.drainTick }
        return plane.collector.isResting && delayEnd == nil ? Self.restTick : Self.usualTick
    }

    private mutating func receive(_ signal: Signals.Received?) {
        switch signal {
        case .stop(let name): handle(.stopRequested(.signal(name)))
        case .reload: handle(.reloadRequested)
        case .upgrade: rehearse()
        case .wake, nil: break
        }
    }

    private mutating func perform(_ chore: Chores.Chore) {
        switch chore {
        case .sample:
            for finding in plane.collector.sample() { MemoryLog.write(finding, plane.live.configuration, to: logger) }
            saveIfDue()
        case .watchdog: manager.send(.watchdog)
        case .checkExpiry: certificates.warnBeforeEnd()
        case .watchCertificates: certificates.renewIfChanged()
        }
    }

    /// The program that is installed now is tried before anything is given up for it.
    private mutating func rehearse() {
        guard plane.live.configuration.keeping != .nothing else {
            return logger.warning("no upgrade: warm_restart is off")
        }
        guard lifecycle.state == .running else {
            return logger.warning("no upgrade: this is no time for it", metadata: ["state": "\(lifecycle.state)"])
        }
        guard rehearsal == nil else { return }
        logger.notice("upgrade requested", metadata: ["program": "\(program)"])
        do throws(FileProblem) {
            rehearsal = try Rehearsal(program)
        } catch {
            logRefusal("it can't be begun: \(error)")
        }
    }

    private mutating func lookAtRehearsal() {
        let outcome = rehearsal?.look() ?? .running
        if outcome == .running { return }
        rehearsal = nil
        switch outcome {
        case .passed: handle(.successionReady)
        case .failed(let reason): logRefusal(reason)
        case .running: break
        }
    }

    private func logRefusal(_ reason: String) {
        logger.error("no upgrade: the program failed its check, this one serves on", metadata: ["reason": "\(reason)"])
    }

    /// Its sockets stay open, so that who connects meanwhile waits for the next program.
    private func appointProgram() {
        let endpoints = HotEndpoint.all(in: plane.live.configuration)
        let descriptors = plane.control.lendListeners(count: endpoints.count)
        var listeners: [String: Int32] = [:]
        for (endpoint, descriptor) in zip(endpoints, descriptors) where descriptor >= 0 {
            listeners[endpoint.inheritanceKey] = descriptor
        }
        succession.leave(listeners: listeners)
        succession.heir = .program
    }

    /// A stop overtakes the upgrade: what is being answered still is, within the time that it had.
    private func dismissProgram() {
        succession.dismiss()
        manager.send(.stopping(within: plane.live.configuration.integer(.shutdownTimeout) * 1000))
        for endpoint in HotEndpoint.all(in: plane.live.configuration) where endpoint.isUnixSocket { unlink(endpoint.address) }
    }

    private mutating func startDelay() {
        let milliseconds = plane.live.configuration.integer(.shutdownDelay)
        manager.send(.stopping(within: (milliseconds + plane.live.configuration.integer(.shutdownTimeout)) * 1000))
        guard milliseconds > 0 else { return endDelay() }
        delayEnd = Clock.monotonicMicroseconds() + milliseconds * 1000
        logger.notice(
            "not ready any more, still serving until shutdown_delay is over",
            metadata: ["seconds": "\(Decimal.text(Double(milliseconds) / 1000, places: 1))"])
    }

    private mutating func endDelay() {
        delayEnd = nil
        handle(.delayPassed)
    }

    private mutating func drain() {
        if server.waitDrained(milliseconds: UInt64(Self.drainTick)) {
            handle(.drained)
        } else if let deadline, Clock.monotonicMicroseconds() >= deadline {
            handle(.deadlinePassed)
        }
    }

    /// Until the snapshot of before is loaded, or a stop is asked for. The port is open, and who asks is told LOADING.
    private mutating func waitForLoading() {
        while exitCode == nil, case let facts = plane.control.snapshotFacts(), facts.isLoading {
            extendTime("loading the snapshot, \(facts.keysNow) keys so far")
            receive(Signals.wait(milliseconds: Self.drainTick))
            for event in mailbox.take() { handle(event) }
        }
    }

    /// The time counts from the end of the snapshot before.
    private mutating func saveIfDue() {
        let interval = plane.live.configuration.integer(.snapshotInterval) * 1000
        guard interval > 0, lifecycle.state == .running, plane.live.configuration.flag(.persistenceEnabled) else { return }
        let now = Clock.monotonicMicroseconds()
        if plane.control.snapshotFacts().isSaving {
            restSince = now
        } else if now - restSince >= interval {
            restSince = now
            _ = plane.control.beginSnapshot()
        }
    }

    /// The last snapshot is written by the hot path's own thread, so that a second signal is seen meanwhile.
    private mutating func save(_ wish: SaveWish) {
        guard wish.holds(in: plane.live.configuration) else { return handle(.saved) }
        awaitsSnapshot = true
        logger.notice("writing the last snapshot")
    }

    /// One that is under way has not seen the last writes, so another follows it.
    private mutating func waitForSnapshot() {
        let facts = plane.control.snapshotFacts()
        if facts.isSaving {
            extendTime("writing the last snapshot, \(facts.keysNow) keys so far")
        } else if awaitsSnapshot {
            awaitsSnapshot = false
            if !plane.control.beginSnapshot() { handle(.saved) }
        } else {
            handle(.saved)
        }
    }

    /// Of whoever has started us, and may end what takes too long.
    private mutating func extendTime(_ status: String) {
        guard Clock.monotonicMicroseconds() >= nextExtension else { return }
        nextExtension = Clock.monotonicMicroseconds() + Self.extensionInterval
        manager.send(.busy(status: status))
    }

    private mutating func handle(_ event: Lifecycle.Event) {
        for action in lifecycle.handle(event) { perform(action) }
    }

    private mutating func perform(_ action: Lifecycle.Action) {
        switch action {
        case .setReadiness(let readiness): plane.collector.readiness = readiness
        case .announce: announce()
        case .logStop(let reason): logger.notice("stopping", metadata: ["reason": "\(reason)"])
        case .startDelay: startDelay()
        case .logDelayCut(let reason):
            logger.notice("shutdown_delay is cut short", metadata: ["reason": "\(reason)"])
        case .beginDrain:
            delayEnd = nil
            plane.control.beginDrain()
        case .appointProgram: appointProgram()
        case .dismissProgram: dismissProgram()
        case .startDeadline:
            deadline = Clock.monotonicMicroseconds() + plane.live.configuration.integer(.shutdownTimeout) * 1000
        case .reload: reload()
        case .logDeadline:
            let left = plane.collector.snapshot().statistics.connections_active
            logger.warning(
                "shutdown_timeout is over, the remaining connections are closed", metadata: ["connections": .stringConvertible(left)])
        case .save(let wish): save(wish)
        case .logForced(let reason): logger.warning("stopping at once", metadata: ["reason": "\(reason)"])
        case .logFinalStatistics:
            logger.notice("final statistics", metadata: FinalStatistics.metadata(of: plane.collector.snapshot()))
        case .finish:
            // Half of a snapshot is not kept: the next start would take it for the whole.
            let isKept = hasLoaded && plane.live.configuration.keeping != .nothing && manager.socket != nil
            if isKept && succession.heir == .none { succession.heir = .manager }
            exitCode = 0
        case .abort:
            // Joining workers may take long; a second signal means now.
            _exit(1)
        }
    }

    private func announce() {
        let endpoints = HotEndpoint.descriptions(of: plane.live.configuration) { plane.control.port(ofEndpoint: $0) }
        let line = StartLine.text(of: plane.collector.snapshot(), endpoints: endpoints)
        manager.send(.ready(status: line))
        StandardStreams.write(StartLine.output(line, in: plane.live.configuration.logFormat, at: Timestamp.now()), to: STDOUT_FILENO)
        // Where log and output go the same way, the same line twice would only be noise.
        if !plane.live.configuration.text(.logFile).isEmpty { logger.notice("\(line)") }
    }

    private func reload() {
        manager.send(.reloading(at: Clock.monotonicMicroseconds()))
        // First, so that a broken configuration does not keep logrotate's old file growing.
        plane.reloader.reopenLog()
        logger.notice("reload requested", metadata: ["reason": "SIGHUP"])
        if let problem = plane.reloader.reload(from: sources) {
            manager.send(.notReloaded(at: Timestamp.now(), problem: problem))
        } else {
            manager.send(.ready(status: "configuration read at \(Timestamp.now())"))
        }
    }
}
