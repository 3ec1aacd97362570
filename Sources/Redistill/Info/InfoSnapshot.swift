internal import CRedistillHot

/// Everything that INFO, the HTTP bodies and the final log lines are made from.
package struct InfoSnapshot: Sendable {
    package var facts: ServerFacts
    package var statistics: HotStatistics
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

    package init(
        facts: ServerFacts, statistics: HotStatistics, commands: [HotCommandStatistics] = [],
        errors: [HotErrorCount] = [], configuration: Configuration, rates: Rates = Rates(),
        readiness: Readiness = .ready, residentBytes: UInt64 = 0, processorTime: ProcessorTime = ProcessorTime(),
        wallTime: Int64 = 0, uptimeSeconds: Int64 = 0, certificateExpiry: Int64? = nil,
        reloads: Reloads = Reloads()
    ) {
        self.facts = facts
        self.statistics = statistics
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
    }

    /// Whole days until the certificate ends, negative afterwards, or nil without TLS.
    package var certificateDays: Int64? {
        certificateExpiry.map { Int64((Double($0 - wallTime / 1_000_000) / 86_400).rounded(.down)) }
    }

    /// Resident bytes for each byte in use, or 0 before anything is known.
    package var fragmentation: Double {
        statistics.memory_used == 0 ? 0 : Double(residentBytes) / Double(statistics.memory_used)
    }
}

/// How often the configuration was read anew since the start.
package struct Reloads: Sendable, Equatable {
    package var succeeded: UInt64 = 0
    /// The old settings stayed.
    package var failed: UInt64 = 0

    package init() {}
}

/// What does not change while the server runs.
package struct ServerFacts: Sendable, Equatable {
    package var operatingSystem: String
    package var processID: Int32
    /// 40 hexadecimal digits that differ at every start.
    package var runID: String
    package var executable: String
    /// The port that clients are told of: the first TCP endpoint.
    package var port: UInt16
    package var workers: Int
    package var shards: Int
    package var totalMemory: UInt64
    package var libeventVersion: String
    package var opensslVersion: String
    /// By systemd.
    package var isSupervised: Bool
    /// The values of INFO's `listener0` and so on.
    package var listeners: [String]

    package init(
        operatingSystem: String = "", processID: Int32 = 0, runID: String = "", executable: String = "",
        port: UInt16 = 0, workers: Int = 0, shards: Int = 0, totalMemory: UInt64 = 0, libeventVersion: String = "",
        opensslVersion: String = "", isSupervised: Bool = false, listeners: [String] = []
    ) {
        self.operatingSystem = operatingSystem
        self.processID = processID
        self.runID = runID
        self.executable = executable
        self.port = port
        self.workers = workers
        self.shards = shards
        self.totalMemory = totalMemory
        self.libeventVersion = libeventVersion
        self.opensslVersion = opensslVersion
        self.isSupervised = isSupervised
        self.listeners = listeners
    }
}

/// Whether clients should come.
package enum Readiness: String, Sendable, Equatable {
    case starting, ready, draining
}

/// What happens in a second, averaged over the last ones.
package struct Rates: Sendable, Equatable {
    package var commands: Double
    package var bytesIn: Double
    package var bytesOut: Double
    /// Turns of the workers' loops.
    package var turns: Double
    /// Nanoseconds of each.
    package var turnTime: Double

    package init(
        commands: Double = 0, bytesIn: Double = 0, bytesOut: Double = 0, turns: Double = 0, turnTime: Double = 0
    ) {
        self.commands = commands
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.turns = turns
        self.turnTime = turnTime
    }
}
