/// A snapshot as lines of text: what is drawn, without a terminal.
package struct TopScreen {
    /// How it goes with the server.
    package enum Link: Sendable, Equatable {
        case connected
        /// Since then the last snapshot is shown.
        case lost(because: String)
    }

    let place: String
    let snapshot: TopSnapshot
    let rates: TopRates
    let view: TopView
    let link: Link
    /// What came of the last key, or nil.
    let notice: String?
    let width: Int

    package init(
        place: String, snapshot: TopSnapshot, rates: TopRates, view: TopView, link: Link = .connected,
        notice: String? = nil, width: Int
    ) {
        self.place = PrintableText.of(place)
        self.snapshot = snapshot
        self.rates = rates
        self.view = view
        self.link = link
        self.notice = notice.map { PrintableText.of($0) }
        self.width = width
    }

    /// For a terminal: exactly so many lines, the keys in the last one.
    package func lines(height: Int) -> [ScreenLine] {
        guard height > 1 else { return Array([title].suffix(max(0, height))) }
        let head = Array(([title] + status + figures + [blank]).prefix(height - 1))
        let room = height - 1 - head.count
        let body = Array((view.showsHelp ? help : tables(room: room)).prefix(room))
        let filling = Array(repeating: blank, count: room - body.count)
        return head + body + filling + [footer]
    }

    /// For what is no terminal: as many lines as there are, of each table at most so many.
    package func page(mostRows: Int = 20) -> [ScreenLine] {
        [title] + status + figures
            + ([commandTable, clientTable] + [hotKeyTable].compactMap { $0 }).flatMap { table in
                [blank] + table.lines(width: width, most: mostRows + 1)
            }
    }

    var info: ServerInfo { snapshot.info }
    var blank: ScreenLine { ScreenLine("", width: width) }

    private var title: ScreenLine {
        let version: String
        if let own = info.text("redistill_version") {
            version = "Redistill \(own)"
        } else if let valkey = info.text("valkey_version") {
            version = "Valkey \(valkey)"
        } else {
            version = "Redis \(info.text("redis_version") ?? "?")"
        }
        let uptime = TopNumber.duration(info.number("uptime_in_seconds").map { Int64($0) })
        let pace = view.isPaused ? "PAUSED" : "every " + TimeText.short(view.interval)
        let right = PrintableText.of(version) + "  up \(uptime)  \(pace) "
        return ScreenLine(ScreenLine.ends(" \(place)", right, width: width), .bar, width: width)
    }

    private var status: [ScreenLine] {
        var lines: [ScreenLine] = []
        if case .lost(let reason) = link {
            lines.append(ScreenLine("Connection lost: \(PrintableText.of(reason)); trying again", .alarm, width: width))
        }
        if let notice { lines.append(ScreenLine(notice, .heading, width: width)) }
        return lines
    }

    private var footer: ScreenLine {
        let keys = " q quit  p pause  s sort: \(view.order)  Tab \(view.panel.rawValue)  + - pace  k hot keys  h help"
        return ScreenLine(keys, .bar, width: width)
    }

    private func tables(room: Int) -> [ScreenLine] {
        switch view.panel {
        case .commands: return commandTable.lines(width: width, most: room)
        case .clients: return clientTable.lines(width: width, most: room)
        case .hotKeys: return hotKeys.lines(width: width, most: room)
        case .overview:
            let below = [clientTable] + [hotKeyTable].compactMap { $0 }
            // Half of it for commands, or what they leave; the rest in equal parts.
            var lines = commandTable.lines(width: width, most: room / 2)
            for (index, table) in below.enumerated() {
                let part = (room - lines.count) / (below.count - index)
                let shown = table.lines(width: width, most: part - 1)
                if !shown.isEmpty { lines += [blank] + shown }
            }
            return lines
        }
    }

    private var help: [ScreenLine] {
        let texts = [
            "q, Ctrl-C      quit",
            "p, space       pause: ask the server nothing, and go on",
            "s, S           sort by the next column, or the one before",
            "Tab, arrows    overview, commands, clients, hot keys; 1 to 4 choose one",
            "+, -           look less often, or more often",
            "k              sample hot keys for \(TopSampler.hotKeySeconds) s (HOTKEYS START), or end it",
            "Ctrl-L         draw anew",
            "Ctrl-Z         suspend",
            "h, ?, Esc      this help, and away with it",
            "",
            "Rates are of the time between two looks, and so are mean and percentiles. A",
            "percentile is the end of a bucket of LATENCY HISTOGRAM: a power of two.",
        ]
        return texts.map { ScreenLine("  " + $0, width: width) }
    }
}
