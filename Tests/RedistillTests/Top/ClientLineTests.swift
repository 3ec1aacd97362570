import Redistill
import Testing

@Suite struct ClientLineTests {
    @Test func fieldsAreFoundAndPathsMayHoldSpaces() {
        let lines = ClientLine.all(
            in: "id=3 addr=127.0.0.1:5 name= age=7 cmd=client|list\nid=4 addr=/tmp/a b/s.sock:0 name=web tot-mem=378\n")
        #expect(lines.map(\.id) == ["3", "4"])
        #expect(lines[0].text("name") == "" && lines[0].number("age") == 7 && lines[0].text("cmd") == "client|list")
        #expect(lines[1].text("addr") == "/tmp/a b/s.sock:0" && lines[1].number("tot-mem") == 378)
    }
}
