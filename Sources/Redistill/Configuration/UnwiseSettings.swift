/// What is legal and will be regretted on a machine, beside what the checks of every start warn of: for
/// `--check-config`. Pure.
package struct UnwiseSettings {
    /// What the settings are to be used with.
    package struct Surroundings: Sendable {
        package var kernel: KernelSettings
        package var machine: MachineMemory
        /// How many workers there will be when no key says it.
        package var processors: Int
        /// Whole days until the certificate ends, or nil without TLS.
        package var certificateDays: Int64?

        package init(
            kernel: KernelSettings, machine: MachineMemory, processors: Int, certificateDays: Int64? = nil
        ) {
            self.kernel = kernel
            self.machine = machine
            self.processors = processors
            self.certificateDays = certificateDays
        }
    }

    private let configuration: Configuration
    private let surroundings: Surroundings
    private var remarks: [ConfigurationRemark] = []

    private init(_ configuration: Configuration, _ surroundings: Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
    }

    package static func remarks(on configuration: Configuration, _ surroundings: Surroundings) -> [ConfigurationRemark] {
        var settings = UnwiseSettings(configuration, surroundings)
        settings.lookAtMemory()
        settings.lookAtConnections()
        settings.lookAtSecurity()
        return settings.remarks
    }

    private mutating func warn(_ name: KeyName?, _ message: String) {
        remarks.append(
            ConfigurationRemark(
                message, key: name?.rawValue, at: name.flatMap { configuration[$0].origin.written }, isWarning: true))
    }

    private mutating func lookAtMemory() {
        let limit = configuration.integer(.maxMemory), machine = surroundings.machine
        if limit == 0 {
            warn(.maxMemory, "there is no limit, so the kernel ends the daemon when memory runs out; write \"75%\"")
        }
        // More than there is is noted at every start.
        if limit > 0, configuration[.maxMemory].origin.written != nil, let available = machine.available,
            case let rest = Int64(clamping: available) - limit, (0..<Int64(MemoryDefault.rest)).contains(rest)
        {
            warn(
                .maxMemory,
                "leaves \(ByteSize.shown(rest)) of what \(machine.owner) has, and the program itself, sockets and the "
                    + "kernel need more; leave max_memory out, and there is enough")
        }
        if let promised = surroundings.kernel.promisedMemory, limit > promised {
            warn(
                .maxMemory,
                "vm.overcommit_memory is 2, and the kernel promises \(ByteSize.shown(promised)) to all processes together, "
                    + "so writes are refused before the limit: sysctl vm.overcommit_memory=0, or write less")
        }
        if configuration.keeping != .nothing, surroundings.kernel.noSharedHugePages {
            warn(
                .warmRestart,
                "the kernel gives shared memory no huge pages, without which reads of a large cache cost a third more: "
                    + "echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled")
        }
        if surroundings.kernel.alwaysHugePages {
            warn(
                nil,
                "transparent huge pages are \"always\", which takes memory that is not used: "
                    + "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled")
        }
    }

    private mutating func lookAtConnections() {
        let backlog = configuration.integer(.listenBacklog)
        if let most = surroundings.kernel.longestBacklog, backlog > most {
            warn(
                .listenBacklog,
                "the kernel lets \(most) wait, not \(backlog): sysctl net.core.somaxconn=\(backlog), or write \(most)")
        }
        let connections = configuration.integer(.maxConnections), workers = configuration.integer(.workers)
        let files = Descriptors.needed(
            connections: connections, workers: workers > 0 ? Int(workers) : surroundings.processors)
        if let most = surroundings.kernel.mostOpenFiles, connections > 0, files > most {
            warn(
                .maxConnections,
                "needs \(files) open files, and this session allows \(most): raise that (ulimit -n, LimitNOFILE), or "
                    + "write a smaller number")
        }
    }

    private mutating func lookAtSecurity() {
        if let days = surroundings.certificateDays, days < CertificateRenewal.warnedDays {
            warn(.tlsCertPath, "the certificate ends in \(days) \(days == 1 ? "day" : "days"): renew it")
        }
        if configuration.text(.enableDebugCommand) == "yes" {
            warn(.enableDebugCommand, "every client may crash the daemon or hold it up; write \"local\", or \"no\"")
        }
    }
}
