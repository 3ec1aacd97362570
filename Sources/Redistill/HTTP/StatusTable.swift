/// A table of the status page, in words and figures for a person.
struct StatusTable: Sendable, Equatable {
    struct Column: Sendable, Equatable {
        let title: String
        /// Figures stand at the right.
        let isFigure: Bool

        static func text(_ title: String) -> Column { Column(title: title, isFigure: false) }
        static func figure(_ title: String) -> Column { Column(title: title, isFigure: true) }
    }

    /// Letters and hyphens.
    let id: String
    let title: String
    /// What is to be known of it, or empty.
    let note: String
    let columns: [Column]
    /// As many cells in each as there are columns.
    let rows: [[String]]

    /// A section of HTML. The page's script makes the same of ``json``.
    var html: String {
        var text = "<section id=\"\(id)\"><h2>\(HTMLText.escape(title))</h2>"
        if !note.isEmpty { text += "<p>\(HTMLText.escape(note))</p>" }
        if !rows.isEmpty {
            let head = columns.map { "<th scope=\"col\"\(Self.style($0))>\(HTMLText.escape($0.title))</th>" }
            text += "<div class=\"wide\"><table><thead><tr>\(head.joined())</tr></thead><tbody>"
            for row in rows {
                let cells = zip(columns, row).map { "<td\(Self.style($0))>\(HTMLText.escape($1))</td>" }
                text += "<tr>\(cells.joined())</tr>"
            }
            text += "</tbody></table></div>"
        }
        return text + "</section>\n"
    }

    /// An object of JSON.
    var json: String {
        JSONText.object([
            ("id", JSONText.quote(id)), ("title", JSONText.quote(title)), ("note", JSONText.quote(note)),
            ("columns", JSONText.array(columns.map { JSONText.quote($0.title) })),
            ("figures", JSONText.array(columns.map { String($0.isFigure) })),
            ("rows", JSONText.array(rows.map { JSONText.array($0.map(JSONText.quote)) })),
        ])
    }

    private static func style(_ column: Column) -> String { column.isFigure ? " class=\"figure\"" : "" }
}
