internal import CRedistillHot
internal import Logging
internal import Synchronization

/// The control plane while the server runs: answers the hot path's questions and puts changes into effect.
package final class ControlPlane: HotResponder {
    private struct State {
        var configuration: Configuration
        var authenticator: Authenticator
        var token: Authenticator.Token
        var facts: ServerFacts
        var readiness = Readiness.starting
        var sampler = RateSampler()
        var certificateExpiry: Int64?
        var reloads = Reloads()

        init(configuration: Configuration, facts: ServerFacts, certificateExpiry: Int64?) {
            self.configuration = configuration
            self.facts = facts
            self.certificateExpiry = certificateExpiry
            authenticator = Authenticator(password: configuration.secret(.password))
            token = Authenticator.Token(configuration.secret(.healthToken))
        }
    }

    /// Ties to the server; set by ``HotServer``.
    package let control = HotControl()
    private let log: LogBackend
    private let logger: Logger
    private let mailbox: Mailbox
    private let machine: MachineMemory
    private let startedAt = Clock.monotonicMicroseconds()
    private let state: Mutex<State>
    /// Held over a whole change, so that a reload and CONFIG SET follow each other. Taken before `state`, never after.
    private let changing = Mutex<Void>(())

    package init(
        _ configuration: Configuration, facts: ServerFacts, certificateExpiry: Int64?, machine: MachineMemory,
        log: LogBackend, mailbox: Mailbox
    ) {
        self.log = log
        self.mailbox = mailbox
        self.machine = machine
        logger = log.logger()
        state = Mutex(State(configuration: configuration, facts: facts, certificateExpiry: certificateExpiry))
    }

    /// The configuration in effect.
    package var configuration: Configuration { state.withLock { $0.configuration } }

    /// Whether clients should come.
    package func set(_ readiness: Readiness) {
        state.withLock { $0.readiness = readiness }
    }

    /// What is known only once the server is up.
    package func set(_ facts: ServerFacts) {
        state.withLock { $0.facts = facts }
    }

    /// Takes a sample for the rates; to be called about ten times a second.
    package func sample() {
        guard let statistics = control.statistics() else { return }
        let time = Clock.monotonicMicroseconds()
        state.withLock { $0.sampler.add(statistics, at: time) }
    }

    /// Everything that can be told now.
    package func snapshot() -> InfoSnapshot {
        let statistics = control.statistics() ?? HotStatistics()
        let state = state.withLock { $0 }
        return InfoSnapshot(
            facts: state.facts, statistics: statistics, commands: control.commandStatistics(),
            errors: control.errorCounts(), configuration: state.configuration,
            rates: state.sampler.rates, readiness: state.readiness, residentBytes: ProcessFacts.residentBytes(),
            processorTime: ProcessFacts.processorTime(), wallTime: Clock.wallMicroseconds(),
            uptimeSeconds: (Clock.monotonicMicroseconds() - startedAt) / 1_000_000,
            certificateExpiry: state.certificateExpiry, reloads: state.reloads)
    }

    /// Puts a configuration that was read anew into effect. What needs a restart stays as it is, with a line in the
    /// log; a failure leaves everything as it was.
    package func reload(_ loaded: LoadedConfiguration) {
        changing.withLock { _ in
            let old = configuration
            var new = loaded.configuration
            let lost = ReloadGuard.lost(from: old, to: new).map(\.rawValue)
            guard lost.isEmpty else {
                state.withLock { $0.reloads.failed += 1 }
                logger.error(
                    "reload refused, the old settings stay: no source sets these keys any more; to do without, write \"\" or 0",
                    metadata: ["file": "\(new.file ?? old.file ?? "none")", "keys": "\(lost.joined(separator: " "))"])
                return
            }
            for key in new.differences(from: old) where key.application == .atRestart {
                logger.warning("\(key.name.rawValue) takes effect at the next start")
                new[key.name] = old[key.name]
            }
            do throws(ConfigurationChange.Failure) {
                try change(from: old, to: new, rereadsFiles: true)
                for note in loaded.notes { logger.warning("\(note)") }
                state.withLock { $0.reloads.succeeded += 1 }
                logger.notice("configuration reloaded", metadata: ["file": "\(new.file ?? "none")"])
            } catch {
                state.withLock { $0.reloads.failed += 1 }
                logger.error("reload failed, the old settings stay: \(error)")
            }
        }
    }

    /// Tells why the configuration could not be read anew.
    package func reloadFailed(_ error: ConfigurationError) {
        state.withLock { $0.reloads.failed += 1 }
        for problem in error.problems { logger.error("reload failed, the old settings stay: \(problem)") }
    }

    /// Reads the certificates anew and uses them for connections from now on; the old pair stays when they don't fit.
    package func renewCertificates(_ options: TLSOptions) {
        changing.withLock { _ in
            do throws(TLSError) {
                let context = try TLSContext.make(options)
                let expiry = context.expiry
                control.setTLS(context)
                state.withLock { $0.certificateExpiry = expiry }
                logger.notice("new TLS certificate in use")
            } catch {
                logger.error("the new TLS files can't be used, the old certificate stays: \(error)")
            }
        }
    }

    /// Warns when the certificate ends soon.
    package func checkCertificateExpiry() {
        guard let days = snapshot().certificateDays, days < Self.warnedDays else { return }
        logger.warning("the TLS certificate ends soon", metadata: ["days": "\(days)"])
    }

    /// Below this many days the certificate's end is worth a warning a day.
    private static let warnedDays = 14

    private func change(
        from old: Configuration, to new: Configuration, rereadsFiles: Bool
    ) throws(ConfigurationChange.Failure) {
        let outcome = try ConfigurationChange.apply(
            from: old, to: new, control: control, log: log, rereadsFiles: rereadsFiles)
        // Hashing is done before the lock is taken.
        let authenticator = Authenticator(password: new.secret(.password))
        let token = Authenticator.Token(new.secret(.healthToken))
        state.withLock { state in
            state.configuration = new
            state.authenticator = authenticator
            state.token = token
            if let expiry = outcome.certificateExpiry { state.certificateExpiry = expiry }
        }
        if new.integer(.maxConnections) != old.integer(.maxConnections),
            let warning = Descriptors.raiseLimit(for: new, workers: control.workers)
        {
            logger.warning("\(warning)")
        }
        for key in new.differences(from: old) {
            logger.notice(
                "\(key.name.rawValue) changed",
                metadata: [
                    "from": "\(ConfigGet.own(key.name, old))", "to": "\(ConfigGet.own(key.name, new))",
                    "by": "\(new[key.name].origin.place)",
                ])
        }
    }
}

