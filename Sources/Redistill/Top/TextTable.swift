/// A table of text: the first column takes what the others leave.
struct TextTable {
    /// The head of a column and its width; all but the first stand at the right.
    typealias Column = (head: String, width: Int)

    let first: String
    let columns: [Column]
    /// Each row has a cell for the first column and for all others.
    let rows: [[String]]
    /// What is said instead of rows where there are none.
    var otherwise = ""

    /// The narrowest that a first column gets before columns at the end give way.
    private static let narrowest = 16

    /// Head and rows, at most so many lines.
    func lines(width: Int, most: Int) -> [ScreenLine] {
        guard most > 1 else { return [] }
        var shown = columns[...]
        while shown.count > 1, width - Self.width(of: shown) < Self.narrowest { shown.removeLast() }
        let left = max(1, width - Self.width(of: shown))
        let head = ScreenLine(Self.row([first] + shown.map { $0.head }, left, shown), .heading, width: width)
        let body = rows.prefix(most - 1).map { ScreenLine(Self.row($0, left, shown), width: width) }
        return [head] + (body.isEmpty && !otherwise.isEmpty ? [ScreenLine("  " + otherwise, width: width)] : body)
    }

    private static func width(of columns: ArraySlice<Column>) -> Int { columns.reduce(0) { $0 + $1.width + 1 } }

    private static func row(_ cells: [String], _ left: Int, _ columns: ArraySlice<Column>) -> String {
        var text = fitted(cells[0], left)
        for (cell, column) in zip(cells.dropFirst(), columns) {
            let space = column.width - cell.utf8.count
            text += " " + String(repeating: " ", count: max(0, space)) + cell.prefix(column.width)
        }
        return text
    }

    /// Filled, or cut with a sign that it was.
    private static func fitted(_ text: String, _ width: Int) -> String {
        let space = width - text.utf8.count
        return space >= 0 ? text + String(repeating: " ", count: space) : String(text.prefix(max(0, width - 1))) + "~"
    }
}
