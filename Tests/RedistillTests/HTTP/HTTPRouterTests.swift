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

    @Test func fullMemoryIsNotReadyAboveTheThreshold() throws {
        let limited = try configuration(flags: ["max_memory": "1mb", "health_memory_threshold": "90"])
        #expect(answer("/health/ready", snapshot(limited)).status == 503)
        #expect(answer("/health/ready", snapshot(limited) { $0.memory_used = 1000 }).status == 200)
        let unlimited = try configuration(flags: ["health_memory_threshold": "90"])
        #expect(answer("/health/ready", snapshot(unlimited)).status == 200)
    }

    @Test(arguments: [
        ("/metrics", String?.none, 401), ("/metrics", "Bearer wrong", 401), ("/metrics", "Bearer right", 200),
        ("/health", nil, 401), ("/health/live", nil, 200), ("/health/ready", nil, 200), ("/nothing", nil, 404),
    ])
    func tokenIsAskedForWhereFiguresAreTold(path: String, authorization: String?, status: Int) {
        #expect(answer(path, token: "right", authorization: authorization).status == status)
    }
}

@Suite struct HealthBodyTests {
    @Test func bodyIsOneObjectWithEveryFigure() {
        #expect(
            HealthBody.text(of: snapshot()) == """
                {"status":"ok","version":"\(Version.redistill)","redis_version":"7.4.0","uptime_seconds":90000,\
                "connections_total":12,"connections_active":3,"connections_rejected":{"max_connections":1,"rate":2,\
                "rate_per_address":0,"protected_mode":4,"no_descriptors":8,"tls_handshake_limit":0,\
                "tls_on_plain_port":0,"plain_on_tls_port":0,"http":0,\
                "proxy_header":0,"no_proxy_header":0,"health_max_connections":0},"commands_processed":1000,"commands_per_second":123.9,"keys":10,\
                "memory_used_bytes":1048576,"memory_resident_bytes":3145728,"memory_limit_bytes":0,\
                "eviction_policy":"noeviction","evicted_keys":5,"expired_keys":6,"keyspace_hits":3,"keyspace_misses":1,\
                "hit_ratio":0.7500,"tls_certificate_days_left":null}
                """)
    }

    @Test func ratioIsUnknownBeforeTheFirstLookup() {
        let text = HealthBody.text(
            of: snapshot {
                $0.keyspace_hits = 0
                $0.keyspace_misses = 0
            })
        #expect(text.contains("\"hit_ratio\":null"))
    }
}

@Suite struct MetricsBodyTests {
    private let lines = MetricsBody.text(of: snapshot()).split(separator: "\n").map(String.init)

    @Test func everyMetricHasHelpAndTypeBeforeItsSamples() {
        var declared: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") {
                #expect(words.count > 3)
            } else if line.hasPrefix("# TYPE ") {
                #expect(declared.insert(String(words[2])).inserted, "\(line)")
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(declared.contains(String(name)), "\(line)")
                #expect(words.count >= 2 && Double(words[words.count - 1]) != nil, "\(line)")
            }
        }
    }

    @Test func countersAreNamedTotalAndGaugesAreNot() {
        for line in lines where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            #expect(words[2].hasSuffix("_total") == (words[3] == "counter"), "\(line)")
        }
    }

    @Test(arguments: [
        "redistill_up 1", "redistill_connections_active 3", "redistill_connections_rejected_total{reason=\"rate\"} 2",
        "redistill_commands_processed_total 1000", "redistill_memory_used_bytes 1048576",
        "redistill_keys 10", "redistill_cpu_seconds_total{mode=\"system\"} 1.500000",
        "redistill_eviction_policy_info{policy=\"noeviction\"} 1",
    ])
    func sampleIsThere(line: String) {
        #expect(lines.contains(line))
    }
}
