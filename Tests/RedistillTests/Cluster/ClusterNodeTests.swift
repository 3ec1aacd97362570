import Testing

@testable import Redistill

@Suite struct ClusterNodeTests {
    @Test(arguments: [
        ("10.0.0.1:6379", "10.0.0.1", 6379), ("[2001:DB8::1]:7000", "2001:db8::1", 7000), ("Cache-1.internal:1", "cache-1.internal", 1),
        ("localhost:65535", "localhost", 65_535),
    ])
    func addressWithAPortIsANode(text: String, host: String, port: UInt16) {
        #expect(ClusterNode(text) == ClusterNode(host: host, port: port))
        #expect(ClusterNode(text)?.text == text.lowercased())
    }

    @Test(arguments: [
        "", ":", "10.0.0.1", ":6379", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:+1", "::1:6379", "[::1]", "[10.0.0.1]:1",
        "a b:1", "a/b:1", "redis://a:1", "[]:1", "ü:1", "a:١",
    ])
    func anythingElseIsNone(text: String) {
        #expect(ClusterNode(text) == nil)
    }

    @Test func idIsTheDigestOfTheText() {
        #expect(ClusterNode(host: "10.0.0.1", port: 6379).id == "509dee5b986aeb1c8d58e02a756691e79cebdd3c")
    }
}
