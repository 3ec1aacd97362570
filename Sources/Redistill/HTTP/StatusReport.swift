internal import CRedistillHot

/// What the status page tells: figures for its charts, and tables. Pure.
struct StatusReport: Sendable {
    let snapshot: InfoSnapshot
    /// Nil where they are not to be told.
    let details: StatusDetails?

    /// `ready`, or why clients should not come.
    var state: String { snapshot.notReady ?? Readiness.ready.rawValue }

    var tables: [StatusTable] {
        [overview, memory, commands] + (details.map { [slowCommands($0), hotKeys($0), clients($0), configuration] } ?? [withheld])
    }

    /// What `max_memory` counts, in few enough parts for a chart.
    var memoryParts: [(name: String, bytes: UInt64)] {
        let statistics = snapshot.statistics
        return [
            ("keys and values", statistics.memory_arena),
            ("large values", statistics.memory_values),
            ("table", statistics.memory_table),
            ("clients", statistics.memory_clients),
            ("buffers", statistics.memory_buffers),
            ("allocator", statistics.memory_heap_overhead + statistics.memory_heap_free),
        ]
    }

    private var overview: StatusTable {
        StatusTable(
            id: "overview", title: "Overview", note: "", columns: [.text("figure"), .figure("now")],
            rows: (work + memoryInUse + keys + connections).map { [$0.name, $0.value] })
    }

    private typealias Figures = [(name: String, value: String)]

    private var work: Figures {
        let certificate: Figures = snapshot.certificateDays.map { [("TLS certificate", "\($0) days left")] } ?? []
        return [
            ("state", state),
            ("up for", HumanText.duration(seconds: snapshot.uptimeSeconds)),
            ("operations a second", HumanText.count(UInt64(snapshot.rates.commands.rounded()))),
            ("operations since the start", HumanText.count(snapshot.statistics.commands_processed)),
            ("error replies", HumanText.count(snapshot.statistics.error_replies)),
        ] + certificate
    }

    private var memoryInUse: Figures {
        let limit = UInt64(snapshot.configuration.integer(.maxMemory))
        return [
            ("memory in use", HumanText.bytes(snapshot.statistics.memory_used)),
            ("memory limit", limit == 0 ? "none" : HumanText.bytes(limit)),
            ("resident memory", HumanText.bytes(snapshot.residentBytes)),
            ("eviction policy", snapshot.configuration.text(.evictionPolicy)),
            ("refused writes", HumanText.count(snapshot.statistics.writes_refused)),
        ]
    }

    private var keys: Figures {
        let statistics = snapshot.statistics
        return [
            ("hit ratio since the start", statistics.hitRatio.map(HumanText.share) ?? "no lookup yet"),
            ("keys", HumanText.count(statistics.keys)),
            ("keys with a time to live", HumanText.count(statistics.keys_with_ttl)),
            ("evicted keys", HumanText.count(statistics.evicted)),
            ("expired keys", HumanText.count(statistics.expired)),
        ]
    }

    private var connections: Figures {
        let most = snapshot.configuration.integer(.maxConnections)
        let now = HumanText.count(snapshot.statistics.connections_active)
        return [
            ("connections", most == 0 ? now : now + " of " + HumanText.count(UInt64(most))),
            ("connections refused", HumanText.count(snapshot.statistics.rejectedConnections)),
            ("wrong passwords", HumanText.count(snapshot.statistics.auth_failures)),
        ]
    }

    private var memory: StatusTable {
        let parts = memoryParts
        // What is in use is measured now and then, so that it need not be their sum.
        let all = parts.reduce(0) { $0 + $1.bytes }
        return StatusTable(
            id: "memory", title: "Memory by part", note: "", columns: [.text("part"), .figure("bytes"), .figure("share")],
            rows: parts.map { part in
                [
                    part.name, HumanText.bytes(part.bytes),
                    HumanText.share(all == 0 ? 0 : Double(part.bytes) / Double(all)),
                ]
            })
    }

