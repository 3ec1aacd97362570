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
        statistics: statistics,
        databases: [(4, 3, 1, 2, 2000), (5, 0, 0, 0, 0), (6, 7, 3, 0, 2001)].map {
            HotDatabaseStatistics(
                number: $0, keys: $1, keysWithTimeToLive: $2, hashesWithTimeToLive: $3, averageTimeToLive: $4)
        },
        configuration: configuration, rates: Rates(commands: 123.9, bytesIn: 2048, bytesOut: 512),
        readiness: readiness, residentBytes: 3 << 20,
        processorTime: ProcessorTime(system: 1_500_000, user: 2_250_000), wallTime: 1_795_474_177_000_000,
        uptimeSeconds: 90_000)
}

/// A command that was served, 99 times within 128 ns and once within 4608, and one that was only refused.
let sampleCommands: [HotCommandStatistics] = {
    var latency = [UInt64](repeating: 0, count: Int(RD_LATENCY_BUCKETS))
    latency[3] = 99
    latency[40] = 1
    return [
        HotCommandStatistics(name: "get", calls: 100, failed: 2, rejected: 3, nanoseconds: 123_456, latency: latency),
        HotCommandStatistics(name: "client|kill", calls: 0, rejected: 1),
    ]
}()

/// A snapshot in which every figure differs from every other, so that a row that reads the wrong one is seen.
func fullSnapshot() throws -> InfoSnapshot {
    let configuration = try configuration(
        flags: ["max_memory": "512mb", "max_connections": "777", "latency_tracking_info_percentiles": "50 99.9"])
    var snapshot = snapshot(configuration) { statistics in
        let names = Mirror(reflecting: statistics).children.map { $0.label ?? "" }
        withUnsafeMutableBytes(of: &statistics) { bytes in
            let figures = bytes.assumingMemoryBound(to: UInt64.self)
            for (index, name) in names.enumerated() { figures[index] = figure(for: name) }
        }
        // A whole is no less than its part.
        statistics.memory_used = 300_000_000_001
    }
    snapshot.commands = sampleCommands
    snapshot.errors = [HotErrorCount(code: "ERR", replies: 5), HotErrorCount(code: "NOAUTH", replies: 6)]
    snapshot.facts.executable = "/usr/bin/redistilld"
    snapshot.facts.libeventVersion = "2.1"
    snapshot.facts.opensslVersion = "3.0"
    snapshot.facts.isSupervised = true
    snapshot.facts.listeners = ["name=tcp,bind=127.0.0.1,port=6379", "name=unix,bind=/run/r"]
    snapshot.rates = Rates(commands: 123.9, bytesIn: 2048, bytesOut: 512, turns: 77, turnTime: 88_000)
    snapshot.processorTime = ProcessorTime(
        system: 1_500_000, user: 2_250_000, childrenSystem: 10, childrenUser: 20, mainSystem: 30, mainUser: 40)
    snapshot.residentBytes = 3_000_000_000_000
    snapshot.certificateExpiry = snapshot.wallTime / 1_000_000 + 86_400 * 33
    snapshot.reloads.succeeded = 41
    snapshot.reloads.failed = 42
    return snapshot
}

/// A figure that only one name has; it stays the same when others come.
private func figure(for name: String) -> UInt64 {
    let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return 100_000_000_000 + hash % 100_000_000_000
}
