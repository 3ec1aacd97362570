internal import CRedistillHot

/// Everything that INFO, the HTTP bodies and the final log lines are made from.
package struct InfoSnapshot: Sendable {
    package var facts: ServerFacts
    package var statistics: HotStatistics
    package var databases: [HotDatabaseStatistics]
    /// Of databases with keys, where it was asked for.
    package var sizes: [HotSizes] = []
    /// Commands that were called or refused.
    package var commands: [HotCommandStatistics]
    package var errors: [HotErrorCount]
    package var configuration: Configuration
    package var rates: Rates
    package var readiness: Readiness
    /// Bytes in memory as the kernel counts them.
    package var residentBytes: UInt64
    package var processorTime: ProcessorTime
    /// Microseconds since 1970.
    package var wallTime: Int64
    package var uptimeSeconds: Int64
    /// When the TLS certificate ends, in seconds since 1970, or nil without TLS.
    package var certificateExpiry: Int64?
    package var reloads: Reloads
    package var scripts: ScriptFigures
    package var snapshots = HotSnapshotFacts()
    /// Whether a write was refused for want of memory within the last seconds.
    package var refusesWrites: Bool

    package init(
        facts: ServerFacts, statistics: HotStatistics, databases: [HotDatabaseStatistics] = [],
        commands: [HotCommandStatistics] = [], errors: [HotErrorCount] = [], configuration: Configuration, rates: Rates = Rates(),
        readiness: Readiness = .ready, residentBytes: UInt64 = 0, processorTime: ProcessorTime = ProcessorTime(),
        wallTime: Int64 = 0, uptimeSeconds: Int64 = 0, certificateExpiry: Int64? = nil,
        reloads: Reloads = Reloads(), scripts: ScriptFigures = ScriptFigures(),
        refusesWrites: Bool = false
    ) {
        self.facts = facts
        self.statistics = statistics
        self.databases = databases
        self.commands = commands
        self.errors = errors
        self.configuration = configuration
        self.rates = rates
        self.readiness = readiness
        self.residentBytes = residentBytes
        self.processorTime = processorTime
        self.wallTime = wallTime
        self.uptimeSeconds = uptimeSeconds
        self.certificateExpiry = certificateExpiry
        self.reloads = reloads
        self.scripts = scripts
        self.refusesWrites = refusesWrites
    }

    /// Whole days until the certificate ends, negative afterwards, or nil without TLS.
    package var certificateDays: Int64? {
        certificateExpiry.map { CertificateRenewal.days(until: $0, from: wallTime) }
    }

    /// Bytes that are known to be needed: those in use, and the program itself, which was resident before them.
    package var neededBytes: UInt64 {
        statistics.memory_used - min(statistics.memory_used, statistics.memory_initial)
            + max(statistics.memory_startup, statistics.memory_initial)
    }

    /// Resident bytes for each one that is needed, or 0 before anything is known. Without the program itself an idle
    /// daemon would look as if almost all of its memory were holes.
    package var fragmentation: Double {
        neededBytes == 0 ? 0 : Double(residentBytes) / Double(neededBytes)
    }

    /// Whether more of `max_memory` is used than `health_memory_threshold` allows, and no eviction makes room: a cache
    /// that evicts is always full.
    package var isOverMemoryThreshold: Bool {
        let percent = UInt64(configuration.integer(.healthMemoryThreshold))
        let limit = UInt64(configuration.integer(.maxMemory))
        guard percent > 0, limit > 0, statistics.memory_used >= limit / 100 * percent else { return false }
        return refusesWrites || configuration.text(.evictionPolicy) == "noeviction"
    }

    /// Why clients should not come, or nil.
    package var notReady: String? {
        if readiness != .ready { return readiness.rawValue }
        return isOverMemoryThreshold ? "memory above health_memory_threshold" : nil
    }
}
