import CHotProbe
import Foundation
import Testing

/// The table of commands in docs/compatibility.md is made from the command table.
@Suite struct CompatibilityPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/compatibility.md")
    private static let begin = "<!-- made from the command table -->\n"
    private static let end = "<!-- end of what is made -->\n"

    /// Every command that can be called; a container is there through its subcommands.
    private static let rows = CommandRow.listed.filter { $0.subcommands == 0 || $0.name == "command" }

    private static func title(_ row: CommandRow) -> String { row.name.uppercased().replacing("|", with: " ") }

    private static var table: String {
        let groups = CommandRow.groups
        return groups.map { group in
            let lines = rows.filter { $0.group == group }.map { row in
                let since = row.origin.map { "\($0) \(row.since)" } ?? row.since
                return "| `\(title(row))` | \(since) | \(row.summary) |\n"
            }
            return lines.isEmpty ? "" : "### \(group.capitalized)\n\n| command | since | what it does |\n|---|---|---|\n" + lines.joined() + "\n"
        }.joined()
    }

    @Test func everyCommandHasItsSummaryAndAKnownGroup() {
        for row in Self.rows {
            #expect(!row.summary.isEmpty && !row.since.isEmpty, "\(row.name) has no docs in its row")
            #expect(Self.table.contains("| `\(Self.title(row))` |"), "\(row.name) is in the unknown group \(row.group)")
        }
    }

    @Test func pageHasTheTable() throws {
        var page = try String(contentsOf: Self.page, encoding: .utf8)
        let begin = try #require(page.range(of: Self.begin)), end = try #require(page.range(of: Self.end))
        let made = begin.upperBound..<end.lowerBound
        if ProcessInfo.processInfo.environment["REDISTILL_UPDATE_DOCS"] != nil {
            page.replaceSubrange(made, with: "\n" + Self.table)
            try page.write(to: Self.page, atomically: true, encoding: .utf8)
            return
        }
        let stored = page[made].split(separator: "\n"), table = Self.table.split(separator: "\n")
        let differing = table.filter { !stored.contains($0) } + stored.filter { !table.contains($0) }
        #expect(
            differing == [] && page[made] == "\n" + Self.table,
            "out of date: run this test with REDISTILL_UPDATE_DOCS=1 (docs/adding-a-command.md)")
    }
}
