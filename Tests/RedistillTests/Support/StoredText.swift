import Foundation
import Testing

/// Texts that are made from the sources and kept in the repository: a change of one shows as a change of the other.
enum StoredText {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Compares a file with what it should be, or writes it when REDISTILL_UPDATE_DOCS is set.
    static func check(_ path: String, equals text: String) throws {
        let file = root.appending(path: path)
        if ProcessInfo.processInfo.environment["REDISTILL_UPDATE_DOCS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let stored = try String(contentsOf: file, encoding: .utf8)
        #expect(
            stored == text,
            "\(path) is out of date: REDISTILL_UPDATE_DOCS=1 swift test --disable-xctest --filter StoredText")
    }
}
