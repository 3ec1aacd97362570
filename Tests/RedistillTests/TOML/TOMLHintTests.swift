import Testing

@testable import Redistill

/// What is said of a line that is no TOML, instead of the parser's riddle.
@Suite struct TOMLHintTests {
    @Test(arguments: [
        ("[security]\nprotected_mode = no\n", "test.toml:2: protected_mode: no is no value of TOML; write protected_mode = false"),
        ("[performance]\ntcp_nodelay = True # x\n", "test.toml:2: tcp_nodelay: True is no value of TOML; write tcp_nodelay = true"),
        (
            "[security]\ntls_auth_clients = no\n",
            "test.toml:2: tls_auth_clients: a text stands between quotation marks; write tls_auth_clients = \"no\""
        ),
        (
            "[memory]\nmax_memory = \"1gb\n",
            "test.toml:2: max_memory: a quotation mark is missing; write max_memory = \"1gb\""
        ),
        (
            "[memory]\nmax_memory = 1gb\"  # enough\n",
            "test.toml:2: max_memory: a quotation mark is missing; write max_memory = \"1gb\""
        ),
        (
            "[memory]\nmax_memory = 1.5gb\n",
            "test.toml:2: max_memory: a text stands between quotation marks; write max_memory = \"1536mb\""
        ),
        (
            "[memory]\nmax_memory = 75%\n",
            "test.toml:2: max_memory: a text stands between quotation marks; write max_memory = \"75%\""
        ),
        (
            "[server]\nbind = 127.0.0.1\n",
            "test.toml:2: bind: a text stands between quotation marks; write bind = \"127.0.0.1\""
        ),
        ("[server]\nport = \n", "test.toml:2: port: there is no value; write port = 6379"),
        ("[server]\nport 6379\n", "test.toml:2: \"port\" stands there as in redis.conf, which redistilld import turns into a TOML file"),
        ("[memory]\nmax_memory \"1gb\"\n", "test.toml:2: a sign is missing; write max_memory = and the value"),
        ("[server\nport = 1\n", "test.toml:1: a bracket is missing; write [server]"),
    ])
    func lineThatIsNoTOMLIsToldWithWhatToWrite(toml: String, message: String) {
        #expect(problems(toml: toml) == [message])
    }

    @Test(arguments: ["[security]\npassword = hunter2\n", "[security]\npassword = \"hunter2\n", "[security]\npasword = hunter2\n"])
    func secretIsNotRepeated(toml: String) throws {
        let line = try #require(problems(toml: toml).first)
        #expect(line.hasPrefix("test.toml:2: pas"))
        #expect(!line.contains("hunter2"))
    }

    @Test func lineThatIsFineByItselfKeepsTheParsersReason() throws {
        #expect(try #require(problems(toml: "[server]\nport = 1\nport = 2\n").first).hasPrefix("test.toml:3: not valid TOML: "))
    }
}
