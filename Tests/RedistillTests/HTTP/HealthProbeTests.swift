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

    @Test func whoIsLoadingIsLiveAndNotReady() {
        #expect(HealthProbe.isYes("-LOADING Redis is loading the dataset in memory", to: .live))
        #expect(!HealthProbe.isYes("-LOADING Redis is loading the dataset in memory", to: .ready))
        #expect(HealthProbe.isYes("-NOAUTH Authentication required.", to: .ready))
        #expect(!HealthProbe.isYes("-ERR", to: .live))
    }
}
