/// A reply of RESP2, or one of RESP3 in the terms of that: a map is an array of names and values in turns.
package enum RESPValue: Sendable, Equatable {
    /// A status such as OK.
    case simple(ByteText)
    case error(String)
    case integer(Int64)
    case bulk(ByteText)
    case array([RESPValue])
    /// What RESP3's server says without being asked.
    case push([RESPValue])
    case null

    /// The text of a status or a bulk.
    package var text: ByteText? {
        switch self {
        case .simple(let text), .bulk(let text): text
        default: nil
        }
    }

    package var number: Int64? {
        if case .integer(let number) = self { return number }
        return text?.text.flatMap { Int64($0) }
    }

    package var items: [RESPValue]? {
        if case .array(let items) = self { return items }
        return nil
    }

    /// The sentence of an error.
    package var problem: String? {
        if case .error(let problem) = self { return problem }
        return nil
    }

    /// A map as RESP2 has it: names and values in turns. Empty when it is none.
    package var pairs: [(name: RESPValue, value: RESPValue)] {
        guard let items else { return [] }
        return stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }
    }

    /// A request as bytes.
    static func request(_ words: [ByteText]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(words, to: &bytes)
        return bytes
    }

    /// Adds a request.
    static func append(_ words: [ByteText], to bytes: inout [UInt8]) {
        bytes += "*\(words.count)\r\n".utf8
        for word in words {
            bytes += "$\(word.bytes.count)\r\n".utf8
            bytes += word.bytes
            bytes += "\r\n".utf8
        }
    }
}
