internal import Glibc

/// Fills one server from another that is in use: copies all keys, then those that have changed meanwhile, until the
/// cut-over. Of one thread.
final class Migration {
    private let arguments: MigrateArguments
    private let pattern: KeyPattern
    private let source: ServerConnection
    private let target: ServerConnection
    /// nil: the source can't tell, and nobody writes there.
    private let changes: SourceChanges?
    private var copier: KeyCopier
    private var pace: MigrationPace
    private var progress = MigrationProgress()
    private var copied: UInt64 = 0
    private var compared: UInt64 = 0
    private var differing: [ByteText: String] = [:]

    /// Keys of one page of SCAN, about.
    private static let page = 512
    /// What still changes after so long is behind.
    private static let patienceMicroseconds: Int64 = 10_000_000
    /// A key that differs is copied and compared again so often.
    private static let rounds = 3

    init(_ arguments: MigrateArguments, from source: ServerTarget, to target: ServerTarget) throws(ServerProblem) {
        self.arguments = arguments
        pattern = KeyPattern(glob: arguments.pattern.map { ByteText($0) })
        let pattern = pattern
        self.source = try Self.connect(source, "where keys come from")
        self.target = try Self.connect(target, "where keys go to")
        changes = try Self.named(source, "where keys come from") { () throws(ServerProblem) -> SourceChanges? in
            do throws(ServerProblem) {
                return try SourceChanges(source, pattern, wait: CutOver.wait)
            } catch {
                if arguments.isOnce && error.isFinal && error != .left { return nil }
                throw error
            }
        }
        copier = KeyCopier(from: self.source, to: self.target)
        pace = MigrationPace(rate: arguments.rate)
        try refuseWhatIsThere()
    }

    func run() throws(ServerProblem) -> MigrationReport {
        progress.begin("copying about \(HumanText.count(UInt64(try size()))) keys")
        try walk(source) { keys throws(ServerProblem) in
            try self.copy(keys)
            self.copied += UInt64(keys.count)
        }
        try catchUp()
        if arguments.compares {
            progress.begin("comparing")
            try compareAll()
        }
        if !arguments.isOnce { try follow() }
        try cutOver()
        progress.end()
        return try report()
    }

    // MARK: Copying

