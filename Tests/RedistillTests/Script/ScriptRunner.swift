@testable import Redistill

/// Runs scripts against a small store, and tells replies as text.
final class ScriptRunner: ScriptHost {
    let machine = ScriptMachine(version: "7.4.0", versionNumber: 0x070400)
    var store: [String: String] = [:]
    /// What commands were called with.
    var calls: [[String]] = []
    var logged: [String] = []
    /// Replies by command, before any other.
    var answers: [String: String] = [:]
    /// After so many periods the run has to end.
    var periods = Int.max
    private var reply: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 0)

    deinit {
        reply.deallocate()
    }

    static func run(_ script: String, keys: [String] = [], _ arguments: [String] = [], resp: Int = 2) -> String {
        ScriptRunner().run(script, keys: keys, arguments, resp: resp)
    }

    func run(_ script: String, keys: [String] = [], _ arguments: [String] = [], resp: Int = 2) -> String {
        let compiled: CompiledScript
        do {
            compiled = try compile(script)
        } catch {
            return "-" + error.description
        }
        return run(compiled, keys: keys, arguments, resp: resp)
    }

    func run(_ compiled: CompiledScript, keys: [String] = [], _ arguments: [String] = [], resp: Int = 2) -> String {
        var bytes: [UInt8] = []
        withBytes(keys) { keys in
            withBytes(arguments) { arguments in
                machine.run(compiled, keys: keys, arguments: arguments, host: self, resp: resp, into: &bytes)
            }
        }
        // Line ends as spaces, the last one gone; where the error was is the same in all of these.
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            .joined(separator: " ")
        guard text.hasSuffix(". "), let place = text.firstRange(of: " script: ") else { return String(text.dropLast()) }
        return String(text[..<place.lowerBound])
    }

    func compile(_ script: String) throws(ScriptError) -> CompiledScript {
        let bytes = Array(script.utf8)
        return try bytes.withUnsafeBufferPointer { (buffer) throws(ScriptError) in try CompiledScript(buffer) }
    }

    private func withBytes(_ texts: [String], _ body: (UnsafeBufferPointer<Bytes>) -> Void) {
        let owned = texts.map { text in
            let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
            _ = buffer.initialize(from: text.utf8)
            return buffer
        }
        owned.map { UnsafeBufferPointer($0) }.withUnsafeBufferPointer(body)
        owned.forEach { $0.deallocate() }
    }

    // MARK: ScriptHost

    func call(_ arguments: UnsafeBufferPointer<Bytes>, resp: Int) -> Bytes {
        let words = arguments.map { String(decoding: $0, as: UTF8.self) }
        calls.append(words)
        let text = answers[words[0]] ?? answer(words, resp)
        reply.deallocate()
        reply = .allocate(capacity: text.utf8.count)
        _ = reply.initialize(from: text.utf8)
        return UnsafeBufferPointer(reply)
    }

    private func answer(_ words: [String], _ resp: Int) -> String {
        switch words[0] {
        case "get":
            guard let value = store[words[1]] else { return resp == 3 ? "_\r\n" : "$-1\r\n" }
            return "$\(value.utf8.count)\r\n\(value)\r\n"
        case "set":
            store[words[1]] = words[2]
            return "+OK\r\n"
        case "del": return ":\(store.removeValue(forKey: words[1]) == nil ? 0 : 1)\r\n"
        default: return "-ERR Unknown Redis command called from script\r\n"
        }
    }

    func allows(_ arguments: UnsafeBufferPointer<Bytes>) -> Bool? {
        String(decoding: arguments[0], as: UTF8.self) == "nothing" ? nil : true
    }

    func log(level: Int, _ message: [UInt8]) {
        logged.append("\(level) " + String(decoding: message, as: UTF8.self))
    }

    func mayGoOn() -> [UInt8]? {
        periods -= 1
        return periods < 0 ? Array("ERR the script ran too long".utf8) : nil
    }
}
