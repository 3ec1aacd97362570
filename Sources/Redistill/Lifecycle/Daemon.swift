internal import COpenSSL
internal import CRedistillHot
internal import Glibc
internal import Logging

/// The daemon from its start to its exit code.
public enum Daemon {
    /// Runs until a stop is asked for.
    ///
    /// - Returns: 0 after a graceful stop, 78 for a wrong configuration, 1 when the start fails or a second signal
    ///   cuts the stop short.
    public static func run(_ sources: ConfigurationSources) -> Int32 {
        var format = LogFormat.text
        do throws(StartError) {
            let loaded = try load(sources, &format)
            return try serve(loaded, sources)
        } catch {
            StandardStreams.write(error.output(in: format, at: Timestamp.now()), to: STDERR_FILENO)
            return error.exitCode
        }
    }

    /// - Parameter format: How to tell what goes wrong from then on, that of the loading itself too.
    private static func load(
        _ sources: ConfigurationSources, _ format: inout LogFormat
    ) throws(StartError) -> LoadedConfiguration {
        do throws(ConfigurationError) {
            let loaded = try ConfigurationLoader.load(sources)
            format = loaded.configuration.logFormat
            return loaded
        } catch {
            format = error.logFormat
            throw .configuration(error)
        }
    }

    private static func serve(_ loaded: LoadedConfiguration, _ sources: ConfigurationSources) throws(StartError) -> Int32 {
        var inheritance = Inheritance.find(in: sources.environment, processID: getpid())
        inheritance.forgetClosed()
        let configuration = try knowingItsNode(loaded.configuration)
        let log = LogBackend()
        log.use(level: configuration.text(.level))
        log.sink.use(configuration.logFormat)
        do throws(FileProblem) {
            try log.sink.open(configuration.text(.logFile))
        } catch {
            throw .runtime("log_file: cannot open \"\(configuration.text(.logFile))\": \(error)")
        }
        let audit = AuditLog()
        do throws(FileProblem) {
            try audit.open(configuration.text(.auditLogFile), format: configuration.logFormat)
        } catch {
            throw .runtime("audit_log_file: cannot open \"\(configuration.text(.auditLogFile))\": \(error)")
        }
        let crash = CrashReport.install(log: log.sink)
        let tls = try makeTLS(configuration)
        let expiry: Int64? =
            switch tls {
            case .some(let context): context.expiry
            case .none: nil
            }
        LibeventLog.send(to: log.logger())
        // From here on threads may start, and none of them must be interrupted.
        Signals.prepare()
        let mailbox = Mailbox(wake: Signals.wake)
        let plane = ControlPlane(
            configuration, facts: ServerFacts(), certificateExpiry: expiry, machine: sources.machine, log: log,
            audit: audit, mailbox: mailbox)
        let logger = log.logger()
        let succession = Succession()
        let manager = ServiceManager(environment: sources.environment, processID: getpid())
        inheritance.discard(listenersBut: Set(HotEndpoint.all(in: configuration).map(\.inheritanceKey)))
        if configuration.keeping == .afterCrash, inheritance.isOfManager {
            // Less than all of the machine or the container, where something else may need a little meanwhile.
            inheritance.roomToRecover = (sources.machine.available ?? 0) / 10 * 9
            manager.send(.recovering)
        }
        do throws(HotError) {
            let server = try HotServer(
                configuration, responder: plane, control: plane.control, crash: crash, inheritance: inheritance,
                succession: succession)
            if let tls = consume tls { plane.control.setTLS(tls) }
            plane.control.setUsers(try HotUserList(configuration.users))
            if let map = ClusterMap(configuration) { try plane.control.setCluster(map) }
            if let warning = Descriptors.raiseLimit(for: configuration, workers: plane.control.workers) {
                logger.warning("\(warning)")
            }
            do throws(FileProblem) {
                try KillScore.apply(configuration, insteadOf: nil)
            } catch {
                logger.warning("oom_score_adj can't be set: \(error)")
            }
            try server.start()
            plane.collector.facts = facts(of: plane.control, configuration, sources)
            for note in loaded.notes { logger.warning("\(note)") }
            let report = StartReport(
                configuration, workers: plane.control.workers,
                endpoints: HotEndpoint.descriptions(of: configuration) { plane.control.port(ofEndpoint: $0) },
                .ofThisProcess())
            log.write(StartReport.message, below: report.fields)
            tellOfKeys(plane, inheritance, manager, logger)
            let program = ProcessFacts.installedProgram()
            let code = MainLoop(
                server: server, plane: plane, mailbox: mailbox, sources: sources, manager: manager, succession: succession,
                program: program, logger: logger
            ).run()
            if let problem = succession.fulfil(manager: manager, executable: program) {
                logger.error("the keys are lost", metadata: ["reason": "\(problem)"])
            }
            return code
        } catch {
            throw .runtime(ListenFailure.explain(error, configuration))
        }
    }

