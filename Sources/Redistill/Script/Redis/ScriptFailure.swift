/// An error that ended a run, with the place where it was thrown: read while the functions are still there.
struct ScriptFailure {
    private let message: [UInt8]
    private let source: String?
    private let line: Int

    init(_ error: LuaError, _ machine: LuaMachine) {
        let place = machine.origin
        source = place?.source
        line = place?.line ?? -1
        switch error.value {
        case .table(let table):
            let text = table[machine.names.err]
            switch text {
            case .string(let bytes): message = Array(bytes.bytes.untilZero)
            case .number(let number): message = LuaNumber.text(number)
            default: message = Array("ERR the script threw a table without 'err'".utf8)
            }
        case .string(let text):
            let bytes = Array(text.bytes.untilZero)
            // The host's own error has its code in front.
            let hasCode = error.isFatal && bytes.first.map(LuaCharacter.isUpper) == true
            message = hasCode ? bytes : Array("ERR ".utf8) + bytes
        default:
            let text = (try? machine.text(of: error.value)) ?? .nilValue
            if case .string(let bytes) = text {
                message = Array("ERR ".utf8) + Array(bytes.bytes.untilZero)
            } else {
                message = Array("ERR unknown error".utf8)
            }
        }
    }

    func reply(digest: [UInt8]) -> [UInt8] {
        var text = message
        if let source {
            text += Array(" script: ".utf8) + digest + Array(", on \(source):\(line).".utf8)
        }
        return [45] + text.map { $0 == 10 || $0 == 13 ? 32 : $0 } + [13, 10]
    }
}

extension LuaMachine {
    /// The function that threw, or the one that called it when it is a library's.
    fileprivate var origin: (source: String, line: Int)? {
        guard depth > 0 else { return nil }
        if let line = line(ofFrame: depth - 1) { return ("@user_script", line) }
        guard depth > 1 else { return ("=[C]", -1) }
        if let line = line(ofFrame: depth - 2) { return ("@user_script", line) }
        return ("=[C]", -1)
    }
}
