/// What was decided at the start, and by whom: for the log, subject by subject. Pure.
package struct StartReport: Sendable {
    /// What the machine said to it.
    package struct Conditions: Sendable {
        /// Processors that this process may run on.
        package var processors: Int
        /// How many of them a quota of the control group is worth, or nil without one.
        package var quota: Double?
        /// Files that this process may have open, or nil where the system does not tell.
        package var openFiles: UInt64?

        package init(processors: Int, quota: Double? = nil, openFiles: UInt64? = nil) {
            self.processors = processors
            self.quota = quota
            self.openFiles = openFiles
        }

        /// Those of this process, after it has raised what it may.
        static func ofThisProcess() -> Conditions {
            Conditions(
                processors: Processors.allowed(), quota: ControlGroup.processorQuota(files: .real),
                openFiles: Descriptors.allowed())
        }
    }

    /// What the record says of itself.
    package static let message = "started with these settings"

    private let configuration: Configuration
    private let workers: Int
    private let endpoints: [String]
    private let conditions: Conditions

    /// - Parameters:
    ///   - workers: How many there are.
    ///   - endpoints: The addresses that are listened on, as messages name them.
    package init(_ configuration: Configuration, workers: Int, endpoints: [String], _ conditions: Conditions) {
        self.configuration = configuration
        self.workers = workers
        self.endpoints = endpoints
        self.conditions = conditions
    }

    /// The subjects, each with what holds of it.
    package var fields: [LogRecord.Field] {
        var fields = [
            LogRecord.Field("addresses", endpoints.joined(separator: ", ")), LogRecord.Field("memory", memory),
            LogRecord.Field("workers", "\(workers) (\(reasonForWorkers))"), LogRecord.Field("connections", connections),
            LogRecord.Field("protection", "\(access); \(encryption)"),
        ]
        let port = configuration.integer(.healthCheckPort)
        if port > 0 {
            let token = configuration.secret(.healthToken).isEmpty ? "for everybody who can connect" : "with a token"
            fields.append(LogRecord.Field("http", "\(configuration.httpAddress):\(port), \(token)"))
        }
        fields.append(LogRecord.Field("persistence", persistence))
        fields.append(LogRecord.Field("configuration", configuration.file ?? "no file"))
        return fields
    }

    private var memory: String {
        let limit = configuration.integer(.maxMemory), policy = configuration.text(.evictionPolicy)
        guard limit > 0 else {
            return configuration[.maxMemory].origin.written.map { "no limit (\($0.place))" }
                ?? "no limit, since this machine does not tell what it has"
        }
        let atTheEnd = policy == EvictionPolicy.none ? "writes are refused (noeviction)" : "\(policy) evicts"
        return "\(ByteSize.shown(limit)) (\(origin(of: .maxMemory))); when it is full \(atTheEnd)"
    }

    private var persistence: String {
        guard configuration.flag(.persistenceEnabled) else {
            return switch configuration.keeping {
            case .nothing: "none, a restart empties the cache"
            case .restarts: "in memory: an upgrade and systemd's restart keep the keys"
            case .afterCrash: "in memory: an upgrade, systemd's restart and mostly a crash keep the keys"
            }
        }
        let interval = configuration.integer(.snapshotInterval)
        let clock = interval > 0 ? "every \(TimeText.short(interval))" : "by SAVE and BGSAVE"
        return "snapshots in \(configuration.text(.snapshotPath)), \(clock)\(configuration.flag(.saveOnShutdown) ? " and at a stop" : "")"
    }

    private var reasonForWorkers: String {
        if configuration.integer(.workers) > 0 { return origin(of: .workers) }
        guard let quota = conditions.quota, workers < conditions.processors else { return "one for each processor" }
        return "as many as a CPU quota of \(Decimal.text(quota, places: 2)) is worth, of \(conditions.processors) processors"
    }

    private var connections: String {
        let most = configuration.integer(.maxConnections)
        let files = conditions.openFiles.map { "; \($0) open files allowed" } ?? ""
        return (most == 0 ? "no limit of their number" : "\(most) at most") + files
    }

    private var access: String {
        if !configuration.secret(.password).isEmpty { return "a password" }
        return configuration.flag(.protectedMode)
            ? "no password, only clients of this machine are served (protected_mode)"
            : "no password, and whoever can connect is served"
    }

    private var encryption: String {
        if configuration.flag(.tlsEnabled) { return "TLS" }
        let port = configuration.integer(.tlsPort)
        return port > 0 ? "TLS on port \(port)" : "no TLS"
    }

    /// Where a value comes from: its place, or the reason of a default.
    private func origin(of name: KeyName) -> String { configuration[name].origin.place }
}
