import CRedistillHot
import Redistill
import Testing

@Suite struct HTTPRouterTests {
    private func answer(
        _ path: String, method: String = "GET", token: String = "", authorization: String? = nil, host: String = "",
        _ snapshot: InfoSnapshot = snapshot(), details: StatusDetails = StatusDetails()
    ) -> HTTPAnswer {
        HTTPRouter.answer(
            HTTPRequest(
                method: method, path: path, authorization: authorization.map { ByteText($0) }, host: host),
            token: Authenticator.Token(Secret(token)), snapshot: { snapshot }, details: { details })
    }

    @Test(arguments: [
        ("/health", "GET", 200), ("/health/live", "GET", 200), ("/health/ready", "GET", 200), ("/metrics", "GET", 200),
        ("/metrics", "HEAD", 200), ("/metrics", "POST", 405), ("/health", "DELETE", 405), ("/", "GET", 200),
        ("/", "HEAD", 200), ("/", "POST", 405), ("/status.json", "GET", 200), ("/status", "GET", 404),
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
            snapshot: { snapshot() }, details: { StatusDetails() })
        #expect(answer.contentType.hasPrefix("application/openmetrics-text; version=1.0.0") == isOpenMetrics)
        #expect(answer.body.hasSuffix("\n# EOF\n") == isOpenMetrics)
    }

    @Test(arguments: [
        ("/", String?.none, 401), ("/", "Basic eDpyaWdodA==", 200), ("/status.json", nil, 401),
        ("/status.json", "Bearer right", 200), ("/metrics", "Basic eDpyaWdodA==", 200),
        ("/metrics", nil, 401), ("/metrics", "Bearer wrong", 401), ("/metrics", "Bearer right", 200),
        ("/health", nil, 401), ("/health/live", nil, 200), ("/health/ready", nil, 200), ("/nothing", nil, 404),
    ])
    func tokenIsAskedForWhereFiguresAreTold(path: String, authorization: String?, status: Int) {
        #expect(answer(path, token: "right", authorization: authorization).status == status)
    }

    @Test func whoLacksTheTokenIsAskedForItInAWayThatABrowserKnows() {
        #expect(
            answer("/", token: "right").headers.map { "\($0.name): \($0.value)" } == [
                "WWW-Authenticate: Bearer", "WWW-Authenticate: Basic realm=\"Redistill\", charset=\"UTF-8\"",
            ])
    }

    /// Names of keys and clients: behind the token, or at this machine for who asks for this machine.
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:9091", true), ("127.0.0.1", "localhost:9091", true), ("127.0.0.1", "LocalHost", true),
        ("::1", "[::1]:9091", true), ("127.0.0.1", "evil.example:9091", false), ("127.0.0.1", "", false),
        ("127.0.0.1", "127.0.0.1.evil.example", false), ("127.0.0.1", "127.0.0.256", false),
        ("0.0.0.0", "127.0.0.1:9091", false), ("10.0.0.1", "localhost:9091", false),
    ])
    func namesAreToldAtThisMachineOnly(bind: String, host: String, told: Bool) throws {
        let snapshot = snapshot(try configuration(flags: ["health_check_bind": bind]))
        let details = StatusDetails(clients: [HotClientSize(id: 1, bytes: 1, peer: "10.7.7.7:7")])
        for path in ["/", "/status.json"] {
            #expect(answer(path, host: host, snapshot, details: details).body.contains("10.7.7.7:7") == told)
        }
    }

    @Test func namesAreToldBehindTheTokenFromEverywhere() throws {
        let snapshot = snapshot(try configuration(flags: ["health_check_bind": "0.0.0.0"]))
        let details = StatusDetails(clients: [HotClientSize(id: 1, bytes: 1, peer: "10.7.7.7:7")])
        let answer = answer("/", token: "t", authorization: "Bearer t", host: "cache.example", snapshot, details: details)
        #expect(answer.body.contains("10.7.7.7:7"))
    }
}