    private func copy(_ keys: [ByteText]) throws(ServerProblem) {
        var rest = keys[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(copier.batch))
            rest = rest.dropFirst(some.count)
            try copier.copy(some)
            try changes?.look()
            pace.rest(after: some.count)
        }
    }

    /// Copies what has changed, until nothing has, or as much changes meanwhile.
    private func catchUp() throws(ServerProblem) {
        guard let changes else { return }
        try changes.settle()
        var before = Int.max
        while changes.backlog < before {
            before = changes.backlog
            try copyChanges(changes, before)
        }
    }

    /// The same until nothing has changed; what still does after a while is behind.
    private func catchUpWhole() throws(ServerProblem) {
        guard let changes else { return }
        let end = Clock.monotonicMicroseconds() + Self.patienceMicroseconds
        repeat {
            try changes.settle()
            try copyChanges(changes, changes.backlog)
        } while !changes.isEmpty && Clock.monotonicMicroseconds() < end
    }

    private func copyChanges(_ changes: SourceChanges, _ count: Int) throws(ServerProblem) {
        if changes.takeFlush() { try removeWhatIsGone() }
        var left = count
        while left > 0, !changes.isEmpty {
            let keys = changes.take(min(copier.batch, left))
            left -= keys.count
            try copy(keys)
        }
        try changes.settle()
    }

    /// The source was emptied, and perhaps filled again: of each key here it is asked whether it is still there.
    private func removeWhatIsGone() throws(ServerProblem) {
        try walk(target, shows: false) { keys throws(ServerProblem) in
            let found = try self.source.ask(keys.map { ["EXISTS", $0] })
            try self.copy(zip(keys, found).filter { $1.number == 0 }.map(\.0))
        }
    }

    // MARK: Comparing

    private func compareAll() throws(ServerProblem) {
        try walk(source) { keys throws(ServerProblem) in
            var rest = keys[...]
            while !rest.isEmpty {
                let some = Array(rest.prefix(self.copier.batch))
                rest = rest.dropFirst(some.count)
                try self.compare(some)
                self.pace.rest(after: some.count)
            }
            self.compared += UInt64(keys.count)
        }
        for _ in 0..<Self.rounds where !differing.isEmpty {
            try catchUp()
            try copy(Array(differing.keys))
            try compareAgain()
        }
    }

    private func compareAgain() throws(ServerProblem) {
        let again = Array(differing.keys)
        differing = [:]
        try compare(again)
    }

    private func compare(_ keys: [ByteText]) throws(ServerProblem) {
        let differences = try KeyComparer(source, target).differences(among: keys)
        if differences.isEmpty { return }
        try changes?.settle()
        // What has changed a moment ago is still to be copied.
        for (key, how) in differences where copier.leftOut[key] == nil && changes?.isWaiting(key) != true {
            differing[key] = how
        }
    }

    // MARK: The cut-over

    private func follow() throws(ServerProblem) {
        guard let changes else { return }
        progress.begin("up to date; to cut over press Ctrl-C, or send SIGINT or SIGTERM")
        while !CutOver.hasCome {
            try changes.wait(until: Clock.monotonicMicroseconds() + 200_000)
            try changes.look()
            try catchUp()
            progress.showFollowing(changes.count)
        }
    }

    private func cutOver() throws(ServerProblem) {
        if arguments.pauseSeconds > 0 {
            progress.begin("the source's clients may not write for \(arguments.pauseSeconds) s")
            let milliseconds = ByteText(String(arguments.pauseSeconds * 1000))
            if let problem = try source.ask([["CLIENT", "PAUSE", milliseconds, "WRITE"]])[0].problem {
                throw ServerProblem("where keys come from writes can't be paused: \(problem)", isFinal: true)
            }
        }
        try catchUpWhole()
        if !differing.isEmpty { try compareAgain() }
    }

    private func report() throws(ServerProblem) -> MigrationReport {
        var report = MigrationReport()
        report.seconds = progress.seconds
        report.copied = copied
        report.removed = copier.removed
        report.changes = changes?.count ?? 0
        report.behind = changes?.backlog ?? 0
        report.compared = arguments.compares ? compared : nil
        report.differences = differing.map { ($0.key, $0.value) }.sorted { $0.key.shown < $1.key.shown }
        report.leftOut = try leftOut()
        return report
    }

    private func leftOut() throws(ServerProblem) -> [(type: String, count: Int, example: ByteText, problem: String)] {
        var kinds: [String: (count: Int, example: ByteText, problem: String)] = [:]
        let keys = Array(copier.leftOut.keys)
        for start in stride(from: 0, to: keys.count, by: Self.page) {
            let some = keys[start..<min(start + Self.page, keys.count)]
            for (key, type) in zip(some, try source.ask(some.map { ["TYPE", $0] })) {
                let name = type.text?.shown ?? "unknown"
                let before = kinds[name]
                kinds[name] = ((before?.count ?? 0) + 1, before?.example ?? key, before?.problem ?? copier.leftOut[key] ?? "")
            }
        }
        return kinds.sorted { $0.key < $1.key }.map { ($0.key, $0.value.count, $0.value.example, $0.value.problem) }
    }

    // MARK: Both servers

    /// Calls the body with the keys of each page of a server.
    private func walk(
        _ server: ServerConnection, shows: Bool = true, _ body: ([ByteText]) throws(ServerProblem) -> Void
    ) throws(ServerProblem) {
        let size = Double(max(1, try server.ask([["DBSIZE"]])[0].number ?? 1))
        var cursor: ByteText = "0"
        var keys: UInt64 = 0, pages = 0.0
        var words: [ByteText] = ["COUNT", ByteText(String(Self.page))]
        if let glob = pattern.glob { words += ["MATCH", glob] }
        repeat {
            let reply = try server.ask([["SCAN", cursor] + words])[0]
            guard let items = reply.items, items.count == 2, let next = items[0].text, let page = items[1].items else {
                throw ServerProblem("SCAN was refused: \(reply.problem ?? "no cursor came")", isFinal: true)
            }
            let found = page.compactMap(\.text)
            try body(found)
            keys += UInt64(found.count)
            pages += 1
            cursor = next
            if shows { progress.show(min(0.999, pages * Double(Self.page) / size), keys: keys, backlog: changes?.backlog ?? 0) }
        } while cursor != "0"
    }

    private func size() throws(ServerProblem) -> Int64 {
        try source.ask([["DBSIZE"]])[0].number ?? 0
    }

    private func refuseWhatIsThere() throws(ServerProblem) {
        if let theirs = try Self.identity(of: source), theirs == (try Self.identity(of: target)) {
            throw ServerProblem("keys would come from and go to the same server", isFinal: true, exitCode: 64)
        }
        let reply = try target.ask([["DBSIZE"]])[0]
        guard let count = reply.number else {
            throw ServerProblem("where keys go to: \(reply.problem ?? "DBSIZE was refused")", isFinal: true)
        }
        if count > 0 && !arguments.replaces {
            throw ServerProblem(
                "there are \(HumanText.count(UInt64(count))) keys already where keys go to: give --replace, and those of the "
                    + "same names are replaced", isFinal: true)
        }
    }

    /// What no two servers have in common; nil where it may not be asked for.
    private static func identity(of server: ServerConnection) throws(ServerProblem) -> String? {
        guard let text = try server.ask([["INFO", "server"]])[0].text else { return nil }
        return ServerInfo(text.shown).text("run_id")
    }

    private static func connect(_ place: ServerTarget, _ role: String) throws(ServerProblem) -> ServerConnection {
        try named(place, role) { () throws(ServerProblem) in
            try ServerConnection(place, name: "redistilld-migrate", limits: .values, patience: .long, wait: CutOver.wait)
        }
    }

    private static func named<Result>(
        _ place: ServerTarget, _ role: String, _ body: () throws(ServerProblem) -> Result
    ) throws(ServerProblem) -> Result {
        do throws(ServerProblem) {
            return try body()
        } catch {
            if error == .left { throw error }
            throw ServerProblem("\(role), \(place.place): \(error)", isFinal: error.isFinal, exitCode: error.exitCode)
        }
    }
}
