/// What an operator has chosen to see.
package struct TopView: Sendable, Equatable {
    package enum Panel: String, Sendable, CaseIterable {
        case overview, commands, clients
        case hotKeys = "hot keys"
    }

    /// By what commands are sorted, the largest first.
    package enum CommandOrder: String, Sendable, CaseIterable {
        case calls, time, mean, p99, failures, name
    }

    /// By what clients are sorted, the largest first.
    package enum ClientOrder: String, Sendable, CaseIterable {
        case memory, unread, calls, idle, age
    }

    /// By what hot keys are sorted, the largest first.
    package enum HotKeyOrder: String, Sendable, CaseIterable {
        case time, bytes
    }

    /// What a key asks of who shows the view.
    package enum Effect: Sendable, Equatable {
        case quit, redraw, suspend
        /// A new snapshot at once.
        case refresh
        /// Begin to sample hot keys, or end it.
        case switchHotKeys
    }

    package var panel = Panel.overview
    package var commandOrder = CommandOrder.calls
    package var clientOrder = ClientOrder.memory
    package var hotKeyOrder = HotKeyOrder.time
    package var isPaused = false
    package var showsHelp = false
    /// Milliseconds between two snapshots, one of ``intervals`` or what the command line says.
    package var interval: Int64

    private static let intervals: [Int64] = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000]

    package init(interval: Int64 = 1000) {
        self.interval = interval
    }

    /// The word for the order of what is shown.
    package var order: String {
        switch panel {
        case .overview, .commands: commandOrder.rawValue
        case .clients: clientOrder.rawValue
        case .hotKeys: hotKeyOrder.rawValue
        }
    }

    /// What a key does.
    package mutating func press(_ key: TopKey) -> Effect? {
        switch key {
        case .interrupt, .letter("q"): return .quit
        case .suspend: return .suspend
        case .redraw: return .redraw
        case .escape: showsHelp = false
        case .next: panel = Self.neighbour(of: panel, by: 1)
        case .previous: panel = Self.neighbour(of: panel, by: -1)
        case .letter("p"), .letter(" "):
            isPaused.toggle()
            return isPaused ? .redraw : .refresh
        case .letter("s"): sort(by: 1)
        case .letter("S"): sort(by: -1)
        case .letter("+"): interval = Self.intervals.first { $0 > interval } ?? interval
        case .letter("-"): interval = Self.intervals.last { $0 < interval } ?? interval
        case .letter("k"): return .switchHotKeys
        case .letter("h"), .letter("?"): showsHelp.toggle()
        case .letter(let digit):
            guard let number = digit.wholeNumberValue, (1...Panel.allCases.count).contains(number) else { return nil }
            panel = Panel.allCases[number - 1]
        }
        return .redraw
    }

    private mutating func sort(by step: Int) {
        switch panel {
        case .overview, .commands: commandOrder = Self.neighbour(of: commandOrder, by: step)
        case .clients: clientOrder = Self.neighbour(of: clientOrder, by: step)
        case .hotKeys: hotKeyOrder = Self.neighbour(of: hotKeyOrder, by: step)
        }
    }

    private static func neighbour<Choice: CaseIterable & Equatable>(of choice: Choice, by step: Int) -> Choice {
        let all = Array(Choice.allCases)
        let index = all.firstIndex(of: choice) ?? 0
        return all[(index + step + all.count) % all.count]
    }
}
