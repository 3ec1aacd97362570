internal import Glibc

/// `find`, `match`, `gmatch` and `gsub`.
enum LuaSearch {
    static func find(_ call: LuaCall) throws(LuaError) -> Int { try search(call, isFind: true) }
    static func match(_ call: LuaCall) throws(LuaError) -> Int { try search(call, isFind: false) }

    private static func search(_ call: LuaCall, isFind: Bool) throws(LuaError) -> Int {
        let subject = try call.string(1).bytes
        let pattern = try call.string(2).bytes
        let start = min(subject.count, max(0, LuaStrings.place(try call.integer(3, or: 1), subject.count) - 1))
        if isFind, call[4].isTrue || isPlain(pattern) {
            guard let found = try findPlain(call.machine, subject, pattern, from: start) else {
                return try call.result(.nilValue)
            }
            try call.push(.number(Double(found + 1)))
            try call.push(.number(Double(found + pattern.count)))
            return 2
        }
        let isAnchored = pattern[0] == 94
        var matcher = LuaPattern(call.machine, subject: subject, pattern: pattern)
        var at = start
        repeat {
            if let end = try matcher.match(from: at, isAnchored ? 1 : 0) {
                guard isFind else { return try matcher.push(call, at, end, orWhole: true) }
                try call.push(.number(Double(at + 1)))
                try call.push(.number(Double(end)))
                return try matcher.push(call, at, end, orWhole: false) + 2
            }
            at += 1
        } while at <= subject.count && !isAnchored
        return try call.result(.nilValue)
    }

    /// No special characters before the first zero.
    private static func isPlain(_ pattern: LuaBytes) -> Bool {
        for byte in pattern.untilZero {
            switch byte {
            case 94, 36, 42, 43, 63, 46, 40, 91, 37, 45: return false
            default: continue
            }
        }
        return true
    }

    private static func findPlain(
        _ machine: LuaMachine, _ subject: LuaBytes, _ pattern: LuaBytes, from start: Int
    ) throws(LuaError) -> Int? {
        guard pattern.count > 0 else { return start }
        try machine.spend((subject.count - start) >> 10)
        var at = start
        while subject.count - at >= pattern.count,
            let found = memchr(subject.start + at, Int32(pattern[0]), subject.count - at - pattern.count + 1) {
            at = UnsafeRawPointer(found) - UnsafeRawPointer(subject.start)
            if memcmp(subject.start + at, pattern.start, pattern.count) == 0 { return at }
            try machine.spend(1 + pattern.count >> 10)
            at += 1
        }
        return nil
    }

    static func gmatch(_ call: LuaCall) throws(LuaError) -> Int {
        let walk = LuaMatches(subject: try call.string(1), pattern: try call.string(2))
        return try call.result(.builtin(LuaBuiltin { (call) throws(LuaError) in try walk.next(call) }))
    }

    static func gsub(_ call: LuaCall) throws(LuaError) -> Int {
        let subject = try call.string(1).bytes
        let pattern = try call.string(2).bytes
        let limit = try call.int(4, or: subject.count + 1)
        switch call[3] {
        case .number: _ = try call.string(3)
        case .string, .table, .closure, .builtin: break
        default: throw call.argumentError(3, "string/function/table expected")
        }
        let isAnchored = pattern[0] == 94
        var matcher = LuaPattern(call.machine, subject: subject, pattern: pattern)
        var replaced: [UInt8] = []
        var count = 0
        var at = 0
        while count < limit {
            let end = try matcher.match(from: at, isAnchored ? 1 : 0)
            if let end {
                count += 1
                try replace(call, matcher, at, end, &replaced)
            }
            if let end, end > at {
                at = end
            } else if at < subject.count {
                replaced.append(subject[at])
                at += 1
            } else {
                break
            }
            if isAnchored { break }
            if replaced.count > call.heap.limit &- call.heap.bytes { throw call.machine.outOfMemory() }
        }
        replaced.append(contentsOf: subject.slice(at, subject.count))
        try call.push(replaced)
        try call.push(.number(Double(count)))
        return 2
    }

    private static func replace(
        _ call: LuaCall, _ matcher: LuaPattern, _ start: Int, _ end: Int, _ target: inout [UInt8]
    ) throws(LuaError) {
        let machine = call.machine
        let value: LuaValue
        switch call[3] {
        case .string(let text): return try expand(text.bytes, matcher, start, end, &target)
        case .table(let table):
            let held = target.capacity
            machine.heap.bytes &+= held
            defer { machine.heap.bytes &-= held }
            value = try machine.index(.table(table), try matcher.value(0, start, end))
        case let function:
            let place = machine.top
            try call.push(function)
            let count = try matcher.push(call, start, end, orWhole: true)
            // The function may do the same, and so on: what is here counts for as long as it runs.
            let held = target.capacity
            machine.heap.bytes &+= held
            defer { machine.heap.bytes &-= held }
            try machine.call(at: place, count, wanted: 1)
            machine.top = place
            value = machine.registers[place]
        }
        switch value {
        case .string(let text): target.append(contentsOf: text.bytes.buffer)
        case .number(let number): target += LuaNumber.text(number)
        case _ where !value.isTrue: target.append(contentsOf: matcher.subject.slice(start, end))
        default: throw call.error("invalid replacement value (a \(value.typeName))")
        }
    }

    /// A replacement text with its `%1`.
    private static func expand(
        _ text: LuaBytes, _ matcher: LuaPattern, _ start: Int, _ end: Int, _ target: inout [UInt8]
    ) throws(LuaError) {
        var at = 0
        while at < text.count {
            let c = text[at]
            at += 1
            guard c == 37 else {
                target.append(c)
                continue
            }
            let escaped = text[at]
            at += 1
            if !LuaCharacter.isDigit(escaped) {
                target.append(escaped)
            } else if escaped == 48 {
                target.append(contentsOf: matcher.subject.slice(start, end))
            } else {
                switch try matcher.value(Int(escaped) - 49, start, end) {
                case .string(let text): target.append(contentsOf: text.bytes.buffer)
                case .number(let number): target += LuaNumber.text(number)
                default: break
                }
            }
        }
    }
}

/// The walk of `gmatch`.
private final class LuaMatches {
    private let subject: LuaString
    private let pattern: LuaString
    private var at = 0

    init(subject: LuaString, pattern: LuaString) {
        self.subject = subject
        self.pattern = pattern
    }

    func next(_ call: LuaCall) throws(LuaError) -> Int {
        var matcher = LuaPattern(call.machine, subject: subject.bytes, pattern: pattern.bytes)
        var start = at
        while start <= subject.count {
            if let end = try matcher.match(from: start, 0) {
                at = end == start ? end + 1 : end
                return try matcher.push(call, start, end, orWhole: true)
            }
            start += 1
        }
        return 0
    }
}
