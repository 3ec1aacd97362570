import Redistill
import Testing

@Suite struct HotEndpointTests {
    private func endpoints(_ flags: [String: String]) throws -> [HotEndpoint] {
        var flags = flags.merging(["bind": "127.0.0.1"]) { given, _ in given }
        if flags["tls_port"] != nil || flags["tls_enabled"] != nil {
            flags["tls_cert_path"] = "c"
            flags["tls_key_path"] = "k"
        }
        return HotEndpoint.all(in: try configuration(flags: flags))
    }

    @Test func bothLoopbackAddressesAreListenedOnUnasked() throws {
        #expect(
            HotEndpoint.all(in: try configuration()) == [
                HotEndpoint(address: "127.0.0.1", port: 6379, tls: false),
                HotEndpoint(address: "-::1", port: 6379, tls: false),
            ])
    }

    @Test func anAddressThatThisMachineLacksIsNotToldOf() throws {
        let configuration = try configuration(flags: ["unix_socket": "/s"])
        func told(_ ports: [UInt16]) -> [String] { HotEndpoint.descriptions(of: configuration) { ports[$0] } }
        #expect(told([6379, 6379, 0]) == ["127.0.0.1:6379", "[::1]:6379", "/s"])
        #expect(told([6379, 0, 0]) == ["127.0.0.1:6379", "/s"])
        let endpoints = HotEndpoint.all(in: configuration)
        func listeners(_ ports: [UInt16]) -> [String] { HotEndpoint.listeners(endpoints) { ports[$0] } }
        #expect(listeners([6379, 6379, 0]) == ["name=tcp,bind=127.0.0.1,bind=-::1,port=6379", "name=unix,bind=/s"])
        #expect(listeners([6379, 0, 0]) == ["name=tcp,bind=127.0.0.1,port=6379", "name=unix,bind=/s"])
    }

    @Test func everyAddressIsListenedOn() throws {
        #expect(
            try endpoints(["bind": "127.0.0.1 ::1", "port": "7000"]) == [
                HotEndpoint(address: "127.0.0.1", port: 7000, tls: false),
                HotEndpoint(address: "::1", port: 7000, tls: false),
            ])
    }

    /// What Redis listens on unless it is told otherwise.
    @Test(arguments: ["* -::*", "*, -::*"])
    func allOfIPv4AndOfIPv6StandBesideEachOther(bind: String) throws {
        #expect(
            try endpoints(["bind": bind]) == [
                HotEndpoint(address: "0.0.0.0", port: 6379, tls: false),
                HotEndpoint(address: "-::", port: 6379, tls: false),
            ])
        #expect(try endpoints(["bind": "*"]) == [HotEndpoint(address: "*", port: 6379, tls: false)])
        #expect(try configuration(flags: ["bind": bind]).httpAddress == "*")
        #expect(try configuration(flags: ["health_check_bind": "::*"]).httpAddress == "::")
    }

    @Test func tlsPortStandsBesideThePlainOne() throws {
        #expect(
            try endpoints(["tls_port": "7001"]) == [
                HotEndpoint(address: "127.0.0.1", port: 6379, tls: false),
                HotEndpoint(address: "127.0.0.1", port: 7001, tls: true),
            ])
    }

    @Test func tlsEnabledTurnsThePort() throws {
        #expect(try endpoints(["tls_enabled": "true"]) == [HotEndpoint(address: "127.0.0.1", port: 6379, tls: true)])
    }

    @Test func portZeroIsNoneBesideOthersAndElseAnyFreeOne() throws {
        #expect(try endpoints(["port": "0"]) == [HotEndpoint(address: "127.0.0.1", port: 0, tls: false)])
        #expect(
            try endpoints(["port": "0", "unix_socket": "/s", "unix_socket_mode": "700"]) == [
                HotEndpoint(unixSocket: "/s", mode: 0o700)
            ])
        #expect(
            try endpoints(["port": "0", "tls_port": "7001"]) == [
                HotEndpoint(address: "127.0.0.1", port: 7001, tls: true)
            ])
    }

    @Test func descriptionIsWhatAClientConnectsTo() {
        #expect(HotEndpoint(address: "::1", port: 0, tls: true).description(port: 7) == "[::1]:7 (TLS)")
        #expect(HotEndpoint(address: "127.0.0.1", port: 0, tls: false).description(port: 7) == "127.0.0.1:7")
        #expect(HotEndpoint(unixSocket: "/s", mode: 0).description(port: 0) == "/s")
    }
}
