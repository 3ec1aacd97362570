import Redistill
import Testing

@Suite struct ServerURLTests {
    @Test func partsThatAreLeftOutAreTheUsual() throws {
        let target = try ServerTarget(url: "redis://", tls: TLSClientOptions())
        #expect(target.place == .tcp(address: "127.0.0.1", port: 6379))
        #expect(target.password == nil && target.user == nil && target.database == 0 && target.tls == nil)
    }

    @Test(arguments: [
        ("redis://cache:7000/5", ClientSocket.Place.tcp(address: "cache", port: 7000), 5),
        ("redis://[::1]:7000", .tcp(address: "::1", port: 7000), 0),
        ("redis://[2001:db8::7]/1", .tcp(address: "2001:db8::7", port: 6379), 1),
        ("redis://:pass@cache", .tcp(address: "cache", port: 6379), 0),
        ("redis://u:p@w/3", .tcp(address: "w", port: 6379), 3),
        ("redis://cache/2?timeout=5", .tcp(address: "cache", port: 6379), 2),
        ("unix:///run/r.sock", .unix(path: "/run/r.sock"), 0),
    ])
    func hostPortAndDatabase(url: String, place: ClientSocket.Place, database: Int) throws {
        let target = try ServerTarget(url: url, tls: TLSClientOptions())
        #expect(target.place == place && target.database == database)
    }

    @Test(arguments: [
        ("redis://ann:se%40cret%25@cache", "ann" as String?, "se@cret%"), ("redis://:a:b@cache", nil, "a:b"),
        ("redis://alone@cache", nil, "alone"), ("redis://a@b:p@cache", "a@b", "p"),
    ])
    func userAndPasswordAreDecoded(url: String, user: String?, password: String) throws {
        let target = try ServerTarget(url: url, tls: TLSClientOptions())
        #expect(target.user == user && target.password == Secret(password))
    }

    @Test func tlsAsksForTheHostsNameUnlessAnotherIsGiven() throws {
        var options = TLSClientOptions()
        #expect(try ServerTarget(url: "rediss://cache", tls: options).tls?.serverName == "cache")
        options.serverName = "other"
        #expect(try ServerTarget(url: "rediss://cache", tls: options).tls?.serverName == "other")
    }

    @Test(arguments: ["cache:6379", "http://cache", "redis://cache:0", "redis://cache:70000", "redis://cache/x", "redis://:%4@c"])
    func whatIsNoneIsRefusedWithoutShowingIt(url: String) {
        let problem = #expect(throws: ServerProblem.self) { try ServerTarget(url: url, tls: TLSClientOptions()) }
        #expect(problem?.description.contains(url) == false && problem?.exitCode == 64)
    }
}
