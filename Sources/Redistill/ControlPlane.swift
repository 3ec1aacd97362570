internal import Logging

/// The control plane while the server runs: its parts, and which of them answers what the hot path asks.
package final class ControlPlane: HotResponder {
    /// Ties to the server; set by ``HotServer``.
    package let control = HotControl()
    /// The configuration in effect.
    package let live: LiveConfiguration
    /// Reads the configuration anew.
    package let reloader: Reloader
    /// Takes the snapshots that answers are made from.
    package let collector: InfoCollector
    private let machine: MachineMemory
    private let scripts: ScriptService
    private let mailbox: Mailbox
    private let logger: Logger

    package init(
        _ configuration: Configuration, facts: ServerFacts, certificateExpiry: Int64?, machine: MachineMemory,
        log: LogBackend, audit: AuditLog = AuditLog(), mailbox: Mailbox
    ) {
        self.machine = machine
        self.mailbox = mailbox
        logger = log.logger()
        live = LiveConfiguration(configuration, certificateExpiry: certificateExpiry, control: control, log: log, audit: audit)
        scripts = ScriptService(
            live.scriptSettings, workers: configuration.workers, control: control, logger: logger)
        reloader = Reloader(live, log: log)
        collector = InfoCollector(control, live, reloader, scripts, facts: facts)
    }

    package func authenticate(user: RawSpan, password: RawSpan) -> Bool {
        live.credentials.authenticator.accepts(user: user, password: password)
    }

    package func info(sections: [String]) -> String {
        var snapshot = collector.snapshot()
        if InfoSection.named(sections).contains(.keysizes) { snapshot.sizes = collector.sizes() }
        return InfoText.text(of: snapshot, sections: sections)
    }

    package func configGet(patterns: [String]) -> HotReply {
        ConfigGet.reply(
            patterns: patterns, live.configuration, ConfigGet.Facts(workers: collector.facts.workers))
    }

    package func configSet(_ arguments: [ByteText], askedBy peer: String) -> HotReply {
        ConfigSet.perform(arguments, on: live, machine, askedBy: peer)
    }

    package func configRewrite(askedBy peer: String) -> HotReply {
        ConfigRewrite.perform(live, on: machine, logger: logger, askedBy: peer)
    }

    package func shutdown(askedBy peer: String, now: Bool, save: SaveWish) {
        mailbox.post(.stopRequested(.command(peer: peer, save: save)))
        if now { mailbox.post(.deadlinePassed) }
    }

    package func script(_ request: HotScriptRequest) -> HotReply? {
        scripts.answer(request)
    }

    package func http(_ request: HTTPRequest) -> HTTPAnswer {
        let answer = HTTPRouter.answer(
            request, token: live.credentials.token, snapshot: collector.snapshot, details: statusDetails)
        logger.trace(
            "an HTTP request was answered",
            metadata: [
                "method": "\(request.method)", "path": "\(request.path)", "status": .stringConvertible(answer.status),
            ])
        return answer
    }

    /// As many as a page shows well.
    private func statusDetails() -> StatusDetails {
        StatusDetails(
            slowCommands: control.slowCommands(atMost: 10), clients: control.largestClients(atMost: 10),
            hotKeys: control.hotKeys(atMost: 10))
    }

    package func event(_ event: HotEvent) {
        EventLog.write(event, to: logger)
        if let audit = live.audit.logger { EventLog.writeToAudit(event, to: audit) }
    }
}