// MARK: - Answers to the hot path

extension ControlPlane {
    package func authenticate(user: RawSpan, password: RawSpan) -> Bool {
        state.withLock { $0.authenticator }.accepts(user: user, password: password)
    }

    package func info(sections: [String]) -> String {
        InfoText.text(of: snapshot(), sections: sections)
    }

    package func configGet(patterns: [String]) -> HotReply {
        let (configuration, workers) = state.withLock { ($0.configuration, $0.facts.workers) }
        return ConfigGet.reply(patterns: patterns, configuration, ConfigGet.Facts(workers: workers))
    }

    package func configSet(_ arguments: [ByteText]) -> HotReply {
        changing.withLock { _ in
            let old = configuration
            do throws(ConfigSet.Refusal) {
                let new = try ConfigSet.apply(arguments, to: old, on: machine)
                do throws(ConfigurationChange.Failure) {
                    try change(from: old, to: new, rereadsFiles: false)
                } catch {
                    throw .failed(Self.name(for: error.key, among: arguments), error.description)
                }
                return .ok
            } catch {
                return .failure(error.reply)
            }
        }
    }

    package func configRewrite() -> HotReply {
        changing.withLock { _ in
            do throws(ConfigRewrite.Refusal) {
                try ConfigRewrite.perform(configuration, on: machine)
                logger.notice("configuration file rewritten", metadata: ["file": "\(configuration.file ?? "")"])
                return .ok
            } catch {
                return .error(error.text)
            }
        }
    }

    package func shutdown(askedBy peer: String, now: Bool) {
        mailbox.post(.stopRequested(.command(peer: peer)))
        if now { mailbox.post(.deadlinePassed) }
    }

    package func http(_ request: HTTPRequest) -> HTTPAnswer {
        HTTPRouter.answer(request, token: state.withLock { $0.token }, snapshot: snapshot)
    }

    package func event(_ event: HotEvent) {
        EventLog.write(event, to: logger)
    }

    /// The name by which a client called a key.
    private static func name(for key: KeyName, among arguments: [ByteText]) -> ByteText {
        let names = stride(from: 0, to: arguments.count, by: 2).map { arguments[$0] }
        return names.first { name in
            switch name.text.flatMap(ConfigParameter.named)?.meaning {
            case .key(let other), .redis(let other): other == key
            case .outputBufferLimits: key.rawValue.hasPrefix("output_buffer")
            default: false
            }
        } ?? ByteText(key.rawValue)
    }
}
