import Testing

@testable import Redistill

@Suite struct ClusterSelfTests {
    /// On a machine that has 10.0.0.2, 10.0.0.3 and loopback.
    private func find(_ nodes: String, port: Int64 = 6379, tls: Int64 = 0, bind: [String] = ["*"], own: String = "") throws -> String? {
        var configuration = Configuration()
        let list = try ValueType.nodes.read(.text(nodes), on: machine).value
        configuration[.clusterNodes].value = list
        configuration[.clusterSelf].value = .text(own)
        configuration[.port].value = .integer(port)
        configuration[.tlsPort].value = .integer(tls)
        configuration[.bind].value = .list(bind)
        return try ClusterSelf.find(in: configuration) { ["10.0.0.2", "10.0.0.3", "127.0.0.1", "me.internal"].contains($0) }?.text
    }

    @Test func nodeWithThePortAndAnAddressOfThisMachineIsIt() throws {
        #expect(try find("10.0.0.1:6379 10.0.0.2:6379") == "10.0.0.2:6379")
        #expect(try find("127.0.0.1:6379 127.0.0.1:6380", port: 6380) == "127.0.0.1:6380")
        #expect(try find("other.internal:6379 me.internal:6379") == "me.internal:6379")
        #expect(try find("10.0.0.2:6380", port: 0, tls: 6380) == "10.0.0.2:6380")
    }

    @Test func ofTwoTheOneThatIsListenedOnIsIt() throws {
        #expect(try find("10.0.0.2:6379 10.0.0.3:6379", bind: ["127.0.0.1", "10.0.0.3"]) == "10.0.0.3:6379")
        #expect(throws: ClusterSelf.Problem.self) { try find("10.0.0.2:6379 10.0.0.3:6379") }
        #expect(throws: ClusterSelf.Problem.self) { try find("10.0.0.2:6379 10.0.0.3:6379", bind: ["10.0.0.2", "10.0.0.3"]) }
    }

    @Test func whereNoneIsItThatIsSaid() {
        #expect(throws: ClusterSelf.Problem.self) { try find("10.0.0.1:6379") }
        #expect(throws: ClusterSelf.Problem.self) { try find("10.0.0.2:7000") }
    }

    @Test func nothingIsLookedForWithoutAClusterOrWhereItIsWritten() throws {
        #expect(try find("") == nil)
        #expect(try find("10.0.0.1:6379", own: "10.0.0.1:6379") == nil)
    }
}
