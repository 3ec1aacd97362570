/// Copies keys as they are at the moment, with their times to live: DUMP and PTTL there, RESTORE here. Of one thread.
struct KeyCopier {
    private let source: ServerConnection
    private let target: ServerConnection
    /// How many keys are asked for together: fewer where values are large.
    private(set) var batch = 16
    /// A server that lets nobody DUMP is asked by GET, which knows strings alone.
    private var asksByGet = false
    private(set) var removed: UInt64 = 0
    /// Keys that could not be copied, and why.
    private(set) var leftOut: [ByteText: String] = [:]

    private static let mostKeys = 256
    /// Of one pipeline, about: what the source has to hold for us.
    private static let largeBytes = 4 << 20
    private static let smallBytes = 1 << 20

    init(from source: ServerConnection, to target: ServerConnection) {
        self.source = source
        self.target = target
    }

    /// Copies so many keys as are to be asked for together, or fewer; what is gone there goes here.
    mutating func copy(_ keys: [ByteText]) throws(ServerProblem) {
        let values = try values(of: keys)
        let times = try source.ask(keys.map { ["PTTL", $0] })
        let now = Clock.wallMicroseconds() / 1000
        var writes: [(key: ByteText, words: [ByteText])] = []
        var gone: [ByteText] = []
        for (index, key) in keys.enumerated() {
            switch (values[index], times[index].number ?? -1) {
            case (.bulk(let value), let time) where time > -2:
                writes.append((key, write(key, value, expiry: time < 0 ? nil : now + time)))
            case (.error(let problem), _):
                leftOut[key] = problem
                gone.append(key)
            default:
                leftOut[key] = nil
                gone.append(key)
            }
        }
        for (reply, (key, _)) in zip(try target.ask(writes.map(\.words)), writes) {
            leftOut[key] = try Self.refusal(reply)
            // What stands there is old.
            if leftOut[key] != nil { gone.append(key) }
        }
        for reply in try target.ask(gone.map { ["DEL", $0] }) {
            _ = try Self.refusal(reply)
            removed += reply.number == 1 ? 1 : 0
        }
    }

    /// Why a key could not be written; what would go no better with any other is thrown.
    private static func refusal(_ reply: RESPValue) throws(ServerProblem) -> String? {
        guard let problem = reply.problem else { return nil }
        if problem.hasPrefix("OOM") {
            throw ServerProblem("where keys go to no more memory may be used: \(problem)", isFinal: true)
        }
        if problem.hasPrefix("NOPERM") || problem.hasPrefix("NOAUTH") {
            throw ServerProblem("where keys go to: \(problem)", isFinal: true)
        }
        return problem
    }

    private mutating func values(of keys: [ByteText]) throws(ServerProblem) -> [RESPValue] {
        let replies = try source.ask(keys.map { [asksByGet ? "GET" : "DUMP", $0] })
        let refusal = replies.first?.problem
        if !asksByGet, let refusal, refusal.hasPrefix("NOPERM") || refusal.hasPrefix("ERR unknown command") {
            asksByGet = true
            return try values(of: keys)
        }
        let bytes = replies.reduce(0) { $0 + ($1.text?.bytes.count ?? 0) }
        if bytes > Self.largeBytes { batch = max(1, batch / 2) }
        if bytes < Self.smallBytes { batch = min(Self.mostKeys, batch * 2) }
        return replies
    }

    /// - Parameter expiry: Unix time in ms.
    private func write(_ key: ByteText, _ value: ByteText, expiry: Int64?) -> [ByteText] {
        let time = ByteText(String(max(expiry ?? 0, 0)))
        if asksByGet { return ["SET", key, value] + (expiry == nil ? [] : ["PXAT", time]) }
        return ["RESTORE", key, time, value, "REPLACE", "ABSTTL"]
    }
}