    private var commands: StatusTable {
        let called = snapshot.commands.filter { $0.calls > 0 }.sorted { $0.calls > $1.calls }
        func time(_ command: HotCommandStatistics, _ share: Double) -> String {
            command.percentile(share).map { HumanText.time(nanoseconds: $0) } ?? ""
        }
        return StatusTable(
            id: "commands", title: "Commands",
            note: called.isEmpty ? "Nothing was called yet." : "Since the start, or the last CONFIG RESETSTAT.",
            columns: [.text("command")]
                + ["calls", "mean", "p50", "p99", "p99.9", "errors", "refused"].map(StatusTable.Column.figure),
            rows: called.map { command in
                [
                    command.name, HumanText.count(command.calls),
                    HumanText.time(nanoseconds: command.nanoseconds / command.calls), time(command, 0.5),
                    time(command, 0.99), time(command, 0.999), HumanText.count(command.failed),
                    HumanText.count(command.rejected),
                ]
            })
    }

    private func slowCommands(_ details: StatusDetails) -> StatusTable {
        let least = snapshot.configuration.integer(.slowlogSlowerThan)
        let rule =
            least < 0
            ? "slowlog_log_slower_than is negative, so none is kept."
            : "Of the slow log, which keeps what takes \(HumanText.time(nanoseconds: UInt64(least) * 1000)) or longer."
        return StatusTable(
            id: "slow", title: "Slowest commands",
            note: rule + " Of their arguments the first key is shown; SLOWLOG GET has all.",
            columns: [
                .text("command"), .figure("took"), .text("first key"), .text("when"), .text("client"), .text("its name"),
            ],
            rows: details.slowCommands.map { slow in
                [
                    slow.command, HumanText.time(nanoseconds: UInt64(max(0, slow.microseconds)) * 1000), slow.key.shown,
                    HumanText.date(slow.time), slow.peer, slow.client,
                ]
            })
    }

    private func hotKeys(_ details: StatusDetails) -> StatusTable {
        func rows(_ name: String, _ ranking: HotKeys.Ranking, _ amount: (UInt64) -> String) -> [[String]] {
            ranking.keys.map { heavy in
                let share = ranking.total == 0 ? 0 : Double(heavy.weight) / Double(ranking.total)
                return [heavy.key.shown, name, amount(heavy.weight), HumanText.share(min(1, share))]
            }
        }
        let found = details.hotKeys.map { keys in
            rows("time", keys.byTime) { HumanText.time(nanoseconds: $0) } + rows("bytes", keys.byBytes, HumanText.bytes)
        }
        return StatusTable(
            id: "hot", title: "Hottest keys", note: hotKeysNote(details.hotKeys),
            columns: [.text("key"), .text("by"), .figure("at least"), .figure("of all keys")], rows: found ?? [])
    }

    private func hotKeysNote(_ keys: HotKeys?) -> String {
        guard let keys else { return "HOTKEYS START METRICS 2 CPU NET searches for them, by time and by bytes." }
        let duration = HumanText.duration(seconds: keys.milliseconds / 1000)
        return keys.isActive ? "Sampled for \(duration), and on." : "Sampled for \(duration), until HOTKEYS STOP."
    }

    private func clients(_ details: StatusDetails) -> StatusTable {
        StatusTable(
            id: "clients", title: "Biggest clients", note: details.clients.isEmpty ? "Nobody is connected." : "",
            columns: [
                .text("address"), .text("name"), .figure("memory"), .figure("unread replies"), .figure("unfinished request"),
                .text("last command"), .figure("connected"), .figure("idle"),
            ],
            rows: details.clients.map { client in
                [
                    client.peer, client.name, HumanText.bytes(client.bytes), HumanText.bytes(client.output),
                    HumanText.bytes(client.input), client.command, HumanText.duration(seconds: client.ageSeconds),
                    HumanText.duration(seconds: client.idleSeconds),
                ]
            })
    }

    private var configuration: StatusTable {
        let effective = snapshot.configuration
        let changed = effective.differences(from: Configuration())
        return StatusTable(
            id: "configuration", title: "Configuration",
            note: changed.isEmpty ? "Everything is as by default." : "What differs from the default, and where it is said.",
            columns: [.text("key"), .text("value"), .text("from")],
            rows: changed.map { key in
                [key.name.rawValue, ConfigGet.own(key.name, effective), effective[key.name].origin.place]
            })
    }

    private var withheld: StatusTable {
        StatusTable(
            id: "withheld", title: "Slowest commands, hottest keys, biggest clients, configuration",
            note: "These name keys, clients and files, so they are shown where health_token is set, or at this machine "
                + "while the HTTP port listens on 127.0.0.1 or ::1.",
            columns: [], rows: [])
    }
}
