/// Writes changed values into a TOML document and keeps everything else: comments, order, blanks. Pure.
enum TOMLRewrite {
    /// A key and its new value as TOML.
    struct Change: Equatable {
        let section: String
        let key: String
        let value: String
    }

    /// Why a document can't be rewritten line by line.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The document with the changes. A key that is there keeps its line and the comment behind it; a new one goes to
    /// the end of its section, and a new section to the end of the document.
    static func apply(_ changes: [Change], to text: String) throws(Refusal) -> String {
        var lines = TOMLPositions.split(text).map(String.init)
        let ending = text.contains("\r\n") ? "\r\n" : "\n"
        for change in changes {
            let positions = TOMLPositions(of: lines.joined(separator: "\n"))
            let line = "\(change.key) = \(change.value)"
            if let number = positions.exactLine(section: change.section, key: change.key) {
                lines[number - 1] = try replace(valueIn: lines[number - 1], with: change.value, number: number)
            } else if let number = positions.lastLine(ofSection: change.section) {
                lines.insert(line, at: number)
            } else {
                while lines.last?.isEmpty == true { lines.removeLast() }
                lines += (lines.isEmpty ? [] : [""]) + ["[\(change.section)]", line, ""]
            }
        }
        return lines.joined(separator: ending)
    }

    private static func replace(valueIn line: String, with value: String, number: Int) throws(Refusal) -> String {
        let content = line[...]
        guard let equals = TOMLPositions.equals(in: content) else {
            throw Refusal(description: "line \(number) can't be rewritten")
        }
        let old = content[content.index(after: equals)...]
        guard TOMLPositions.openedMultiline(by: old) == nil, let end = endOfValue(in: old) else {
            throw Refusal(description: "the value on line \(number) goes on over several lines")
        }
        let rest = old[end...]
        return content[...equals] + " " + value + (rest.isEmpty ? "" : " " + rest.drop { $0 == " " || $0 == "\t" })
    }

    /// Where a value that stands on one line ends: before blanks and a comment. Nil when it does not end there.
    private static func endOfValue(in text: Substring) -> Substring.Index? {
        var quote: Character?
        var isEscaped = false
        var depth = 0
        var end = text.startIndex
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" && open == "\"" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                }
            } else if character == "#" {
                break
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "[" {
                depth += 1
            } else if character == "]" {
                depth -= 1
            }
            if !character.isWhitespace { end = text.index(after: index) }
        }
        return quote == nil && depth == 0 ? end : nil
    }
}
