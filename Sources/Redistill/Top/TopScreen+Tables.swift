/// The tables, sorted as the view says.
extension TopScreen {
    var commandTable: TextTable {
        let rows = rates.commands.sorted { isBefore($0, $1) }.map { command in
            [
                PrintableText.of(command.name), TopNumber.count(command.calls), TopNumber.percent(command.share),
                TopNumber.time(command.mean), TopNumber.time(command.median.map { Double($0) }),
                TopNumber.time(command.p99.map { Double($0) }), TopNumber.time(command.p999.map { Double($0) }),
                TopNumber.count(command.failures),
            ]
        }
        return TextTable(
            first: "COMMAND",
            columns: [
                ("CALLS/S", 7), ("TIME", 6), ("MEAN", 7), ("P50", 7), ("P99", 7), ("P99.9", 7), ("FAILED/S", 8),
            ], rows: rows, otherwise: "none was called")
    }

    var clientTable: TextTable {
        switch snapshot.clients {
        case .listed(let clients): table(of: clients)
        case .unlisted(let reason):
            TextTable(first: "CLIENT", columns: [], rows: [], otherwise: PrintableText.of(reason))
        }
    }

    private func table(of clients: [ClientLine]) -> TextTable {
        let rows = clients.map { client in (client: client, calls: rates.perSecond(of: client)) }
            .sorted { isBefore($0, $1) }
            .map { client, calls in
                [
                    clientName(client), TopNumber.count(calls), bytes(client, "tot-mem"), bytes(client, "omem"),
                    TopNumber.duration(client.number("idle")), TopNumber.duration(client.number("age")),
                    PrintableText.of(client.text("cmd")),
                ]
            }
        return TextTable(
            first: "CLIENT",
            columns: [("CALLS/S", 7), ("MEMORY", 7), ("UNREAD", 7), ("IDLE", 6), ("AGE", 6), ("LAST", 12)],
            rows: rows)
    }

    /// Nil where there is nothing to show.
    var hotKeyTable: TextTable? {
        if case .sample = snapshot.hotKeys { return hotKeys }
        return nil
    }

    /// Hot keys, or what to do to get some.
    var hotKeys: TextTable {
        guard case .sample(let sample) = snapshot.hotKeys else {
            let way = snapshot.hotKeys == .unknown ? "this server has no HOTKEYS" : "press k to sample them"
            return TextTable(first: "HOT KEY", columns: [], rows: [], otherwise: way)
        }
        let keys = sample.keys.sorted { left, right in
            switch view.hotKeyOrder {
            case .time: (left.microseconds ?? -1) > (right.microseconds ?? -1)
            case .bytes: (left.bytes ?? -1) > (right.bytes ?? -1)
            }
        }
        let rows = keys.map { key in
            [
                PrintableText.of(key.name), TopNumber.time(key.microseconds.map { Double($0) }),
                share(key.microseconds, of: sample.totalMicroseconds), TopNumber.bytes(key.bytes.map { Double($0) }),
                share(key.bytes, of: sample.totalBytes),
            ]
        }
        let seconds = TopNumber.duration(sample.milliseconds / 1000)
        let state = sample.isActive ? "sampling for \(seconds)" : "sampled for \(seconds)"
        return TextTable(
            first: "HOT KEY (\(state))", columns: [("TIME", 7), ("OF ALL", 6), ("BYTES", 7), ("OF ALL", 6)],
            rows: rows, otherwise: "no key was sampled yet")
    }

    private func share(_ part: Int64?, of whole: Int64) -> String {
        guard let part, whole > 0 else { return TopNumber.unknown }
        return TopNumber.percent(min(1, Double(part) / Double(whole)))
    }

    private func bytes(_ client: ClientLine, _ field: String) -> String {
        TopNumber.bytes(client.number(field).map { Double($0) })
    }

    private func clientName(_ client: ClientLine) -> String {
        let name = client.text("name")
        let place = PrintableText.of(client.text("addr"))
        return name.isEmpty ? place : "\(PrintableText.of(name)) \(place)"
    }

    private func isBefore(_ left: TopRates.Command, _ right: TopRates.Command) -> Bool {
        let order: (Double?, Double?) =
            switch view.commandOrder {
            case .calls: (left.calls, right.calls)
            case .time: (left.share, right.share)
            case .mean: (left.mean, right.mean)
            case .p99: (left.p99.map { Double($0) }, right.p99.map { Double($0) })
            case .failures: (left.failures, right.failures)
            case .name: (nil, nil)
            }
        let (one, other) = (order.0 ?? -1, order.1 ?? -1)
        return one == other ? left.name < right.name : one > other
    }

    private typealias ClientRow = (client: ClientLine, calls: Double?)

    private func isBefore(_ left: ClientRow, _ right: ClientRow) -> Bool {
        func number(_ row: ClientRow) -> Double {
            switch view.clientOrder {
            case .memory: Double(row.client.number("tot-mem") ?? -1)
            case .unread: Double(row.client.number("omem") ?? -1)
            case .calls: row.calls ?? -1
            case .idle: Double(row.client.number("idle") ?? -1)
            case .age: Double(row.client.number("age") ?? -1)
            }
        }
        let (one, other) = (number(left), number(right))
        return one == other ? (left.client.number("id") ?? 0) < (right.client.number("id") ?? 0) : one > other
    }
}
