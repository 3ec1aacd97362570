import Foundation
import Testing

@testable import Redistill

@Suite struct LogFormatTests {
    @Test func fieldsBelowAreALineEachInTextAndNoneMoreInJSON() {
        let block = LogRecord(
            time: "t", level: "notice", message: "m", fields: [.init("b", "x y"), .init("a", "1\n2")], hasFieldsBelow: true)
        #expect(LogFormat.text.line(for: block) == "t NOTICE   m\n  b: x y\n  a: 1\\n2\n")
        #expect(
            LogFormat.json.line(for: block)
                == #"{"time":"t","level":"notice","message":"m","b":"x y","a":"1\n2"}"# + "\n")
    }

    private let record = LogRecord(
        time: "2026-11-23T22:41:00.123Z", level: "warning", message: "a \"thing\" happened",
        fields: [.init("client", "127.0.0.1:5"), .init("reason", "it was so"), .init("empty", "")])

    @Test func textIsOneReadableLine() {
        #expect(
            LogFormat.text.line(for: record)
                == "2026-11-23T22:41:00.123Z WARNING  a \"thing\" happened client=127.0.0.1:5 reason=\"it was so\" empty=\"\"\n"
        )
    }

    @Test func jsonIsOneObject() throws {
        let line = LogFormat.json.line(for: record)
        #expect(line.hasSuffix("}\n") && line.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(
            object == [
                "time": "2026-11-23T22:41:00.123Z", "level": "warning", "message": "a \"thing\" happened",
                "client": "127.0.0.1:5", "reason": "it was so", "empty": "",
            ])
    }

    @Test(arguments: [LogFormat.text, .json])
    func controlCharactersCannotFakeALine(format: LogFormat) {
        let hostile = "x\n2026-11-23T22:41:00.123Z ERROR    forged\r\u{1b}[31m\u{7f}"
        let line = format.line(
            for: LogRecord(time: "t", level: "info", message: hostile, fields: [.init("peer", hostile)]))
        #expect(line.unicodeScalars.filter { $0.value < 0x20 || $0.value == 0x7f }.count == 1)
    }

    @Test func reservedNamesAreMovedAside() {
        let line = LogFormat.json.line(
            for: LogRecord(time: "t", level: "info", message: "m", fields: [.init("level", "9")]))
        #expect(line == "{\"time\":\"t\",\"level\":\"info\",\"message\":\"m\",\"level_\":\"9\"}\n")
    }

    @Test func aNumberIsANumberInJSON() {
        let record = LogRecord(time: "t", level: "info", message: "m", fields: [.init("count", number: 19)])
        #expect(LogFormat.json.line(for: record).hasSuffix(",\"count\":19}\n"))
        #expect(LogFormat.text.line(for: record).hasSuffix(" m count=19\n"))
    }
}
