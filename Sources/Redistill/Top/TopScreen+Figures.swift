/// The figures above the tables.
extension TopScreen {
    var figures: [ScreenLine] {
        [work, memory, keys, clients, traffic].map { name, parts in
            var line = name
            // Half a number would be a wrong one.
            for part in parts where !part.isEmpty && line.utf8.count + 2 + part.utf8.count <= width {
                line += "  " + part
            }
            return ScreenLine(line, width: width)
        }
    }

    private var work: (String, [String]) {
        let found = rates.perSecond("keyspace_hits")
        let missed = rates.perSecond("keyspace_misses")
        let lookups = (found ?? 0) + (missed ?? 0)
        let ratio = lookups > 0 ? (found ?? 0) / lookups : nil
        let error = rates.topError.map { " (\(PrintableText.of($0.code)) \(TopNumber.count($0.perSecond)))" } ?? ""
        return (
            "Commands",
            [
                rate("total_commands_processed"),
                "hits \(TopNumber.percent(ratio)) of \(TopNumber.count(found == nil ? nil : lookups))/s",
                "errors " + rate("total_error_replies") + error,
            ]
        )
    }

    private var memory: (String, [String]) {
        let used = info.number("used_memory")
        let limit = info.number("maxmemory") ?? 0
        let rss = "rss " + TopNumber.bytes(info.number("used_memory_rss"))
        guard limit > 0, let used else {
            return ("Memory  ", [TopNumber.bytes(used), "no limit", rss, policy])
        }
        let share = used / limit
        return (
            "Memory  ",
            [
                bar(share), "\(TopNumber.bytes(used)) of \(TopNumber.bytes(limit)), \(TopNumber.percent(share))",
                rss, policy,
            ]
        )
    }

    private var policy: String { PrintableText.of(info.text("maxmemory_policy") ?? "") }

    /// As wide as ten columns.
    private func bar(_ share: Double) -> String {
        let full = Int((min(1, max(0, share)) * 10).rounded())
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 10 - full) + "]"
    }

    private var keys: (String, [String]) {
        let expiring = info.keys > 0 ? Double(info.expiring) / Double(info.keys) : nil
        return (
            "Keys    ",
            [
                TopNumber.count(Double(info.keys)), expiring.map { TopNumber.percent($0) + " expire" } ?? "",
                "expired " + rate("expired_keys"), "evicted " + rate("evicted_keys"),
                rates.perSecond("refused_writes").map { "refused \(TopNumber.count($0))/s" } ?? "",
            ]
        )
    }

    private var clients: (String, [String]) {
        let count = TopNumber.count(info.number("connected_clients"))
        let most = info.number("maxclients").flatMap { $0 > 0 ? " of " + TopNumber.count($0) : nil } ?? ""
        return (
            "Clients ",
            [
                count + most, "new " + rate("total_connections_received"), "refused " + rate("rejected_connections"),
                "blocked " + TopNumber.count(info.number("blocked_clients")),
            ]
        )
    }

    private var traffic: (String, [String]) {
        let user = rates.perSecond("used_cpu_user")
        let system = rates.perSecond("used_cpu_sys")
        let processor = user.flatMap { user in system.map { user + $0 } }
        let workers = info.number("workers").map { " of \(TopNumber.count($0)) worker" + ($0 == 1 ? "" : "s") } ?? ""
        return (
            "Traffic ",
            [
                "in \(TopNumber.bytes(rates.perSecond("total_net_input_bytes")))/s",
                "out \(TopNumber.bytes(rates.perSecond("total_net_output_bytes")))/s",
                "CPU \(TopNumber.percent(processor))" + workers,
            ]
        )
    }

    private func rate(_ name: String) -> String { TopNumber.count(rates.perSecond(name)) + "/s" }
}
