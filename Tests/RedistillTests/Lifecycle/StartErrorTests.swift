import Foundation
import Testing

@testable import Redistill

@Suite struct StartErrorTests {
    private let error = StartError.configuration("a: one\nb: \"two\"")

    @Test func aProblemIsALineForAPerson() {
        #expect(error.output(in: .text, at: "t") == "redistilld: a: one\nredistilld: b: \"two\"\n")
        #expect(error.lines == error.output(in: .text, at: "t"))
    }

    @Test func aProblemIsARecordWhereTheLogIsOfJSON() {
        #expect(
            error.output(in: .json, at: "t")
                == "{\"time\":\"t\",\"level\":\"critical\",\"message\":\"a: one\"}\n"
                + #"{"time":"t","level":"critical","message":"b: \"two\""}"# + "\n")
    }

    /// As far as it is known when it goes wrong.
    @Test(arguments: [
        ("[logging]\nformat = \"json\"\n[server]\nport = -1\n", [:], LogFormat.json),
        ("[server]\nport = -1\n", [:], LogFormat.text),
        ("not TOML", ["REDISTILL_LOG_FORMAT": "json"], LogFormat.json),
        ("[server]\nport = -1\n", ["REDISTILL_LOG_FORMAT": "json"], LogFormat.json),
    ])
    func errorsOfTheConfigurationAreToldAsTheLogWouldBe(toml: String, environment: [String: String], format: LogFormat) {
        do throws(ConfigurationError) {
            _ = try ConfigurationLoader.load(sources(toml: toml, environment: environment))
            Issue.record("it is right")
        } catch {
            #expect(error.logFormat == format)
        }
    }
}
