internal import Glibc

/// The process's limit of open files.
enum Descriptors {
    /// Open files for that many clients.
    static func needed(connections: Int64, workers: Int) -> UInt64 {
        // Listeners, event loops, log, standard streams and some to spare.
        UInt64(connections) + 64 + 4 * UInt64(workers)
    }

    /// The most that this process may raise its limit to, or nil when it may go as far as it likes.
    static func most() -> UInt64? {
        var limit = rlimit()
        guard geteuid() != 0, getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return UInt64(limit.rlim_max)
    }

    /// How many this process may have open now, or nil when the system does not tell.
    static func allowed() -> UInt64? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : nil
    }

    /// Raises the limit for a configuration.
    ///
    /// - Returns: A sentence when the limit stays too low, else nil.
    static func raiseLimit(for configuration: Configuration, workers: Int) -> String? {
        let connections = configuration.integer(.maxConnections)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        // Without a limit of ours the system's own is all there is.
        let wanted = connections == 0 ? limit.rlim_max : rlim_t(needed(connections: connections, workers: workers))
        guard limit.rlim_cur < wanted else { return nil }
        var raised = rlimit(rlim_cur: wanted, rlim_max: max(wanted, limit.rlim_max))
        // Beyond the hard limit only root may go.
        if setrlimit(resource, &raised) == 0 { return nil }
        raised = rlimit(rlim_cur: min(wanted, limit.rlim_max), rlim_max: limit.rlim_max)
        _ = setrlimit(resource, &raised)
        guard raised.rlim_cur < wanted else { return nil }
        return "max_connections needs \(wanted) open files, the system allows \(raised.rlim_cur); "
            + "raise the limit (ulimit -n, LimitNOFILE) or lower max_connections"
    }
}
