import ArgumentParser
import Testing

@testable import Redistill
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
        // What is printed can be read.
        let file = "[\(key.section.rawValue)]\n\(key.name.rawValue) = \(key.type.toml(key.defaultValue))\n"
        let entry = try #require(try TOMLSource.entries(of: file, path: "").first)
        #expect(try key.type.read(entry.value, on: machine).value == key.defaultValue)
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
