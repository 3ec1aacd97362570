/// Spelling of TOML texts.
enum TOMLText {
    /// A basic TOML string.
    static func quote(_ text: String) -> String { EscapedText.quote(text) }
}
