import CHotProbe
import Foundation

/// Arguments in the notation of admin/syntax.h, and what COMMAND DOCS makes of them.
struct Syntax {
    let isRead: Bool
    /// RESP3 on one line: `$3 key` is `key`, `*2` stays.
    let reply: String

    init(_ text: String) {
        var bytes: UnsafeMutablePointer<CChar>?, length = 0
        isRead = probe_syntax(text, &bytes, &length)
        defer { free(bytes) }
        let lines = bytes.map { String(decoding: Data(bytes: $0, count: length), as: UTF8.self) } ?? ""
        reply = lines.split(separator: "\r\n").filter { !$0.hasPrefix("$") }.joined(separator: " ")
    }
}
