import Foundation
import Redistill
import Testing

/// Files in the repository that are made from the table.
@Suite struct GeneratedFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Compares a file with what it should be, or writes it when REDISTILL_UPDATE_DOCS is set.
    private func check(_ path: String, equals text: String) throws {
        let file = Self.root.appending(path: path)
        if ProcessInfo.processInfo.environment["REDISTILL_UPDATE_DOCS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let stored = try String(contentsOf: file, encoding: .utf8)
        #expect(
            stored == text,
            "\(path) is out of date: REDISTILL_UPDATE_DOCS=1 swift test --disable-xctest --filter GeneratedFiles")
    }

    @Test func configurationPageEqualsTheTable() throws {
        try check("docs/configuration.md", equals: ConfigurationDocument.markdown())
    }

    @Test func exampleFileEqualsTheTable() throws {
        try check("redistill.example.toml", equals: ConfigurationText.defaultFile())
    }
}
