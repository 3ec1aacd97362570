/// Puts replies together from what a connection brings.
package struct RESPReader {
    private var bytes: [UInt8] = []
    /// Where the next reply begins.
    private var start = 0

    private static let longestLine = 64 << 10
    private static let largestBulk = 64 << 20
    private static let longestArray = 1 << 20
    private static let deepest = 8

    package init() {}

    /// Adds what was received.
    package mutating func append(_ more: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += more
    }

    /// The next whole reply, or nil when more bytes are needed.
    package mutating func next() throws(TopProblem) -> RESPValue? {
        var position = start
        guard let value = try value(at: &position, depth: 0) else { return nil }
        start = position
        return value
    }

    private func value(at position: inout Int, depth: Int) throws(TopProblem) -> RESPValue? {
        guard let line = try line(at: &position), let kind = line.first else { return nil }
        let rest = line.dropFirst()
        switch kind {
        case UInt8(ascii: "+"): return .simple(ByteText(rest))
        case UInt8(ascii: "-"): return .error(PrintableText.of(ByteText(rest)))
        case UInt8(ascii: ":"): return .integer(try number(rest))
        case UInt8(ascii: "$"): return try bulk(of: try number(rest), at: &position)
        case UInt8(ascii: "*"): return try array(of: try number(rest), at: &position, depth: depth)
        default: throw Self.foreign
        }
    }

    private func bulk(of length: Int64, at position: inout Int) throws(TopProblem) -> RESPValue? {
        if length == -1 { return .null }
        guard (0...Int64(Self.largestBulk)).contains(length) else { throw Self.foreign }
        let end = position + Int(length)
        guard bytes.count >= end + 2 else { return nil }
        defer { position = end + 2 }
        return .bulk(ByteText(bytes[position..<end]))
    }

    private func array(of length: Int64, at position: inout Int, depth: Int) throws(TopProblem) -> RESPValue? {
        if length == -1 { return .null }
        guard (0...Int64(Self.longestArray)).contains(length), depth < Self.deepest else { throw Self.foreign }
        var items: [RESPValue] = []
        for _ in 0..<length {
            guard let item = try value(at: &position, depth: depth + 1) else { return nil }
            items.append(item)
        }
        return .array(items)
    }

    /// A line without its end, at least one byte long; nil when its end has not come yet.
    private func line(at position: inout Int) throws(TopProblem) -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            guard bytes.count - position <= Self.longestLine else { throw Self.foreign }
            return nil
        }
        guard end >= position + 2, bytes[end - 1] == UInt8(ascii: "\r") else { throw Self.foreign }
        defer { position = end + 1 }
        return bytes[position..<(end - 1)]
    }

    private func number(_ digits: ArraySlice<UInt8>) throws(TopProblem) -> Int64 {
        guard let number = Int64(String(decoding: digits, as: UTF8.self)) else { throw Self.foreign }
        return number
    }

    private static let foreign = TopProblem(
        "what answers there does not speak Redis's protocol; is it the right port, and does it want --tls?",
        isFinal: true)
}
