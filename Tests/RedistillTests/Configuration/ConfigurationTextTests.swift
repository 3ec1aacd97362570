import Redistill
import Testing

@Suite struct ConfigurationTextTests {
    @Test func defaultFileIsAllComments() throws {
        #expect(try configuration(toml: ConfigurationText.defaultFile()).differences(from: configuration()).isEmpty)
    }

    @Test func defaultFileWithoutItsMarksGivesTheDefaults() throws {
        // "#port = 6379" is a key, "# Some help" is not.
        let lines = ConfigurationText.defaultFile().split(separator: "\n", omittingEmptySubsequences: false).map {
            line in
            line.hasPrefix("#") && line.dropFirst().first?.isLetter == true ? line.dropFirst() : line
        }
        let defaults = try configuration()
        let configuration = try configuration(toml: lines.joined(separator: "\n"))
        #expect(configuration.differences(from: defaults).isEmpty)
        for key in ConfigurationTable.keys where key.pointless == nil {
            guard case .file = configuration[key.name].origin else {
                Issue.record("\(key.name.rawValue) is not in the default file")
                continue
            }
        }
    }

    @Test func defaultFileHasNoLongLines() {
        for line in ConfigurationText.defaultFile().split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
    }

    @Test func effectiveConfigurationCanBeReadAgain() throws {
        let first = try configuration(
            toml:
                "[server]\nbind = [\"127.0.0.1\", \"::1\"]\nconnection_timeout = \"1500ms\"\n[memory]\nmax_memory = \"75%\"\n"
        )
        let second = try configuration(toml: ConfigurationText.effective(first))
        #expect(second.differences(from: first).isEmpty)
    }

    @Test func effectiveConfigurationTellsOriginsButNoSecrets() throws {
        let text = ConfigurationText.effective(
            try configuration(
                toml: "[server]\nport = 7000\n", environment: ["REDIS_PASSWORD": "hunter2"], flags: ["workers": "3"]))
        #expect(text.contains("\nport = 7000  # test.toml:2\n"))
        #expect(text.contains("\nworkers = 3  # --workers\n"))
        #expect(text.contains("\n# password: set, <redacted>  # environment variable REDIS_PASSWORD\n"))
        #expect(text.contains("\n# health_token: not set\n"))
        #expect(!text.contains("hunter2"))
    }
}
