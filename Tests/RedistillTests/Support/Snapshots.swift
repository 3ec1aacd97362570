import CRedistillHot
import Redistill

/// A snapshot with figures that differ from each other.
func snapshot(
    _ configuration: Configuration = Configuration(), readiness: Readiness = .ready,
    change: (inout HotStatistics) -> Void = { _ in }
) -> InfoSnapshot {
    var statistics = HotStatistics()
    statistics.connections_received = 12
    statistics.connections_active = 3
    statistics.rejected_max_connections = 1
    statistics.rejected_rate = 2
    statistics.rejected_protected_mode = 4
    statistics.rejected_no_descriptors = 8
    statistics.commands_processed = 1000
    statistics.keys = 10
    statistics.keys_with_ttl = 4
    statistics.ttl_sum_ms = 8000
    statistics.keyspace_hits = 3
    statistics.keyspace_misses = 1
    statistics.evicted = 5
    statistics.expired = 6
    statistics.memory_used = 1 << 20
    statistics.memory_peak = 2 << 20
    statistics.memory_dataset = 1 << 19
    change(&statistics)
    return InfoSnapshot(
        facts: ServerFacts(
            operatingSystem: "Linux", processID: 77, runID: String(repeating: "a", count: 40), port: 6379, workers: 2,
            shards: 256, totalMemory: 8 << 30),
        statistics: statistics, configuration: configuration,
        rates: Rates(commands: 123.9, bytesIn: 2048, bytesOut: 512),
        readiness: readiness, residentBytes: 3 << 20,
        processorTime: ProcessorTime(system: 1_500_000, user: 2_250_000), wallTime: 1_795_474_177_000_000,
        uptimeSeconds: 90_000)
}
