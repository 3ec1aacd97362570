/// Spelling of TOML texts.
enum TOMLText {
    /// A basic TOML string.
    static func quote(_ text: String) -> String { EscapedText.quote(text) }

    /// A comment broken into lines of at most 116 columns.
    static func comment(_ text: String) -> String {
        var lines: [String] = []
        var line = "#"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > 116 {
                lines.append(line)
                line = "#"
            }
            line += " " + word
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}
