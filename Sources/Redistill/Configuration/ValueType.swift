/// What values a key takes, how they are read and how they are written.
package enum ValueType: Sendable, Equatable {
    /// A whole number of a range.
    case integer(ClosedRange<Int64>)
    /// A whole number; one outside the range is brought to its nearest end, with a note.
    case adjusted(ClosedRange<Int64>)
    /// A power of two, or 0 where the range has it; another number is rounded up, with a note.
    case powerOfTwo(ClosedRange<Int64>)
    /// Bytes, with or without a unit.
    case bytes(ClosedRange<Int64>)
    /// Bytes; a size outside the range is brought to its nearest end, with a note.
    case adjustedBytes(ClosedRange<Int64>)
    /// Bytes, or a share of the machine's memory in percent.
    case memoryLimit
    /// Shares of `max_memory` in percent, by database; kept as a text.
    case databaseShares
    /// Bytes, a share of `max_memory` in percent, or "auto".
    case clientMemory
    /// A time; the range is in milliseconds, a plain number means seconds.
    case duration(ClosedRange<Int64>)
    /// Yes or no.
    case flag
    /// Yes, no, or a word.
    case flagOr(String)
    /// Any text.
    case text
    /// A file's path.
    case path
    /// Addresses, as a list or separated by spaces.
    case list
    /// Nodes of a cluster, as a list or separated by spaces; any number of them.
    case nodes
    /// A node of a cluster, or an empty text; kept as a text.
    case node
    /// One of a few words.
    case choice([String])
    /// Several numbers of a range, so many or any number of them; kept as a text.
    case numbers(count: Int?, ClosedRange<Int64>, fractions: Bool)
    /// An eviction policy.
    case policy
    /// Permission bits, in octal digits.
    case mode
    /// A text that is never shown.
    case secret

    /// What the type takes, to follow "takes": "a whole number from 0 to 65535".
    package var allowed: String {
        switch self {
        case .integer(let range), .adjusted(let range):
            return "a whole number " + Self.describe(range)
        case .powerOfTwo(let range):
            let zero = range.lowerBound == 0 ? "0 or " : ""
            return zero + "a power of two " + Self.describe(max(range.lowerBound, 1)...range.upperBound)
        case .bytes(let range), .adjustedBytes(let range):
            return "a size such as 65536, \"512kb\" or \"64mb\", " + Self.describeBytes(range)
        case .memoryLimit:
            return "a size such as 1073741824, \"512mb\" or \"2gb\", a share such as \"75%\", or 0 for no limit"
        case .databaseShares:
            return "shares of max_memory by database, such as \"1:20% 3:5%\", together at most 100%"
        case .clientMemory:
            return "a size such as \"64mb\", a share of max_memory such as \"5%\", \"auto\", or 0 for no limit"
        case .duration(let range):
            return "a number of seconds, or a time such as \"500ms\", \"30s\", \"5m\" or \"1h\", from "
                + "\(TimeText.short(range.lowerBound)) to \(TimeText.short(range.upperBound))"
        case .flag:
            return "true or false"
        case .flagOr(let word):
            return "true, false or \"\(word)\""
        case .text:
            return "a text"
        case .path:
            return "the path of a file"
        case .list:
            return "an address such as \"127.0.0.1\", or several in a list"
        case .nodes:
            return "addresses with ports in a list, such as [\"10.0.0.1:6379\", \"10.0.0.2:6379\"]; [] for none"
        case .node:
            return "an address with a port, such as \"10.0.0.1:6379\""
        case .choice(let words):
            return "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
        case .numbers(let count, let range, let fractions):
            let many = count.map { $0 == 3 ? "three " : "\($0) " } ?? ""
            return many + (fractions ? "numbers " : "whole numbers ") + Self.describe(range) + ", separated by spaces"
        case .policy:
            return "one of " + EvictionPolicy.names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .mode:
            return "permission bits in octal digits, such as \"770\""
        case .secret:
            return "a text"
        }
    }

    /// Whether a value is one of bytes.
    var isSize: Bool {
        switch self {
        case .bytes, .adjustedBytes, .memoryLimit, .clientMemory: true
        default: false
        }
    }

    /// Whether a value may be several words.
    var takesSeveral: Bool {
        switch self {
        case .list, .numbers, .nodes: true
        default: false
        }
    }

    /// A value as a TOML file spells it. Secrets come out as an empty text.
    package func toml(_ value: ConfigurationValue) -> String {
        switch value {
        case .integer(let number):
            switch self {
            case .mode: return "\"" + String(number, radix: 8) + "\""
            case .duration: return TimeText.toml(milliseconds: number)
            case .bytes, .adjustedBytes, .memoryLimit, .clientMemory:
                return number == 0 ? "0" : ByteSize.exact(number).map { "\"\($0)\"" } ?? String(number)
            default: return String(number)
            }
        case .flag(let flag): return String(flag)
        case .text(let text): return TOMLText.quote(text)
        case .list(let items):
            return items.count == 1 && self != .nodes
                ? TOMLText.quote(items[0]) : "[" + items.map(TOMLText.quote).joined(separator: ", ") + "]"
        case .secret: return "\"\""
        }
    }

    private static func describe(_ range: ClosedRange<Int64>) -> String {
        range.upperBound == Int64.max
            ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func describeBytes(_ range: ClosedRange<Int64>) -> String {
        let low = ByteSize.exact(range.lowerBound) ?? String(range.lowerBound)
        let high = ByteSize.exact(range.upperBound) ?? String(range.upperBound)
        return range.upperBound == ByteSize.largest ? "at least \(low)" : "from \(low) to \(high)"
    }
}
