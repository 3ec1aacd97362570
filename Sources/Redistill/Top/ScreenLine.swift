/// One line of a screen: printable ASCII, so that each character is one column.
package struct ScreenLine: Sendable, Equatable {
    package enum Emphasis: Sendable {
        case plain
        /// The first and the last line, which are as wide as the screen.
        case bar
        /// The heads of a table's columns.
        case heading
        /// What an operator must see.
        case alarm
    }

    package let text: String
    package let emphasis: Emphasis

    /// - Parameter width: What is longer is cut; a bar that is shorter is filled.
    init(_ text: String, _ emphasis: Emphasis = .plain, width: Int) {
        let cut = text.utf8.count > width ? String(text.prefix(max(0, width))) : text
        self.text = emphasis == .bar ? cut + String(repeating: " ", count: max(0, width - cut.utf8.count)) : cut
        self.emphasis = emphasis
    }

    /// Two texts at both ends of a line, of which the right one gives way.
    static func ends(_ left: String, _ right: String, width: Int) -> String {
        let space = width - left.utf8.count - right.utf8.count
        return space > 0 ? left + String(repeating: " ", count: space) + right : left
    }
}
