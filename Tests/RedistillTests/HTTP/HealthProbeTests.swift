import Redistill
import Testing

@Suite struct HealthProbeTests {
    @Test(arguments: [
        ("*", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::*", "::1"), ("-::*", "::1"), ("::", "::1"), ("-::1", "::1"),
        ("10.0.0.1", "10.0.0.1"),
    ])
    func allAddressesAreAskedAtLoopback(listened: String, asked: String) {
        #expect(HealthProbe.reachable(listened) == asked)
    }
}
