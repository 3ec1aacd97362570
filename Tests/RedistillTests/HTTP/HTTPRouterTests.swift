import CRedistillHot
import Redistill
import Testing

@Suite struct HTTPRouterTests {
    private func answer(
        _ path: String, method: String = "GET", token: String = "", authorization: String? = nil,
        _ snapshot: InfoSnapshot = snapshot()
    ) -> HTTPAnswer {
        HTTPRouter.answer(
            HTTPRequest(method: method, path: path, authorization: authorization.map { ByteText($0) }),
            token: Authenticator.Token(Secret(token)), snapshot: { snapshot })
    }

    @Test(arguments: [
        ("/health", "GET", 200), ("/health/live", "GET", 200), ("/health/ready", "GET", 200), ("/metrics", "GET", 200),
        ("/metrics", "HEAD", 200), ("/metrics", "POST", 405), ("/health", "DELETE", 405), ("/", "GET", 404),
        ("/Health", "GET", 404), ("/health/", "GET", 404), ("/nothing", "POST", 404), ("", "GET", 404),
    ])
    func pathAndMethodGiveTheirStatus(path: String, method: String, status: Int) {
        #expect(answer(path, method: method).status == status)
    }

    @Test func wrongMethodNamesTheRightOnes() {
        #expect(answer("/metrics", method: "PUT").headers.map { "\($0.name): \($0.value)" } == ["Allow: GET, HEAD"])
    }

    @Test(arguments: [Readiness.starting, .draining])
    func onlyAReadyServerIsReady(readiness: Readiness) {
        let snapshot = snapshot(readiness: readiness)
        #expect(answer("/health/ready", snapshot).status == 503)
        #expect(answer("/health", snapshot).status == 503)
        #expect(answer("/health/live", snapshot).status == 200)
        #expect(answer("/metrics", snapshot).status == 200)
    }

    @Test func fullMemoryThatNothingIsEvictedFromIsNotReady() throws {
        let limited = try configuration(
            flags: ["max_memory": "1mb", "health_memory_threshold": "90", "eviction_policy": "noeviction"])
        #expect(answer("/health/ready", snapshot(limited)).status == 503)
        #expect(answer("/health/ready", snapshot(limited) { $0.memory_used = 1000 }).status == 200)
        let unlimited = try configuration(flags: ["health_memory_threshold": "90"])
        #expect(answer("/health/ready", snapshot(unlimited)).status == 200)
    }

    @Test func aFullCacheIsReadyWhileEvictionMakesRoom() throws {
        var evicting = snapshot(
            try configuration(
                flags: ["max_memory": "1mb", "health_memory_threshold": "90", "eviction_policy": "volatile-lru"]))
        #expect(answer("/health/ready", evicting).status == 200)
        evicting.refusesWrites = true
        #expect(answer("/health/ready", evicting).status == 503)
    }

    @Test(arguments: [
        ("", false), ("*/*", false), ("text/plain", false), ("text/html,*/*;q=0.1", false),
        ("application/openmetrics-text", true), ("application/openmetrics-text; version=1.0.0; charset=utf-8", true),
        ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true),
        ("Application/OpenMetrics-Text;q=0.5,text/plain;q=0.6", false), ("application/openmetrics-text;q=0", false),
        ("application/openmetrics-text;version=0.0.1", false), ("application/openmetrics-text;q=x", false),
    ])
    func openMetricsIsForWhoAsksForIt(accept: String, isOpenMetrics: Bool) {
        let answer = HTTPRouter.answer(
            HTTPRequest(method: "GET", path: "/metrics", accept: accept), token: Authenticator.Token(Secret("")),
            snapshot: { snapshot() })
        #expect(answer.contentType.hasPrefix("application/openmetrics-text; version=1.0.0") == isOpenMetrics)
        #expect(answer.body.hasSuffix("\n# EOF\n") == isOpenMetrics)
    }

    @Test(arguments: [
        ("/metrics", String?.none, 401), ("/metrics", "Bearer wrong", 401), ("/metrics", "Bearer right", 200),
        ("/health", nil, 401), ("/health/live", nil, 200), ("/health/ready", nil, 200), ("/nothing", nil, 404),
    ])
    func tokenIsAskedForWhereFiguresAreTold(path: String, authorization: String?, status: Int) {
        #expect(answer(path, token: "right", authorization: authorization).status == status)
    }
}
