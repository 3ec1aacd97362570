/// What is legal and will be regretted on a machine, beside what the checks of every start warn of: for
/// `--check-config`. Pure.
package enum UnwiseSettings {
    /// - Parameter processors: How many workers there will be when no key says it.
    package static func remarks(
        on configuration: Configuration, _ kernel: KernelSettings, processors: Int
    ) -> [ConfigurationRemark] {
        var remarks: [ConfigurationRemark] = []
        func warn(_ name: KeyName, _ message: String) {
            let origin = configuration[name].origin
            remarks.append(
                ConfigurationRemark(
                    message, key: name.rawValue, at: origin == .builtIn ? nil : origin, isWarning: true))
        }
        if configuration.integer(.maxMemory) == 0 {
            warn(.maxMemory, "there is no limit, so the kernel ends the daemon when memory runs out; write \"75%\"")
        }
        let backlog = configuration.integer(.listenBacklog)
        if let most = kernel.longestBacklog, backlog > most {
            warn(
                .listenBacklog,
                "the kernel lets \(most) wait, not \(backlog): sysctl net.core.somaxconn=\(backlog), or write \(most)")
        }
        let connections = configuration.integer(.maxConnections)
        let workers = configuration.integer(.workers)
        let files = Descriptors.needed(connections: connections, workers: workers > 0 ? Int(workers) : processors)
        if let most = kernel.mostOpenFiles, connections > 0, files > most {
            warn(
                .maxConnections,
                "needs \(files) open files, and this session allows \(most): raise that (ulimit -n, LimitNOFILE), or "
                    + "write a smaller number")
        }
        if kernel.alwaysHugePages {
            remarks.append(
                ConfigurationRemark(
                    "transparent huge pages are \"always\", which takes memory that is not used: "
                        + "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled", isWarning: true))
        }
        return remarks
    }
}