    /// Says whether a process before has left its keys, or why they are not here.
    private static func tellOfKeys(
        _ plane: ControlPlane, _ inheritance: Inheritance, _ manager: ServiceManager, _ logger: Logger
    ) {
        unsetenv(Inheritance.variable)
        let adoption = plane.control.adoption(), reason = adoption.reason
        entrustKeys(plane, inheritance, manager, logger)
        if adoption.hasAdopted {
            tellOfAdoption(adoption, keys: plane.collector.snapshot().statistics.keys, logger)
        } else if inheritance.isLost {
            logger.warning("starting cold", metadata: ["reason": "the descriptor that it was left with is not open"])
        } else if inheritance.store != nil {
            logger.warning("starting cold", metadata: ["reason": "\(reason ?? "warm_restart is off")"])
        } else if let reason {
            logger.warning("warm_restart has no effect", metadata: ["reason": "\(reason)"])
        }
    }

    private static func tellOfAdoption(_ adoption: HotAdoption, keys: UInt64, _ logger: Logger) {
        guard let losses = adoption.losses else {
            return logger.notice("the keys of the process before are here", metadata: ["keys": .stringConvertible(keys)])
        }
        logger.warning(
            "the process before has crashed, its keys are recovered",
            metadata: [
                "keys": .stringConvertible(keys), "lost_keys": .stringConvertible(losses.lostKeys),
                "lost_shards": "\(losses.lostShards) of \(losses.shards)",
            ])
    }

    /// From now on systemd has the memory that the keys lie in, or none of this daemon's.
    private static func entrustKeys(
        _ plane: ControlPlane, _ inheritance: Inheritance, _ manager: ServiceManager, _ logger: Logger
    ) {
        guard plane.live.configuration.keeping == .afterCrash, let store = plane.control.storeDescriptor() else {
            if inheritance.store != nil { manager.send(.forget(name: Inheritance.name)) }
            return
        }
        if !manager.store(store, as: Inheritance.name) {
            logger.warning("a crash will lose the keys", metadata: ["reason": "no systemd keeps their memory"])
        }
    }

    /// Which node of a cluster this daemon is stays as it is found now, whatever other maps come.
    private static func knowingItsNode(_ configuration: Configuration) throws(StartError) -> Configuration {
        var configuration = configuration
        do throws(ClusterSelf.Problem) {
            configuration.foundNode = try ClusterSelf.find(in: configuration) ?? configuration.ownNode
            return configuration
        } catch {
            let origin = configuration[.clusterSelf].origin.written ?? configuration[.clusterNodes].origin.written
            throw .configuration(
                ConfigurationError([
                    ConfigurationRemark(error.description, key: KeyName.clusterSelf.rawValue, at: origin)
                ]))
        }
    }

    private static func makeTLS(_ configuration: Configuration) throws(StartError) -> TLSContext? {
        guard let options = TLSOptions(configuration) else { return nil }
        do throws(TLSError) {
            return try TLSContext.make(options)
        } catch {
            throw .configuration(error)
        }
    }

    private static func facts(
        of control: HotControl, _ configuration: Configuration, _ sources: ConfigurationSources
    ) -> ServerFacts {
        var generator = SystemRandomNumberGenerator()
        let runID = (0..<40).map { _ in String(UInt8.random(in: 0..<16, using: &generator), radix: 16) }.joined()
        return ServerFacts(
            operatingSystem: ProcessFacts.operatingSystem(), processID: getpid(), runID: runID,
            executable: ProcessFacts.executable(), port: control.port(ofEndpoint: 0), workers: control.workers,
            shards: control.shards, totalMemory: sources.machine.available ?? 0,
            libeventVersion: String(cString: rd_libevent_version()),
            opensslVersion: String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)),
            isSupervised: sources.environment["NOTIFY_SOCKET"]?.isEmpty == false,
            listeners: HotEndpoint.listeners(HotEndpoint.all(in: configuration)) { control.port(ofEndpoint: $0) })
    }
}
