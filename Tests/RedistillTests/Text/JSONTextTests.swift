import Redistill
import Testing

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("", "\"\""), ("a", "\"a\""), ("\"\\", "\"\\\"\\\\\""), ("\n\r\t", "\"\\n\\r\\t\""), ("\u{0}", "\"\\u0000\""),
        ("é🙂", "\"é🙂\""), ("\u{2028}", "\"\\u2028\""),
    ])
    func textsAreQuoted(text: String, quoted: String) {
        #expect(JSONText.quote(text) == quoted)
    }
}
