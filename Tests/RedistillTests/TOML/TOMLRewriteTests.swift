import Testing

@testable import Redistill

@Suite struct TOMLRewriteTests {
    private func rewrite(_ text: String, _ section: String, _ key: String, _ value: String) throws -> String {
        try TOMLRewrite.apply([TOMLRewrite.Change(section: section, key: key, value: value)], to: text)
    }

    @Test(arguments: [
        ("[s]\nk = 1\n", "[s]\nk = 2\n"),
        ("[s]\nk=1\n", "[s]\nk= 2\n"),
        ("[s]\n  k   =   1   # why\nl = 3\n", "[s]\n  k   = 2 # why\nl = 3\n"),
        ("[s]\nk = \"a # b\" # why\n", "[s]\nk = 2 # why\n"),
        ("[s]\nk = \"a \\\" # b\"\n", "[s]\nk = 2\n"),
        ("[s]\nk = ['a', \"#\"] #x\n", "[s]\nk = 2 #x\n"),
        ("[s]\r\nk = 1 # w\r\nl = 1\r\n", "[s]\r\nk = 2 # w\r\nl = 1\r\n"),
        ("# top\n[s]\nl = 1\n\n[t]\nk = 9\n", "# top\n[s]\nl = 1\nk = 2\n\n[t]\nk = 9\n"),
        ("[s]\n# k = 1\n\n[t]\n", "[s]\nk = 2\n# k = 1\n\n[t]\n"),
        ("[s]\nl = [\n  1,\n]\n\n[t]\n", "[s]\nl = [\n  1,\n]\nk = 2\n\n[t]\n"),
        ("[t]\nl = 1\n\n\n", "[t]\nl = 1\n\n[s]\nk = 2\n"),
        ("", "[s]\nk = 2\n"),
    ])
    func onlyTheValueChanges(before: String, after: String) throws {
        #expect(try rewrite(before, "s", "k", "2") == after)
    }

    @Test(arguments: ["[s]\nk = \"\"\"\na\n\"\"\"\n", "[s]\nk = [\n1]\n", "[s]\nk = '''\na'''\n"])
    func valuesOverSeveralLinesAreRefused(text: String) {
        #expect(throws: TOMLRewrite.Refusal.self) { try rewrite(text, "s", "k", "2") }
    }

    @Test func severalChangesFindTheirPlaces() throws {
        let text = "[a]\nx = 1\n\n[b]\ny = 1\n"
        #expect(
            try TOMLRewrite.apply(
                [
                    .init(section: "a", key: "n", value: "1"), .init(section: "b", key: "y", value: "2"),
                    .init(section: "a", key: "x", value: "3"), .init(section: "c", key: "z", value: "4"),
                ], to: text) == "[a]\nx = 3\nn = 1\n\n[b]\ny = 2\n\n[c]\nz = 4\n")
    }
}
