/// How a log record becomes a line. Pure.
package enum LogFormat: String, Sendable {
    case text, json

    /// A record as one line, or a few where its fields stand below it, with the line feed.
    package func line(for record: LogRecord) -> String {
        switch self {
        case .text: Self.text(record)
        case .json: Self.json(record)
        }
    }

    private static func text(_ record: LogRecord) -> String {
        let level = record.level.uppercased()
        let padded = level + String(repeating: " ", count: max(0, 8 - level.count))
        var line = "\(record.time) \(padded) \(escaped(record.message))"
        for field in record.fields {
            line += record.hasFieldsBelow
                ? "\n  \(field.name): \(escaped(field.value))" : " \(field.name)=\(value(field.value))"
        }
        return line + "\n"
    }

    private static func json(_ record: LogRecord) -> String {
        var line = "{\"time\":\(JSONText.quote(record.time)),\"level\":\(JSONText.quote(record.level))"
        line += ",\"message\":\(JSONText.quote(record.message))"
        for field in record.fields {
            let name = ["time", "level", "message"].contains(field.name) ? field.name + "_" : field.name
            line += ",\(JSONText.quote(name)):\(field.isNumber ? field.value : JSONText.quote(field.value))"
        }
        return line + "}\n"
    }

    /// A message must not be able to fake a line of its own, wherever its parts come from.
    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else { return text }
        return String(JSONText.quote(text).dropFirst().dropLast())
    }

    private static func value(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "=" }
        return isPlain ? text : JSONText.quote(text)
    }
}
