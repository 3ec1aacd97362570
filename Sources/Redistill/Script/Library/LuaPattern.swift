/// Matches a pattern of Lua against a subject, from one place.
///
/// Positions are indices; outside of both texts there are zeros, and a zero ends a pattern, as in Lua 5.1. Each step
/// counts against the run's budget, and the depth is bounded, so no pattern runs for ever or too deep.
struct LuaPattern {
    enum Capture {
        case open(Int)
        case closed(Int, Int)
        case position(Int)
    }

    let machine: LuaMachine
    let subject: LuaBytes
    let pattern: LuaBytes
    private(set) var captures: [Capture] = []
    private var depth = 0

    private static let captureLimit = 32
    private static let depthLimit = 200

    init(_ machine: LuaMachine, subject: LuaBytes, pattern: LuaBytes) {
        self.machine = machine
        self.subject = subject
        self.pattern = pattern
    }

    /// The end of a match that begins at `start`, of the pattern from `p` on.
    mutating func match(from start: Int, _ p: Int) throws(LuaError) -> Int? {
        captures.removeAll(keepingCapacity: true)
        depth = 0
        return try match(start, p)
    }

    private func failure(_ message: String) -> LuaError {
        machine.libraryFailure(Array(message.utf8))
    }

    // MARK: Items

