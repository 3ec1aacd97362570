/// Puts replies together from what a connection brings.
package struct RESPReader {
    private var bytes: [UInt8] = []
    /// Where what was not read yet begins.
    private var start = 0
    /// Arrays of which items are missing, the outermost first: a long one is not read again with each piece that comes.
    private var unfinished: [Aggregate] = []
    private let limits: Limits

    /// What no reply may be beyond.
    package struct Limits: Sendable {
        var bulk: Int
        var array: Int64

        /// For what a server says of itself.
        package static let usual = Limits(bulk: 64 << 20, array: 1 << 20)
        /// For its values.
        package static let values = Limits(bulk: 4 << 30, array: 1 << 31)
    }

    private struct Aggregate {
        let isPush: Bool
        let count: Int64
        var items: [RESPValue] = []

        var value: RESPValue { isPush ? .push(items) : .array(items) }
    }

    private enum Part {
        case value(RESPValue)
        case beginning(Aggregate)
    }

    private static let longestLine = 64 << 10
    private static let deepest = 8

    package init(limits: Limits = .usual) {
        self.limits = limits
    }

    /// Adds what was received.
    package mutating func append(_ more: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += more
    }

    /// The next whole reply, or nil when more bytes are needed.
    package mutating func next() throws(ServerProblem) -> RESPValue? {
        while let part = try part() {
            switch part {
            case .beginning(let aggregate): unfinished.append(aggregate)
            case .value(let value):
                if let whole = filling(with: value) { return whole }
            }
        }
        return nil
    }

    /// Puts an item where it belongs; what is whole with it.
    private mutating func filling(with value: RESPValue) -> RESPValue? {
        var value = value
        while let last = unfinished.indices.last {
            unfinished[last].items.append(value)
            guard unfinished[last].items.count == unfinished[last].count else { return nil }
            value = unfinished.removeLast().value
        }
        return value
    }

    private mutating func part() throws(ServerProblem) -> Part? {
        var position = start
        guard let line = try line(at: &position), let kind = line.first else { return nil }
        let rest = line.dropFirst()
        let part: Part
        switch kind {
        case UInt8(ascii: "+"), UInt8(ascii: ","): part = .value(.simple(ByteText(rest)))
        case UInt8(ascii: "-"): part = .value(.error(PrintableText.of(ByteText(rest))))
        case UInt8(ascii: ":"): part = .value(.integer(try number(rest)))
        case UInt8(ascii: "_"): part = .value(.null)
        case UInt8(ascii: "$"):
            guard let value = try bulk(of: try number(rest), at: &position) else { return nil }
            part = .value(value)
        case UInt8(ascii: "*"), UInt8(ascii: "~"): part = try aggregate(of: try number(rest))
        case UInt8(ascii: "%"): part = try aggregate(of: try number(rest) &* 2)
        case UInt8(ascii: ">"): part = try aggregate(of: try number(rest), isPush: true)
        default: throw Self.foreign
        }
        start = position
        return part
    }

    private func bulk(of length: Int64, at position: inout Int) throws(ServerProblem) -> RESPValue? {
        if length == -1 { return .null }
        guard (0...Int64(limits.bulk)).contains(length) else { throw Self.foreign }
        let end = position + Int(length)
        guard bytes.count >= end + 2 else { return nil }
        defer { position = end + 2 }
        return .bulk(ByteText(bytes[position..<end]))
    }

    private func aggregate(of length: Int64, isPush: Bool = false) throws(ServerProblem) -> Part {
        if length == -1 { return .value(.null) }
        guard (0...limits.array).contains(length), unfinished.count < Self.deepest else { throw Self.foreign }
        let aggregate = Aggregate(isPush: isPush, count: length)
        return length == 0 ? .value(aggregate.value) : .beginning(aggregate)
    }

    /// A line without its end, at least one byte long; nil when its end has not come yet.
    private func line(at position: inout Int) throws(ServerProblem) -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            guard bytes.count - position <= Self.longestLine else { throw Self.foreign }
            return nil
        }
        guard end >= position + 2, bytes[end - 1] == UInt8(ascii: "\r") else { throw Self.foreign }
        defer { position = end + 1 }
        return bytes[position..<(end - 1)]
    }

    private func number(_ digits: ArraySlice<UInt8>) throws(ServerProblem) -> Int64 {
        guard let number = Int64(String(decoding: digits, as: UTF8.self)) else { throw Self.foreign }
        return number
    }

    private static let foreign = ServerProblem(
        "what answers there does not speak Redis's protocol; is it the right port, and does it want --tls?",
        isFinal: true)
}
