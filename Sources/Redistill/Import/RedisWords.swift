/// Redis's way to split a line into words.
enum RedisWords {
    /// The words, with quotes and escapes resolved, or nil when a quote stays open or text follows a closing one.
    static func split(_ line: Substring) -> [ByteText]? {
        var words: [ByteText] = []
        var rest = line[...]
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard let first = rest.first else { return words }
            var word: [UInt8] = []
            if first == "\"" || first == "'" {
                guard let end = quoted(rest.dropFirst(), by: first, into: &word) else { return nil }
                rest = rest[end...]
                if let next = rest.first, !next.isWhitespace { return nil }
            } else {
                let plain = rest.prefix { !$0.isWhitespace }
                word = Array(plain.utf8)
                rest = rest.dropFirst(plain.count)
            }
            words.append(ByteText(word))
        }
    }

    /// Reads up to the closing quote; the result is the place behind it.
    private static func quoted(_ text: Substring, by quote: Character, into word: inout [UInt8]) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            if character == quote { return next }
            guard character == "\\", next < text.endIndex else {
                word += Array(String(character).utf8)
                index = next
                continue
            }
            index = escape(in: text, at: next, quote, &word)
        }
        return nil
    }

    private static func escape(
        in text: Substring, at index: Substring.Index, _ quote: Character, _ word: inout [UInt8]
    ) -> Substring.Index {
        let letter = text[index]
        let next = text.index(after: index)
        if quote == "'" {
            // Only a single quote can be escaped between single quotes.
            word += Array((letter == "'" ? "'" : "\\" + String(letter)).utf8)
            return next
        }
        let digits = text[next...].prefix(2)
        if letter == "x", digits.count == 2, let byte = UInt8(digits, radix: 16) {
            word.append(byte)
            return digits.endIndex
        }
        let plain: [Character: String] = ["n": "\n", "r": "\r", "t": "\t", "b": "\u{8}", "a": "\u{7}"]
        word += Array((plain[letter] ?? String(letter)).utf8)
        return next
    }
}
