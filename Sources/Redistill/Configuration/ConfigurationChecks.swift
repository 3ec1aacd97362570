/// What must hold between keys, each of which is fine by itself.
enum ConfigurationChecks {
    static func check(
        _ configuration: Configuration, on machine: MachineMemory
    ) -> (
        problems: [ConfigurationRemark], notes: [ConfigurationRemark]
    ) {
        (
            tlsProblems(configuration) + portProblems(configuration) + shareProblems(configuration)
                + limitProblems(configuration) + UserChecks.problems(configuration)
                + AddressChecks.problems(configuration).map { remark($0.message, $0.key, configuration) },
            notes(configuration, on: machine)
        )
    }

    private static func remark(
        _ message: String, _ name: KeyName, _ configuration: Configuration, isWarning: Bool = false
    ) -> ConfigurationRemark {
        ConfigurationRemark(message, key: name.rawValue, at: configuration[name].origin.written, isWarning: isWarning)
    }

    private static func tlsProblems(_ configuration: Configuration) -> [ConfigurationRemark] {
        guard configuration.usesTLS else { return [] }
        var problems: [ConfigurationRemark] = []
        for name in [KeyName.tlsCertPath, .tlsKeyPath] where configuration.text(name).isEmpty {
            problems.append(remark("TLS is on and needs the path of a file here", name, configuration))
        }
        if configuration.text(.tlsAuthClients) != "no" && configuration.text(.tlsCACertPath).isEmpty {
            problems.append(
                remark("tls_auth_clients needs the authorities of clients here", .tlsCACertPath, configuration))
        }
        return problems
    }

    private static func portProblems(_ configuration: Configuration) -> [ConfigurationRemark] {
        var taken: [Int64: KeyName] = [:]
        var problems: [ConfigurationRemark] = []
        for name in [KeyName.port, .tlsPort, .healthCheckPort] {
            let port = configuration.integer(name)
            guard port > 0 else { continue }
            if let other = taken[port], name == .tlsPort || sharesAddress(configuration) {
                problems.append(remark("\(port) is taken by \(other.rawValue) already", name, configuration))
            }
            taken[port] = name
        }
        return problems
    }

    private static func shareProblems(_ configuration: Configuration) -> [ConfigurationRemark] {
        DatabaseShares(in: configuration).problem(in: configuration)
            .map { [remark($0, .databaseShares, configuration)] } ?? []
    }

    /// A limit below which not even the daemon itself fits is a unit that was left out.
    static func limitProblems(_ configuration: Configuration) -> [ConfigurationRemark] {
        let limit = configuration.integer(.maxMemory)
        guard limit > 0, limit < 1 << 20 else { return [] }
        return [
            remark(
                "\(limit) bytes hold nothing but refuse every write; write a unit, such as "
                    + "\"\(limit < 100 ? limit : 1)gb\", or 0 for no limit", .maxMemory, configuration)
        ]
    }

    private static func sharesAddress(_ configuration: Configuration) -> Bool {
        let address = configuration.text(.healthCheckBind)
        return address.isEmpty || configuration.list(.bind).contains(address)
    }

    private static func notes(_ configuration: Configuration, on machine: MachineMemory) -> [ConfigurationRemark] {
        var notes = IdleKeys.notes(configuration).map { remark($0.message, $0.key, configuration) }
        let limit = configuration.integer(.maxMemory)
        if limit > 0, let available = machine.available, UInt64(limit) > available {
            notes.append(
                remark(
                    "\(limit) bytes are more than the \(available) of \(machine.owner)", .maxMemory, configuration,
                    isWarning: true))
        }
        if limit == 0, !configuration.text(.databaseShares).isEmpty {
            notes.append(remark("there is nothing to share without max_memory", .databaseShares, configuration))
        }
        let isOpen = configuration.list(.bind).contains { !LocalAddress.isLoopback($0) }
        if isOpen && configuration.secret(.password).isEmpty {
            notes.append(
                remark(
                    configuration.flag(.protectedMode)
                        ? "without a password only clients of this machine are served (protected_mode)"
                        : "without a password and without protected_mode anyone who can connect is served",
                    .bind, configuration, isWarning: true))
        }
        return notes + UserChecks.notes(configuration)
    }
}
