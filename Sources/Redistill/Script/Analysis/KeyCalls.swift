/// Calls: of commands, of those functions that may be given KEYS, and of all others.
extension KeyFlow {
    mutating func call(_ i: LuaInstruction, _ open: KeyOpenValues?) -> Bool {
        let a = Int(i.a)
        guard let arguments = values(from: a + 1, i.b == 0 ? nil : Int(i.b) - 1, open) else { return false }
        var results: [KeyFact] = []
        var others = KeyFact.plain
        switch fact(a) {
        case .command:
            guard isKnown(arguments) else { return false }
        case .walk where arguments[0] == .keys:
            guard areHarmless(arguments, from: 1) else { return false }
            results = [.step, .keys, .plain]
        case .unpack where arguments[0] == .keys:
            guard areHarmless(arguments, from: 1) else { return false }
            others = .key
        case .reader:
            guard arguments.fixed.allSatisfy({ $0 == .keys || !$0.isDelicate }) else { return false }
        case let function:
            guard !function.isDelicate, arguments.areHarmless else { return false }
        }
        return deliver(results, others, to: a, i.op == .tailCall ? -1 : Int(i.c) - 1)
    }

    private func areHarmless(_ values: KeyValues, from first: Int) -> Bool {
        !values.fixed.dropFirst(first).contains { $0.isDelicate }
    }

    /// Puts results where they are wanted; `wanted` below 0 is all of them.
    private mutating func deliver(_ results: [KeyFact], _ others: KeyFact, to target: Int, _ wanted: Int) -> Bool {
        if wanted < 0 {
            // Of those up to the top nothing may be delicate.
            guard results.isEmpty else { return false }
            forget(from: target)
            state.open = KeyOpenValues(first: target, fact: others)
            return true
        }
        for index in 0..<wanted { set(target + index, index < results.count ? results[index] : others) }
        forget(from: target + wanted)
        return true
    }

    // MARK: Commands

    /// Whether a command is known, and all its keys are elements of KEYS. With what is no command, or has too few
    /// arguments, it fails before it touches anything.
    private func isKnown(_ words: KeyValues) -> Bool {
        guard words.areHarmless else { return false }
        switch words[0] {
        case .nothing: return true
        case .name(let name):
            guard let positions = analysis.positions(name) else { return false }
            return !positions.hasKeys || areKeys(words, positions)
        default: return false
        }
    }

    private func areKeys(_ words: KeyValues, _ positions: ScriptKeyPositions) -> Bool {
        guard positions.step > 0 else { return false }
        let count = words.fixed.count
        if let rest = words.rest {
            // How many there are is not known: all words that could be keys must be.
            let end = positions.last >= 0 ? positions.last : Int.max
            if end >= count, rest != .key { return false }
            return areKeys(words, stride(from: positions.first, through: min(end, count - 1), by: positions.step))
        }
        let end = positions.last >= 0 ? positions.last : count + positions.last
        return areKeys(words, stride(from: positions.first, through: min(end, count - 1), by: positions.step))
    }

    private func areKeys(_ words: KeyValues, _ places: StrideThrough<Int>) -> Bool {
        places.allSatisfy { words.fixed[$0] == .key || words.fixed[$0] == .nothing }
    }
}
