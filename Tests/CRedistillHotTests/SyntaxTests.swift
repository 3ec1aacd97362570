import Testing

/// The notation of a command's arguments (admin/syntax.h), and what COMMAND DOCS tells of it.
@Suite struct SyntaxTests {
    private static let key = "%4 name key type key display_text key key_spec_index :0"

    @Test(arguments: [
        ("value", "*1 %3 name value type string display_text value"),
        ("seconds:integer", "*1 %3 name seconds type integer display_text seconds"),
        ("key", "*1 " + key),
        ("destination#2", "*1 %4 name destination type key display_text destination key_spec_index :2"),
        ("by'pattern':pattern#1", "*1 %4 name by type pattern display_text pattern key_spec_index :1"),
        ("key value", "*2 " + key + " %3 name value type string display_text value"),
        ("[value]", "*1 %4 name value type string display_text value flags ~1 +optional"),
        ("key ...", "*1 %5 name key type key display_text key key_spec_index :0 flags ~1 +multiple"),
        ("[value ...]", "*1 %4 name value type string display_text value flags ~2 +optional +multiple"),
        ("[PREFIX prefix]...",
         "*1 %5 name prefix type string display_text prefix token PREFIX flags ~3 +optional +multiple +multiple_token"),
        ("ID id+...", "*1 %5 name id type string display_text id token ID flags ~2 +multiple +multiple_token"),
        ("ASYNC", "*1 %4 name async type pure-token display_text async token ASYNC"),
        ("sorting=ALPHA", "*1 %4 name sorting type pure-token display_text sorting token ALPHA"),
        ("EX seconds:integer@2.6.12", "*1 %5 name seconds type integer display_text seconds token EX since 2.6.12"),
        ("old!2.8.12", "*1 %4 name old type string display_text old deprecated_since 2.8.12"),
        ("mode(YES|NO)", "*1 %3 name mode type oneof arguments *2 %4 name yes type pure-token display_text yes token YES "
            + "%4 name no type pure-token display_text no token NO"),
        ("[LIMIT limit{a b}@1.0.0]", "*1 %6 name limit type block token LIMIT since 1.0.0 flags ~1 +optional arguments *2 "
            + "%3 name a type string display_text a %3 name b type string display_text b"),
        ("a{b(C|d{e})}", "*1 %3 name a type block arguments *1 %3 name b type oneof arguments *2 "
            + "%4 name c type pure-token display_text c token C "
            + "%3 name d type block arguments *1 %3 name e type string display_text e"),
    ])
    func argumentsAreToldAsInRedis(text: String, expected: String) {
        let syntax = Syntax(text)
        #expect(syntax.isRead)
        #expect(syntax.reply == expected)
    }

    @Test(arguments: [
        "", " ", "[", "[a", "a]", "a|b", "a(b", "a(b}", "a(", "a()", "a{b|c}", "a(b c)", "a b ", "a  b", "A=B", "a=", "a'b", "a:b:c",
        "a@1!2@3", "a ....", "é", "A b=C", "A:b",
    ])
    func whatIsNotInTheNotationIsNotRead(text: String) {
        #expect(!Syntax(text).isRead)
    }
}
