import Redistill
import Testing

@Suite struct ServerTargetTests {
    private func target(
        _ change: (inout TopArguments) -> Void = { _ in }, environment: [String: ByteText] = [:],
        configuration toml: String? = nil
    ) throws -> ServerTarget {
        var arguments = TopArguments()
        change(&arguments)
        return try ServerTarget(
            arguments, environment: environment, configuration: try toml.map { try RedistillTests.configuration(toml: $0) })
    }

    @Test func withoutWordsItIsTheUsualPort() throws {
        let target = try target()
        #expect(target.place == .tcp(address: "127.0.0.1", port: 6379) && target.password == nil && target.tls == nil)
    }

    @Test func passwordIsOfTheCommandLineThenTheEnvironment() throws {
        let environment: [String: ByteText] = ["REDISCLI_AUTH": "hush\n"]
        #expect(try target(environment: environment).password == Secret("hush"))
        #expect(try target({ $0.password = "loud" }, environment: environment).password == Secret("loud"))
        #expect(throws: ServerProblem.self) { try target { $0.user = "ann" } }
    }

    @Test func fileOfTheDaemonSaysWhereItListens() throws {
        let everywhere = "[server]\nbind = [\"*\"]\nport = 7000\n[security]\npassword = \"hush\"\n"
        let plain = try target(configuration: everywhere)
        #expect(plain.place == .tcp(address: "127.0.0.1", port: 7000) && plain.password == Secret("hush"))
        let socket = "[server]\nport = 0\nunix_socket = \"/run/r.sock\"\n"
        #expect(try target(configuration: socket).place == .unix(path: "/run/r.sock"))
        #expect(try target({ $0.host = "db" }, configuration: socket).place == .tcp(address: "db", port: 6379))
    }

    @Test func daemonsOwnCertificateIsTrusted() throws {
        let toml = """
            [server]
            port = 7000
            [security]
            tls_enabled = true
            tls_cert_path = "/c.pem"
            tls_key_path = "/k.pem"
            """
        let options = try target(configuration: toml).tls
        #expect(options?.authorityPaths == ["/c.pem"] && options?.serverName == nil)
        let named = try target({ $0.tls = true; $0.host = "cache.example"; $0.tlsArguments.authority = "/ca.pem" }).tls
        #expect(named?.authorityPaths == ["/ca.pem"] && named?.serverName == "cache.example")
    }
}
