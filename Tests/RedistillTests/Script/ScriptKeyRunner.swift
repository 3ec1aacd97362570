@testable import Redistill

/// Runs scripts and notes keys that they ask for besides their own.
final class ScriptKeyRunner {
    private let runner = ScriptRunner()

    /// Where commands have their keys, as in Redis's COMMAND INFO. What is not here is not known.
    static let positions: [String: ScriptKeyPositions] = {
        let one = ScriptKeyPositions(first: 1, last: 1, step: 1)
        let all = ScriptKeyPositions(first: 1, last: -1, step: 1)
        var positions = [
            "mget": all, "del": all, "exists": all, "mset": ScriptKeyPositions(first: 1, last: -1, step: 2),
            "copy": ScriptKeyPositions(first: 1, last: 2, step: 1), "ping": .none, "time": .none, "echo": .none,
        ]
        let single = [
            "get", "set", "setex", "incr", "incrby", "decr", "expire", "pexpire", "ttl", "pttl", "hmset", "hget", "hincrby",
        ]
        for name in single { positions[name] = one }
        return positions
    }()

    static func compile(_ script: String) throws(ScriptError) -> CompiledScript {
        let bytes = Array(script.utf8)
        return try bytes.withUnsafeBufferPointer { (buffer) throws(ScriptError) in
            try CompiledScript(buffer) { positions[String(decoding: $0, as: UTF8.self).lowercased()] }
        }
    }

    /// The calls that name a key which is not in KEYS, or whose keys are not known.
    func strays(of script: CompiledScript) -> [[String]] {
        let keys = ["k1", "k2", "k3"]
        runner.calls = []
        runner.periods = 5
        for name in ScriptKeyRunner.positions.keys { runner.answers[name] = "$2\r\nv1\r\n" }
        _ = runner.run(script, keys: keys, ["o", "get", "call"])
        return runner.calls.filter { call in
            guard let positions = ScriptKeyRunner.positions[call[0].lowercased()] else { return true }
            guard positions.first > 0 else { return false }
            let last = positions.last < 0 ? call.count + positions.last : min(positions.last, call.count - 1)
            return stride(from: positions.first, through: last, by: positions.step).contains { !keys.contains(call[$0]) }
        }
    }
}
