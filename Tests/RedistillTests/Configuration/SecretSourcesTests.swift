import Redistill
import Testing

@Suite struct SecretSourcesTests {
    @Test func passwordFileGivesItsFirstLine() throws {
        let configuration = try configuration(flags: ["password_file": "pw"], files: ["pw": "hush\nsecond\n"])
        #expect(configuration[.password] == .init(value: .secret(Secret("hush")), origin: .secretFile(path: "pw")))
    }

    @Test func environmentWinsOverPasswordFileOfTheFile() throws {
        let configuration = try configuration(
            toml: "[security]\npassword_file = \"pw\"\n", environment: ["REDIS_PASSWORD": "env"], files: ["pw": "file"])
        #expect(configuration.secret(.password) == Secret("env"))
    }

    @Test func passwordFileFlagWinsOverEnvironment() throws {
        let configuration = try configuration(
            environment: ["REDIS_PASSWORD": "env"], flags: ["password_file": "pw"], files: ["pw": "file\r\n"])
        #expect(configuration.secret(.password) == Secret("file"))
    }

    @Test func credentialOfSystemdWinsOverTheFile() throws {
        let configuration = try configuration(
            toml: "[security]\npassword = \"file\"\n", environment: ["CREDENTIALS_DIRECTORY": "/run/c"],
            files: ["/run/c/password": "systemd\n"])
        #expect(configuration.secret(.password) == Secret("systemd"))
    }

    @Test func passwordAndPasswordFileInOneSourceAreRefused() {
        #expect(
            problems(
                toml: "[security]\npassword = \"a\"\npassword_file = \"pw\"\n", files: ["pw": "b"]
            ) == ["test.toml:3: password_file: password is set as well; keep one of the two"])
    }

    @Test(arguments: [
        ([:], "--password-file: cannot read \"pw\": No such file or directory"),
        (["pw": "\nx"], "--password-file: cannot read \"pw\": its first line is empty"),
    ])
    func uselessPasswordFileIsAnError(contents: [String: String], message: String) {
        #expect(problems(flags: ["password_file": "pw"], files: contents) == [message])
    }

    @Test func passwordFileOpenToAllIsNoted() throws {
        let sources = ConfigurationSources(
            flags: ["password_file": "pw"], files: files(["pw": "x"], openToOthers: ["pw"]))
        #expect(
            try ConfigurationLoader.load(sources).notes.map(\.description) == [
                "--password-file: every user of this machine can read \"pw\"; take that away: chmod o= pw"
            ])
    }

    @Test func secretsOfTheFileAndTheTLSKeyThatAreOpenToAllAreNoted() throws {
        var sources = sources(
            toml: """
                [security]
                password = "x"
                tls_port = 7001
                tls_cert_path = "c"
                tls_key_path = "k"
                """)
        sources.files.isOpenToOthers = { _ in true }
        #expect(
            try ConfigurationLoader.load(sources).notes.map(\.description) == [
                "test.toml:2: password: every user of this machine can read \"test.toml\"; take that away: chmod o= test.toml",
                "test.toml:5: tls_key_path: every user of this machine can read \"k\"; take that away: chmod o= k",
            ])
    }

    @Test func secretOnTheCommandLineIsRefused() {
        #expect(
            problems(flags: ["password": "x"]) == [
                "--password: a secret on the command line is visible to every user of the machine"
            ])
    }

    @Test func wrongSecretIsNotQuoted() {
        let lines = problems(toml: "[security]\npassword = 12345\n")
        #expect(lines == ["test.toml:2: password: this value is not allowed; it takes a text"])
    }

    @Test func redactedMarkIsNoSecret() {
        #expect(problems(toml: "[security]\npassword = \"<redacted>\"\n").count == 1)
    }

    /// Neither a file nor the environment knows of UTF-8; a line ends at a line feed, and nowhere else.
    @Test func secretIsBytesWhereverItComesFrom() throws {
        let bytes: [UInt8] = [0xff, 0xc2, 0x85, 0xe2, 0x80, 0xa8, 0x0b, 0x61]
        let files = FileSystem(
            bytes: { _ in bytes + Array("\r\nrest".utf8) }, exists: { _ in true }, isOpenToOthers: { _ in false })
        let flags = ["password_file": "pw"]
        let fromFile = try ConfigurationLoader.load(
            ConfigurationSources(path: nil, environment: ["REDISTILL_CONFIG": ""], flags: flags, files: FileSystem(
                bytes: files.bytes, exists: { $0 == "pw" }, isOpenToOthers: files.isOpenToOthers)))
        #expect(fromFile.configuration.secret(.password) == Secret(bytes: bytes))
        var sources = sources()
        sources.environmentBytes = ["REDIS_PASSWORD": bytes]
        #expect(try ConfigurationLoader.load(sources).configuration.secret(.password) == Secret(bytes: bytes))
    }

    /// A Kubernetes secret made by `echo`, a file that Notepad has written.
    @Test(arguments: ["hush\n", "hush\r\n", "\u{feff}hush\n", "\u{feff}hush", "hush"])
    func lineEndAndByteOrderMarkAreNoPartOfASecret(text: String) throws {
        #expect(try configuration(environment: ["REDIS_PASSWORD": text]).secret(.password) == Secret("hush"))
        #expect(try configuration(environment: ["REDISTILL_HEALTH_TOKEN": text]).secret(.healthToken) == Secret("hush"))
        #expect(
            try configuration(flags: ["password_file": "pw"], files: ["pw": text]).secret(.password) == Secret("hush"))
        let credentials = ["/run/c/password": text]
        #expect(
            try configuration(environment: ["CREDENTIALS_DIRECTORY": "/run/c"], files: credentials).secret(.password)
                == Secret("hush"))
        #expect(
            try configuration(toml: "[security]\npassword_file = \"pw\"\n", files: ["pw": text + "\nsecond"])
                .secret(.password) == Secret("hush"))
    }

    @Test func variableOfALineEndAloneIsAnEmptyOne() throws {
        let configuration = try configuration(
            toml: "[security]\npassword = \"file\"\n", environment: ["REDIS_PASSWORD": "\n"])
        #expect(configuration.secret(.password) == Secret("file"))
    }

    @Test func anythingElseThatIsNoTextIsAnError() {
        var sources = sources()
        sources.environmentBytes = ["REDISTILL_LOG_FILE": [0x61, 0xff]]
        #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(sources) }
    }

    @Test func secretWithANulInTOMLIsNotCut() throws {
        let text = "[security]\npassword = \"a\\u0000b\"\n"
        let loaded = try? ConfigurationLoader.load(sources(toml: text))
        #expect(loaded == nil || loaded?.configuration.secret(.password) == Secret("a\0b"))
    }

    @Test func secretNeverShowsItself() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped, "\([secret])",
            "\(ConfigurationValue.secret(secret))",
        ] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104, 117"))
        }
    }
}
