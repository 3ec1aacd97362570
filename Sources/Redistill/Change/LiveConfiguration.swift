internal import Logging
internal import Synchronization

/// The configuration in effect, and the one way by which another takes its place.
package final class LiveConfiguration: Sendable {
    private struct InEffect {
        var configuration: Configuration
        var credentials: Credentials
        var certificateExpiry: Int64?
    }

    private let control: HotControl
    private let log: LogBackend
    /// Who did what.
    let audit: AuditLog
    /// What holds of scripts.
    let scriptSettings: ScriptSettings
    private let logger: Logger
    private let inEffect: Mutex<InEffect>
    /// Held over a whole change, so that a reload and CONFIG SET follow each other. Taken before `inEffect`, never after.
    private let turns = Mutex<Void>(())

    init(_ configuration: Configuration, certificateExpiry: Int64?, control: HotControl, log: LogBackend, audit: AuditLog) {
        self.control = control
        self.audit = audit
        self.log = log
        logger = log.logger()
        scriptSettings = ScriptSettings(configuration)
        inEffect = Mutex(
            InEffect(
                configuration: configuration, credentials: Credentials(configuration),
                certificateExpiry: certificateExpiry))
    }

    /// What holds now.
    package var configuration: Configuration { inEffect.withLock { $0.configuration } }

    var credentials: Credentials { inEffect.withLock { $0.credentials } }

    /// When the certificate in use ends, in seconds since 1970, or nil without TLS.
    var certificateExpiry: Int64? { inEffect.withLock { $0.certificateExpiry } }

    /// Nobody else changes anything while `body` runs.
    func inTurn<Result: Sendable>(_ body: (borrowing Turn) -> Result) -> Result {
        let turn = Turn(live: self)
        return turns.withLock { _ in body(turn) }
    }

    /// The right to change what is in effect; it can't be kept.
    struct Turn: ~Copyable {
        fileprivate let live: LiveConfiguration

        var configuration: Configuration { live.configuration }

        /// Puts another configuration into effect, all of it or nothing, and tells the log what has changed.
        ///
        /// - Parameters:
        ///   - rereadsFiles: Whether certificates and the log file are opened anew though their paths are the same.
        ///   - peer: The address of the client that asks, or nil when nobody did over the network.
        func apply(
            _ new: Configuration, rereadsFiles: Bool, askedBy peer: String? = nil
        ) throws(ConfigurationChange.Failure) {
            let old = configuration
            let change = ConfigurationChange(
                from: old, to: new, control: live.control, log: live.log, audit: live.audit,
                rereadsFiles: rereadsFiles)
            // Hashing is done before the lock is taken.
            let credentials = Credentials(new)
            let live = live
            let expiry = try change.perform { live.inEffect.withLock { $0.credentials = credentials } }
            live.inEffect.withLock { inEffect in
                inEffect.configuration = new
                if let expiry { inEffect.certificateExpiry = expiry }
            }
            live.scriptSettings.apply(new)
            ChangeLog.write(from: old, to: new, askedBy: peer, to: live.logger)
            if let audit = live.audit.logger { ChangeLog.write(from: old, to: new, askedBy: peer, to: audit) }
        }

        /// Uses another certificate for connections from now on.
        func apply(_ certificate: consuming TLSContext) {
            let expiry = certificate.expiry
            live.control.setTLS(certificate)
            live.inEffect.withLock { $0.certificateExpiry = expiry }
        }
    }
}
