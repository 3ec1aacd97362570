/// What is known of a value before the script runs. Each may also be nil, with which nothing can be done that matters
/// here.
enum KeyFact: Equatable {
    /// Nil, or a place that is not reached.
    case nothing
    /// Any value but those below that are delicate.
    case plain
    /// An element of KEYS.
    case key
    /// A string that the script spells, by its number among all of them.
    case name(Int32)
    /// A table of functions that never change.
    case library(KeyLibrary)
    /// `ipairs` or `pairs`, and what they give to walk with.
    case walk, step
    case unpack
    /// A function of a library that reads tables and gives something new.
    case reader
    /// The table KEYS itself.
    case keys
    /// The table `redis`.
    case redis
    /// `redis.call` or `redis.pcall`.
    case command
    /// Perhaps one of the three before, perhaps something else.
    case mixed

    /// Whether commands and keys could get away with it: such a value may be used in known ways only.
    var isDelicate: Bool {
        switch self {
        case .keys, .redis, .command, .mixed: true
        default: false
        }
    }

    /// What is known of a value that is one or the other.
    func joined(_ other: KeyFact) -> KeyFact {
        if self == other || other == .nothing { return self }
        if self == .nothing { return other }
        return isDelicate || other.isDelicate ? .mixed : .plain
    }

    /// What a global holds; nil for the table of globals, with which anything can be done.
    static func global(_ name: [UInt8]) -> KeyFact? { globals[name] ?? .plain }

    private static let globals: [[UInt8]: KeyFact?] = {
        let known: [(String, KeyFact?)] = [
            ("KEYS", .keys), ("redis", .redis), ("_G", nil), ("ipairs", .walk), ("pairs", .walk), ("unpack", .unpack),
            ("type", .reader), ("tostring", .reader), ("table", .library(.table)), ("cjson", .library(.json)),
            ("cmsgpack", .library(.messagePack)),
        ]
        return Dictionary(uniqueKeysWithValues: known.map { (Array($0.0.utf8), $0.1) })
    }()
}

/// Libraries whose functions may be given KEYS.
enum KeyLibrary {
    case table, json, messagePack

    func function(_ name: [UInt8]) -> KeyFact {
        readers.contains { $0.utf8.elementsEqual(name) } ? .reader : .plain
    }

    private var readers: [String] {
        switch self {
        case .table: ["concat", "getn", "maxn"]
        case .json: ["encode"]
        case .messagePack: ["pack"]
        }
    }
}

/// What is known at one instruction.
struct KeyState: Equatable {
    var facts: [KeyFact]
    /// Registers whose variables closures have, too, one bit each.
    var captured = KeyRegisters()
    /// Values up to the top, as the instruction before left them.
    var open: KeyOpenValues?

    /// Takes in what is known when the instruction is reached another way; whether that changed anything.
    mutating func join(_ other: KeyState) -> Bool {
        var isChanged = false
        for index in facts.indices {
            let joined = facts[index].joined(other.facts[index])
            if joined != facts[index] {
                facts[index] = joined
                isChanged = true
            }
        }
        if captured.formUnion(other.captured) { isChanged = true }
        if open != nil, open != other.open {
            open = nil
            isChanged = true
        }
        return isChanged
    }
}

/// Values from a register up to the top, any number of them.
struct KeyOpenValues: Equatable {
    let first: Int
    let fact: KeyFact
}

/// A set of registers.
struct KeyRegisters: Equatable {
    private var low: (UInt64, UInt64) = (0, 0)
    private var high: (UInt64, UInt64) = (0, 0)

    static func == (a: KeyRegisters, b: KeyRegisters) -> Bool { a.low == b.low && a.high == b.high }

    var isEmpty: Bool { low == (0, 0) && high == (0, 0) }

    subscript(register: Int) -> Bool {
        get {
            let bit: UInt64 = 1 << UInt64(register & 63)
            switch register >> 6 {
            case 0: return low.0 & bit != 0
            case 1: return low.1 & bit != 0
            case 2: return high.0 & bit != 0
            default: return high.1 & bit != 0
            }
        }
        set {
            let bit: UInt64 = 1 << UInt64(register & 63)
            let value = newValue ? bit : 0
            switch register >> 6 {
            case 0: low.0 = low.0 & ~bit | value
            case 1: low.1 = low.1 & ~bit | value
            case 2: high.0 = high.0 & ~bit | value
            default: high.1 = high.1 & ~bit | value
            }
        }
    }

    mutating func formUnion(_ other: KeyRegisters) -> Bool {
        let before = self
        low = (low.0 | other.low.0, low.1 | other.low.1)
        high = (high.0 | other.high.0, high.1 | other.high.1)
        return self != before
    }
}
