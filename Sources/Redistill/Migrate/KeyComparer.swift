/// Compares what two servers have under the same keys: kinds, values, and times to live within 50 ms. Of one thread.
struct KeyComparer {
    private let source: ServerConnection
    private let target: ServerConnection

    /// Two questions are not asked at the same moment.
    private static let toleranceMilliseconds: Int64 = 50

    init(_ source: ServerConnection, _ target: ServerConnection) {
        self.source = source
        self.target = target
    }

    /// The keys that differ, each with a word that says how.
    func differences(among keys: [ByteText]) throws(ServerProblem) -> [(key: ByteText, how: String)] {
        let here = try Self.heads(of: keys, at: target), there = try Self.heads(of: keys, at: source)
        var differences: [(key: ByteText, how: String)] = []
        var same: [(key: ByteText, read: [ByteText])] = []
        for (index, key) in keys.enumerated() {
            if there[index].kind != here[index].kind {
                differences.append((key, there[index].kind == "none" ? "gone there" : here[index].kind == "none" ? "missing" : "kind"))
            } else if abs(there[index].expiry - here[index].expiry) > Self.toleranceMilliseconds {
                differences.append((key, "time to live"))
            } else if let words = Self.read(key, of: there[index].kind) {
                same.append((key, words))
            }
        }
        let requests = same.map(\.read)
        let theirs = try source.ask(requests), ours = try target.ask(requests)
        for (index, (key, words)) in same.enumerated()
        where Self.canonical(theirs[index], words[0]) != Self.canonical(ours[index], words[0]) {
            differences.append((key, "value"))
        }
        return differences
    }

    private struct Head {
        let kind: String
        /// Unix time in ms by this process's clock; 0 without.
        let expiry: Int64
    }

    private static func heads(of keys: [ByteText], at server: ServerConnection) throws(ServerProblem) -> [Head] {
        let kinds = try server.ask(keys.map { ["TYPE", $0] })
        let times = try server.ask(keys.map { ["PTTL", $0] })
        let now = Clock.wallMicroseconds() / 1000
        return zip(kinds, times).map { kind, time in
            let left = time.number ?? -1
            return Head(kind: kind.text?.shown ?? "none", expiry: left < 0 ? 0 : now + left)
        }
    }

    /// What reads the whole of a value; nil of what is not here.
    private static func read(_ key: ByteText, of kind: String) -> [ByteText]? {
        switch kind {
        case "string": ["GET", key]
        case "hash": ["HGETALL", key]
        case "set": ["SMEMBERS", key]
        case "list": ["LRANGE", key, "0", "-1"]
        case "zset": ["ZRANGE", key, "0", "-1", "WITHSCORES"]
        default: nil
        }
    }

    /// The same for values that are the same, however they are kept.
    private static func canonical(_ reply: RESPValue, _ command: ByteText) -> [[ByteText]] {
        switch command {
        case "HGETALL": pairs(of: reply).sorted { $0[0].bytes.lexicographicallyPrecedes($1[0].bytes) }
        case "SMEMBERS": texts(of: reply).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map { [$0] }
        // Versions write the same number with more digits or fewer.
        case "ZRANGE": pairs(of: reply).map { [$0[0], ByteText(String(Double($0[1].shown) ?? .nan))] }
        default: texts(of: reply).map { [$0] }
        }
    }

    private static func texts(of reply: RESPValue) -> [ByteText] {
        if let items = reply.items { return items.compactMap(\.text) }
        return [reply.text ?? ByteText(reply.problem ?? "")]
    }

    private static func pairs(of reply: RESPValue) -> [[ByteText]] {
        reply.pairs.map { [$0.name.text ?? "", $0.value.text ?? ""] }
    }
}
