import Testing

@testable import Redistill

@Suite struct TOMLPositionsTests {
    private let text = """
        # comment = 1
        top = 1
        [server] # port = 2
        port = 6379
        "quoted key" = 1
          bind   = "a=b"
        note = \"\"\"
        inside = 1
        [memory]
        \"\"\"
        after = 1

        [ "security" ]
        password = '''x'''
        last = 1
        inline = { a = 1 }
        """

    @Test(arguments: [
        (String?.none, "top", 2), ("server", "port", 4), ("server", "quotedkey", 5), ("server", "bind", 6),
        ("server", "note", 7), ("server", "after", 11), ("security", "password", 14), ("security", "last", 15),
        ("server", "missing", 3), ("security", "", 13), ("nowhere", "x", 1),
    ])
    func keysAreFoundOnTheirLines(section: String?, key: String, line: Int) {
        #expect(TOMLPositions(of: text).line(section: section, key: key) == line)
    }

    @Test func windowsLineEndsCountAsOne() {
        let positions = TOMLPositions(of: "[server]\r\n\r\nport = 1\r\nbind = \"x\"\r\n")
        #expect(positions.line(section: "server", key: "bind") == 4)
    }

    @Test func dottedAndInlineKeysFallBackToTheirLine() {
        let positions = TOMLPositions(of: "\nserver.port = 1\nmemory = { max_memory = 1 }\n")
        #expect(positions.line(section: "server", key: "port") == 2)
        #expect(positions.line(section: "memory", key: "max_memory") == 3)
    }
}
