import ArgumentParser
import Redistill
import Testing

@testable import redistilld

@Suite struct ConfigurationTableTests {
    @Test func everyNameIsDefinedOnce() {
        #expect(
            ConfigurationTable.keys.map(\.name).sorted { $0.rawValue < $1.rawValue }
                == KeyName.allCases.sorted { $0.rawValue < $1.rawValue })
    }

    @Test(arguments: ConfigurationTable.keys.map(\.name))
    func everyDefaultIsAllowed(name: KeyName) throws {
        let key = ConfigurationTable.key(name)
        guard !key.isSecret else { return }
        // A list of one is written as a text, so this also shows that what is printed can be read.
        let written = key.type.toml(key.defaultValue)
        let text = written.hasPrefix("\"") ? String(written.dropFirst().dropLast()) : written
        #expect(try key.type.read(.text(text), on: machine).value == key.defaultValue)
    }

    @Test(arguments: ConfigurationTable.keys.map(\.name))
    func everyKeyHasHelpThatIsASentence(name: KeyName) {
        let help = ConfigurationTable.key(name).help
        #expect(help.hasSuffix("."))
        #expect(!help.contains("  ") && !help.contains("\n"))
    }

    @Test func environmentNamesAreUnique() {
        let names = ConfigurationTable.keys.flatMap(\.environmentNames)
        #expect(Set(names).count == names.count)
    }

    @Test func flagsEqualTheTableApartFromSecrets() {
        let properties = Mirror(reflecting: ConfigurationFlags()).children.compactMap(\.label)
            .map(ConfigurationFlags.keyName(ofProperty:))
        let keys = ConfigurationTable.keys.filter { !$0.isSecret }.map(\.name.rawValue)
        #expect(properties == keys)
    }

    @Test func flagsAreSpelledAsTheTableSays() throws {
        let help = Redistilld.helpMessage(columns: 10_000)
        for key in ConfigurationTable.keys {
            let isThere = help.contains(" \(key.name.flag) ") || help.contains(" \(key.name.flag),")
            #expect(isThere == !key.isSecret, "\(key.name.flag)")
        }
    }

    @Test func givenFlagsAreHandedOnByTheKeysName() throws {
        let command = try Redistilld.parse([
            "--port", "7000", "--max-memory", "512mb", "--tls-enabled", "--pin-workers", "no", "--log-level", "debug",
            "--tls-ca-cert-path", "ca.pem",
        ])
        #expect(
            command.keys.given == [
                "port": "7000", "max_memory": "512mb", "tls_enabled": "true", "pin_workers": "no", "level": "debug",
                "tls_ca_cert_path": "ca.pem",
            ])
    }

    @Test(arguments: [["--password", "x"], ["--prot", "1"], ["--health-token", "x"], ["--default"]])
    func unknownFlagsAndSecretsAreRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try Redistilld.parse(arguments) }
    }
}
