internal import CRedistillHot

/// Figures of memory.
extension Figure {
    static let memory =
        size(
            .memory, "used_memory", .gauge("redistill_memory_used_bytes", "Memory in use for everything.")
        ) { $0.statistics.memory_used }
        + size(
            .memory, "used_memory_rss",
            .gauge("redistill_memory_resident_bytes", "Memory of the process as the kernel counts it.")
        ) { $0.residentBytes }
        + size(
            .memory, "used_memory_peak", .gauge("redistill_memory_peak_bytes", "The most memory ever in use.")
        ) { $0.statistics.memory_peak }
        + size(
            .memory, "maxmemory", .gauge("redistill_memory_limit_bytes", "The limit max_memory; 0 for none.")
        ) { UInt64($0.configuration.integer(.maxMemory)) }
        + size(.memory, "total_system_memory") { $0.facts.totalMemory }
        + parts + content + allocator

    private static let parts: [Figure] = [
        part("table", "used_memory_table", \.memory_table),
        part("arena", "used_memory_arena", \.memory_arena),
        part("large_values", "used_memory_large_values", \.memory_values),
        part("connections", "mem_clients_connections", \.memory_connections),
        part("tls", "mem_clients_tls", \.memory_tls),
        part("client_input", "mem_clients_input", \.memory_client_input),
        part("client_values", "mem_clients_values", \.memory_client_values),
        part("client_output", "mem_clients_output", \.memory_client_output),
        part("client_queues", "mem_clients_queues", \.memory_client_queues),
        part("feeds", "mem_feeds", \.memory_feeds),
        part("tracking", "mem_tracking", \.memory_tracking),
        part("orphans", "mem_clients_orphans", \.memory_orphans),
        part("buffers", "mem_buffers", \.memory_buffers),
        part("heap_overhead", "mem_heap_overhead", \.memory_heap_overhead),
        part("heap_free", "mem_heap_free", \.memory_heap_free),
    ]

    private static func part(_ part: String, _ name: String, _ counter: HotStatistics.Counter) -> Figure {
        Figure(
            .memory, name,
            .gauge("redistill_memory_part_bytes", "Memory in use, by what for.", Metric.Label("part", part)),
            from: counter)
    }

    private static let content: [Figure] = [
        Figure(
            .memory, "used_memory_dataset",
            .gauge("redistill_memory_dataset_bytes", "Live keys, values and their headers."), from: \.memory_dataset),
        Figure(
            .memory, "used_memory_payload",
            .gauge("redistill_memory_payload_bytes", "Live keys and values alone."), from: \.memory_payload),
        Figure(.memory, "used_memory_peak_perc") { share($0.statistics.memory_used, of: $0.statistics.memory_peak) },
        Figure(.memory, "used_memory_scripts_eval") { "\($0.scripts.bytes)" },
        Figure(
            .memory, "number_of_cached_scripts",
            .gauge("redistill_scripts_cached", "Scripts that EVALSHA finds.")
        ) { "\($0.scripts.kept)" },
        Figure(
            .memory, "used_memory_scripts",
            .gauge("redistill_scripts_cached_bytes", "Bytes of the scripts that EVALSHA finds.")
        ) { "\($0.scripts.bytes)" },
        Figure(.memory, "used_memory_scripts_human") { Decimal.humanBytes(UInt64($0.scripts.bytes)) },
        Figure(.memory, "used_memory_overhead") { snapshot in
            let used = snapshot.statistics.memory_used
            return "\(used - min(used, snapshot.statistics.memory_dataset))"
        },
        Figure(.memory, "used_memory_startup", from: \.memory_initial),
        Figure(
            .memory, "used_memory_startup_rss",
            .gauge(
                "redistill_memory_startup_bytes", "Resident before the first key: the program, which max_memory does not count."),
            from: \.memory_startup),
        Figure(.memory, "used_memory_dataset_perc") { snapshot in
            let statistics = snapshot.statistics
            return share(
                statistics.memory_dataset,
                of: statistics.memory_used - min(statistics.memory_used, statistics.memory_initial))
        },
        Figure(.memory, "used_memory_other", from: \.memory_other),
        Figure(.memory, "maxmemory_policy") { $0.configuration.text(.evictionPolicy) },
        Figure(.memory, "mem_clients_normal", from: \.memory_clients),
        Figure(.memory, "mem_store_resident", from: \.memory_store_resident),
        Figure(.memory, "mem_heap_used", from: \.memory_heap_used),
    ]

    /// What Redis tells of its allocator, told of ours.
    private static let allocator: [Figure] = [
        Figure(.memory, "allocator_allocated") { "\($0.allocatedBytes)" },
        Figure(.memory, "allocator_active", from: \.memory_used),
        Figure(.memory, "allocator_resident") { "\($0.ownResidentBytes)" },
        Figure(.memory, "allocator_frag_ratio") { ratio($0.statistics.memory_used, $0.allocatedBytes) },
        Figure(.memory, "allocator_frag_bytes") { "\($0.statistics.memory_used - $0.allocatedBytes)" },
        Figure(.memory, "allocator_rss_ratio") { ratio($0.ownResidentBytes, $0.statistics.memory_used) },
        Figure(.memory, "allocator_rss_bytes") { "\(Int64($0.ownResidentBytes) - Int64($0.statistics.memory_used))" },
        Figure(.memory, "rss_overhead_ratio") { ratio($0.residentBytes, $0.ownResidentBytes) },
        Figure(.memory, "rss_overhead_bytes") { "\($0.residentBytes - $0.ownResidentBytes)" },
        Figure(.memory, "mem_fragmentation_ratio") { Decimal.text($0.fragmentation, places: 2) },
        Figure(.memory, "mem_fragmentation_bytes") { "\(Int64($0.residentBytes) - Int64($0.neededBytes))" },
    ]

    private static func ratio(_ whole: UInt64, _ part: UInt64) -> String {
        Decimal.text(part == 0 ? 0 : Double(whole) / Double(part), places: 2)
    }

    private static func share(_ part: UInt64, of whole: UInt64) -> String {
        Decimal.text(whole == 0 ? 0 : Double(part) / Double(whole) * 100, places: 2) + "%"
    }
}

extension InfoSnapshot {
    /// Pages of entries and values are in use; what lies in them is allocated.
    fileprivate var allocatedBytes: UInt64 {
        let held = statistics.memory_arena + statistics.memory_values
        let holes = held - min(held, statistics.memory_dataset)
        return statistics.memory_used - min(statistics.memory_used, holes)
    }

    /// Resident beyond what was there before the first key.
    fileprivate var ownResidentBytes: UInt64 { residentBytes - min(residentBytes, statistics.memory_startup) }
}
