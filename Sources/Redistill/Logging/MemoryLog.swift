internal import Logging

/// The log lines of what ``MemoryWatch`` finds.
enum MemoryLog {
    static func write(_ finding: MemoryWatch.Finding, _ configuration: Configuration, to logger: Logger) {
        let limit = configuration.integer(.maxMemory)
        var metadata: Logger.Metadata = [
            "limit": .stringConvertible(limit), "policy": "\(configuration.text(.evictionPolicy))",
        ]
        switch finding {
        case .evicts: logger.notice("max_memory is reached, keys are evicted", metadata: metadata)
        case .refuses: logger.warning("max_memory is reached, writes are refused", metadata: metadata)
        case .refusesNoMore(let count):
            metadata["count"] = .stringConvertible(count)
            logger.notice("no write was refused for a minute", metadata: metadata)
        case .notReady:
            metadata["threshold"] = .stringConvertible(configuration.integer(.healthMemoryThreshold))
            logger.warning("not ready: memory is above health_memory_threshold", metadata: metadata)
        case .readyAgain: logger.notice("ready again: memory has room", metadata: metadata)
        }
    }
}