    private mutating func match(_ start: Int, _ from: Int) throws(LuaError) -> Int? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= LuaPattern.depthLimit else { throw failure("pattern too complex") }
        var s = start
        var p = from
        while true {
            try machine.spend(1)
            switch pattern[p] {
            case 40: // (
                return pattern[p + 1] == 41
                    ? try open(s, p + 2, .position(s)) : try open(s, p + 1, .open(s))
            case 41: return try close(s, p + 1)
            case 0: return s
            case 36 where pattern[p + 1] == 0: return s == subject.count ? s : nil
            case 37: // %
                switch try special(s, p) {
                case .next(let end, let after):
                    s = end
                    p = after
                    continue
                case .fail: return nil
                case .none: break
                }
            default: break
            }
            let end = try classEnd(p)
            // A set is looked through anew for each character.
            try machine.spend((end - p) >> 3)
            let isMatch = s < subject.count && single(subject[s], p, end)
            switch pattern[end] {
            case 63: // ?
                if isMatch, let result = try match(s + 1, end + 1) { return result }
                p = end + 1
            case 42: return try most(s, p, end)
            case 43: return isMatch ? try most(s + 1, p, end) : nil
            case 45: return try least(s, p, end)
            default:
                guard isMatch else { return nil }
                s += 1
                p = end
            }
        }
    }

    private enum Special {
        case next(Int, Int)
        case fail
        case none
    }

    /// `%b`, `%f` and back references.
    private mutating func special(_ s: Int, _ p: Int) throws(LuaError) -> Special {
        switch pattern[p + 1] {
        case 98:
            let (balanced, looked) = try balance(s, p + 2)
            try machine.spend(looked >> 2)
            guard let end = balanced else { return .fail }
            return .next(end, p + 4)
        case 102:
            guard pattern[p + 2] == 91 else { throw failure("missing '[' after '%f' in pattern") }
            let end = try classEnd(p + 2)
            try machine.spend((end - p) >> 3)
            let before = s == 0 ? 0 : subject[s - 1]
            guard !set(before, p + 2, end - 1), set(subject[s], p + 2, end - 1) else { return .fail }
            return .next(s, end)
        case let c where LuaCharacter.isDigit(c):
            let index = Int(c) - 49
            guard index >= 0, index < captures.count else { throw failure("invalid capture index") }
            let range: (Int, Int)
            switch captures[index] {
            case .open: throw failure("invalid capture index")
            case .closed(let from, let to): range = (from, to)
            case .position: return .fail
            }
            let count = range.1 - range.0
            guard subject.count - s >= count else { return .fail }
            try machine.spend(count >> 3)
            for at in 0..<count where subject[range.0 + at] != subject[s + at] { return .fail }
            return .next(s + count, p + 2)
        default: return .none
        }
    }

    /// Where the balanced part that begins at `start` ends, and how many characters were looked at.
    private func balance(_ start: Int, _ p: Int) throws(LuaError) -> (end: Int?, looked: Int) {
        guard pattern[p] != 0, pattern[p + 1] != 0 else { throw failure("unbalanced pattern") }
        guard start < subject.count, subject[start] == pattern[p] else { return (nil, 0) }
        let (first, last) = (pattern[p], pattern[p + 1])
        var level = 1
        var s = start + 1
        while s < subject.count {
            if subject[s] == last {
                level -= 1
                if level == 0 { return (s + 1, s - start) }
            } else if subject[s] == first {
                level += 1
            }
            s += 1
        }
        return (nil, s - start)
    }

    // MARK: Repetitions

    private mutating func most(_ s: Int, _ p: Int, _ end: Int) throws(LuaError) -> Int? {
        var count = 0
        let cost = (end - p) >> 3
        while s + count < subject.count, single(subject[s + count], p, end) {
            count += 1
            if cost > 0 { try machine.spend(cost) }
        }
        try machine.spend(count / 8)
        while count >= 0 {
            if let result = try match(s + count, end + 1) { return result }
            count -= 1
        }
        return nil
    }

    private mutating func least(_ start: Int, _ p: Int, _ end: Int) throws(LuaError) -> Int? {
        var s = start
        while true {
            if let result = try match(s, end + 1) { return result }
            guard s < subject.count, single(subject[s], p, end) else { return nil }
            try machine.spend((end - p) >> 3)
            s += 1
        }
    }

    // MARK: Captures

    private mutating func open(_ s: Int, _ p: Int, _ capture: Capture) throws(LuaError) -> Int? {
        guard captures.count < LuaPattern.captureLimit else { throw failure("too many captures") }
        captures.append(capture)
        if let result = try match(s, p) { return result }
        captures.removeLast()
        return nil
    }

    private mutating func close(_ s: Int, _ p: Int) throws(LuaError) -> Int? {
        for index in captures.indices.reversed() {
            guard case .open(let start) = captures[index] else { continue }
            captures[index] = .closed(start, s)
            if let result = try match(s, p) { return result }
            captures[index] = .open(start)
            return nil
        }
        throw failure("invalid pattern capture")
    }

    // MARK: Classes

    private func classEnd(_ start: Int) throws(LuaError) -> Int {
        var p = start + 1
        switch pattern[start] {
        case 37:
            guard pattern[p] != 0 else { throw failure("malformed pattern (ends with '%')") }
            return p + 1
        case 91:
            if pattern[p] == 94 { p += 1 }
            repeat {
                let c = pattern[p]
                guard c != 0 else { throw failure("malformed pattern (missing ']')") }
                p += 1
                if c == 37, pattern[p] != 0 { p += 1 }
            } while pattern[p] != 93
            return p + 1
        default: return p
        }
    }

    private func single(_ c: UInt8, _ p: Int, _ end: Int) -> Bool {
        switch pattern[p] {
        case 46: true
        case 37: LuaPattern.isOfClass(c, pattern[p + 1])
        case 91: set(c, p, end - 1)
        case let other: other == c
        }
    }

    /// Whether a character is in the set from `start`, a bracket, to `end`, the other one.
    private func set(_ c: UInt8, _ start: Int, _ end: Int) -> Bool {
        var p = start
        var found = true
        if pattern[p + 1] == 94 {
            found = false
            p += 1
        }
        p += 1
        while p < end {
            if pattern[p] == 37 {
                p += 1
                if LuaPattern.isOfClass(c, pattern[p]) { return found }
            } else if pattern[p + 1] == 45, p + 2 < end {
                p += 2
                if pattern[p - 2] <= c, c <= pattern[p] { return found }
            } else if pattern[p] == c {
                return found
            }
            p += 1
        }
        return !found
    }

    private static func isOfClass(_ c: UInt8, _ name: UInt8) -> Bool {
        let result: Bool
        switch name | 32 {
        case 97: result = LuaCharacter.isLetter(c)
        case 99: result = LuaCharacter.isControl(c)
        case 100: result = LuaCharacter.isDigit(c)
        case 108: result = LuaCharacter.isLower(c)
        case 112: result = LuaCharacter.isPunctuation(c)
        case 115: result = LuaCharacter.isSpace(c)
        case 117: result = LuaCharacter.isUpper(c)
        case 119: result = LuaCharacter.isAlphanumeric(c)
        case 120: result = LuaCharacter.isHexadecimal(c)
        case 122: result = c == 0
        default: return name == c
        }
        guard LuaCharacter.isLetter(name) else { return name == c }
        return LuaCharacter.isLower(name) ? result : !result
    }

    // MARK: Results

    /// The capture at `index`; the whole match where there is none.
    func value(_ index: Int, _ start: Int, _ end: Int) throws(LuaError) -> LuaValue {
        if index >= captures.count {
            guard index == 0 else { throw failure("invalid capture index") }
            return .string(try machine.string(subject.slice(start, end)))
        }
        switch captures[index] {
        case .open: throw failure("unfinished capture")
        case .position(let at): return .number(Double(at + 1))
        case .closed(let from, let to): return .string(try machine.string(subject.slice(from, to)))
        }
    }

    /// Pushes all captures; the whole match if there are none and it is wanted.
    func push(_ call: LuaCall, _ start: Int, _ end: Int, orWhole: Bool) throws(LuaError) -> Int {
        let count = captures.isEmpty && orWhole ? 1 : captures.count
        for index in 0..<count { try call.push(try value(index, start, end)) }
        return count
    }
}
