internal import Logging

/// A change of the configuration on its way into effect: all of it or nothing.
struct ConfigurationChange {
    /// Why a change has no effect, and which key stands in the way.
    struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        let key: KeyName
        let description: String
    }

    private let old: Configuration
    private let new: Configuration
    private let control: HotControl
    private let log: LogBackend
    private let audit: AuditLog
    private let rereadsFiles: Bool

    /// - Parameter rereadsFiles: Whether certificates and the log file are opened anew though their paths are the same.
    init(
        from old: Configuration, to new: Configuration, control: HotControl, log: LogBackend, audit: AuditLog,
        rereadsFiles: Bool
    ) {
        self.old = old
        self.new = new
        self.control = control
        self.log = log
        self.audit = audit
        self.rereadsFiles = rereadsFiles
    }

    /// Puts the new configuration into effect.
    ///
    /// - Parameter takeCredentials: Exchanges those that clients are asked for. It is called when nothing can fail any more,
    ///   and before users are exchanged, so that nobody gets what a user may do now by a password of before.
    /// - Returns: The end of the certificate that is in use now, if a new one is.
    func perform(takeCredentials: () -> Void) throws(Failure) -> Int64? {
        // First what can fail on its own and has no effect yet, then what can be taken back, then what can't fail.
        let context = try makeTLS()
        let users = try makeUsers()
        do throws(Failure) {
            try setNumbers()
            try setPolicy()
            try setKillScore()
            try openAudit()
            try openLog()
            try setCluster()
        } catch {
            takeBack()
            throw error
        }
        var expiry: Int64?
        if let context = consume context {
            expiry = context.expiry
            control.setTLS(context)
        }
        takeCredentials()
        if let users = consume users { control.setUsers(users) }
        log.use(level: new.text(.level))
        log.sink.use(new.logFormat)
        raiseDescriptors()
        return expiry
    }

    private func makeTLS() throws(Failure) -> TLSContext? {
        // Listeners exist since the start: TLS can be renewed, not turned on.
        guard old.usesTLS, let options = TLSOptions(new) else { return nil }
        guard rereadsFiles || options != TLSOptions(old) else { return nil }
        do throws(TLSError) {
            return try TLSContext.make(options)
        } catch {
            throw Failure(key: .tlsCertPath, description: error.description)
        }
    }

    /// Nil when they are the same, passwords apart, which are not the hot path's.
    private func makeUsers() throws(Failure) -> HotUserList? {
        let isSame = old.users.accounts.elementsEqual(new.users.accounts) {
            $0.mayDoTheSame(as: $1) && ($0.password == nil) == ($1.password == nil)
        }
        guard !isSame else { return nil }
        do throws(HotError) {
            return try HotUserList(new.users)
        } catch {
            throw Failure(key: .password, description: "the users can't be taken over: \(error)")
        }
    }

    private func setNumbers() throws(Failure) {
        for setting in HotSetting.all where setting.value(in: old) != setting.value(in: new) {
            do throws(HotError) {
                try control.set(setting, to: setting.value(in: new))
            } catch {
                throw Failure(key: setting.key, description: error.description)
            }
        }
    }

    private func setPolicy() throws(Failure) {
        let name = new.text(.evictionPolicy)
        guard name != old.text(.evictionPolicy) else { return }
        do throws(HotError) {
            try control.setPolicy(name)
        } catch {
            throw Failure(key: .evictionPolicy, description: error.description)
        }
    }

    private func setCluster() throws(Failure) {
        let isSame = [KeyName.clusterNodes, .clusterSelf, .clusterTLSPort].allSatisfy { old[$0].value == new[$0].value }
        guard !isSame, let before = ClusterMap(old), let map = ClusterMap(new) else { return }
        do throws(HotError) {
            try control.setCluster(map)
        } catch {
            throw Failure(key: .clusterNodes, description: "the map can't be taken over: \(error)")
        }
        let own = map.ownSlots, had = before.ownSlots
        log.logger().notice(
            "the cluster's map is another",
            metadata: [
                "nodes": "\(map.nodes.count)", "slots": "\(own.count)", "gained": "\(own.subtracting(had).count)",
                "lost": "\(had.subtracting(own).count)",
            ])
    }

    private func setKillScore() throws(Failure) {
        do throws(FileProblem) {
            try KillScore.apply(new, insteadOf: old)
        } catch {
            throw Failure(key: .oomScoreAdj, description: KillScore.failure)
        }
    }

    private func openAudit() throws(Failure) {
        let path = new.text(.auditLogFile)
        guard rereadsFiles || path != old.text(.auditLogFile) || new.text(.format) != old.text(.format) else { return }
        if path != old.text(.auditLogFile) {
            audit.logger?.notice("the audit goes on elsewhere", metadata: ["file": "\(path.isEmpty ? "nowhere" : path)"])
        }
        do throws(FileProblem) {
            try audit.open(path, format: new.logFormat)
        } catch {
            throw Failure(key: .auditLogFile, description: "cannot open \"\(path)\": \(error)")
        }
    }

    private func openLog() throws(Failure) {
        let path = new.text(.logFile)
        guard rereadsFiles || path != old.text(.logFile) else { return }
        do throws(FileProblem) {
            try log.sink.open(path)
        } catch {
            throw Failure(key: .logFile, description: "cannot open \"\(path)\": \(error)")
        }
    }

    /// The old values were in effect a moment ago, so nobody refuses them; a server that has stopped meanwhile needs none.
    private func takeBack() {
        try? KillScore.apply(old, insteadOf: new)
        try? control.setPolicy(old.text(.evictionPolicy))
        try? audit.open(old.text(.auditLogFile), format: old.logFormat)
        for setting in HotSetting.all { try? control.set(setting, to: setting.value(in: old)) }
    }

    private func raiseDescriptors() {
        guard new.integer(.maxConnections) != old.integer(.maxConnections),
            let warning = Descriptors.raiseLimit(for: new, workers: control.workers)
        else { return }
        log.logger().warning("\(warning)")
    }
}
