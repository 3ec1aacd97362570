internal import Glibc

/// What would keep the daemon from starting on this machine now, found without starting it.
enum StartChecks {
    static func problems(_ configuration: Configuration) -> [ConfigurationRemark] {
        var problems: [ConfigurationRemark] = []
        func refuse(_ name: KeyName, _ message: String) {
            problems.append(ConfigurationRemark(message, key: name.rawValue, at: configuration[name].origin.written))
        }
        for (name, message) in addresses(configuration) { refuse(name, message) }
        if let message = socketProblem(configuration.text(.unixSocket)) { refuse(.unixSocket, message) }
        for name in [KeyName.logFile, .auditLogFile] {
            if let message = logProblem(configuration.text(name)) { refuse(name, message) }
        }
        do throws(ClusterSelf.Problem) {
            _ = try ClusterSelf.find(in: configuration)
        } catch {
            refuse(.clusterSelf, error.description)
        }
        return problems
    }

    private static func addresses(_ configuration: Configuration) -> [(KeyName, String)] {
        var problems: [(KeyName, String)] = []
        let endpoints = HotEndpoint.all(in: configuration).filter { !$0.isUnixSocket }
        // With a TLS port each address is there twice.
        var tried: Set<String> = []
        for endpoint in endpoints where !endpoint.isOptional && tried.insert(endpoint.address).inserted {
            guard let reason = AddressProbe.problem(with: endpoint.address) else { continue }
            problems.append(
                (.bind, "cannot listen on \"\(endpoint.address)\": \(reason); write an address of this machine, or "
                    + "\"-\(endpoint.address)\" if it may be missing"))
        }
        if problems.isEmpty, !endpoints.isEmpty, endpoints.allSatisfy(\.isOptional),
            endpoints.allSatisfy({ AddressProbe.problem(with: $0.address) != nil }) {
            problems.append((.bind, "this machine has none of the addresses; write one that it has"))
        }
        let health = configuration.text(.healthCheckBind)
        if configuration.integer(.healthCheckPort) > 0, !health.isEmpty,
            let reason = AddressProbe.problem(with: HotEndpoint.bare(health)) {
            problems.append(
                (.healthCheckBind, "cannot listen on \"\(health)\": \(reason); write an address of this machine"))
        }
        return problems
    }

    private static func socketProblem(_ path: String) -> String? {
        guard !path.isEmpty else { return nil }
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT != S_IFSOCK else { return nil }
            return "what is at \"\(path)\" is no socket; take it away, or write another path"
        }
        return directoryProblem(of: path)
    }

    private static func logProblem(_ path: String) -> String? {
        guard !path.isEmpty else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return directoryProblem(of: path) }
        if status.st_mode & S_IFMT == S_IFDIR { return "\"\(path)\" is a directory; write the path of a file in it" }
        return access(path, W_OK) == 0 ? nil : "cannot write to \"\(path)\": \(SystemError.text(errno))"
    }

    /// Why no file can be made at a path.
    private static func directoryProblem(of path: String) -> String? {
        let directory = FileReplacement.directory(of: path)
        guard access(directory, W_OK | X_OK) != 0 else { return nil }
        let reason = errno
        return "cannot make \"\(path)\": \(directory): \(SystemError.text(reason))"
            + (reason == ENOENT ? "; make that directory first" : "")
    }
}
