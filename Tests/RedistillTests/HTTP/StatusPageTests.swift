import Foundation
import Redistill
import Testing

@Suite struct StatusPageTests {
    private let names = StatusDetails(
        slowCommands: [
            HotSlowCommand(
                microseconds: 12_345, time: 1_795_474_177, command: "get", key: "\"><img src=x onerror=alert(1)>",
                peer: "127.0.0.1:5", client: "</script><b>"),
            HotSlowCommand(microseconds: 20_000, time: 0, command: "", key: ByteText([0xff, 0x61]), peer: "?:0"),
        ],
        clients: [
            HotClientSize(
                id: 7, bytes: 3 << 20, input: 2048, output: 1 << 20, ageSeconds: 3700, idleSeconds: 5, command: "mget",
                peer: "/run/a&b.sock:0", name: "<i>worker</i>")
        ],
        hotKeys: HotKeys(
            isActive: true, milliseconds: 65_000,
            byTime: .init(total: 4_000_000, keys: [.init(key: "<u>hot", weight: 3_000_000)]),
            byBytes: .init(total: 1 << 20, keys: [.init(key: "large", weight: 1 << 19)])))

    private func answer(_ path: String, _ snapshot: InfoSnapshot, _ details: StatusDetails = StatusDetails()) -> HTTPAnswer {
        HTTPRouter.answer(
            HTTPRequest(method: "GET", path: path, host: "localhost"), token: Authenticator.Token(.none),
            snapshot: { snapshot }, details: { details })
    }

    private func json(_ snapshot: InfoSnapshot, _ details: StatusDetails = StatusDetails()) throws -> [String: Any] {
        let body = answer("/status.json", snapshot, details).body
        return try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    }

    private func table(_ id: String, _ snapshot: InfoSnapshot, _ details: StatusDetails = StatusDetails()) throws -> [[String]] {
        let tables = try #require(try json(snapshot, details)["tables"] as? [[String: Any]])
        return try #require(tables.first { $0["id"] as? String == id }?["rows"] as? [[String]])
    }

    @Test func everythingStandsInTheOnePage() throws {
        let page = answer("/", try fullSnapshot())
        #expect(page.contentType == "text/html; charset=utf-8")
        let addresses = page.body.matches(of: /(https?:)?\/\/[a-z0-9.]+\.[a-z]+/).map { String($0.output.0) }
        #expect(Set(addresses) == ["http://www.w3.org"], "the name of SVG, and no address of anything")
        #expect(page.body.firstMatch(of: /<(img|iframe|script|object|embed)[^>]+src/) == nil)
        let policy = page.headers.first { $0.name == "Content-Security-Policy" }?.value ?? ""
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"))
    }

    @Test func withoutScriptsThereAreTables() throws {
        let page = answer("/", try fullSnapshot(), names).body
        for id in ["overview", "memory", "commands", "slow", "hot", "clients", "configuration"] {
            #expect(page.contains("<section id=\"\(id)\">"))
        }
        #expect(page.contains("<td>get</td><td class=\"figure\">100</td>"))
        #expect(page.contains("<noscript><meta http-equiv=\"refresh\""))
    }

    @Test func namesAreTextAndNeverMarkup() throws {
        let page = answer("/", snapshot(), names).body
        for markup in ["<img", "<b>", "<i>worker", "<u>", "a&b"] { #expect(!page.contains(markup), "\(markup)") }
        #expect(page.contains("<td>&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</td>"))
        #expect(page.contains("<td>/run/a&amp;b.sock:0</td><td>&lt;i&gt;worker&lt;/i&gt;</td>"))
        #expect(try table("slow", snapshot(), names).map { $0[2] } == ["\"><img src=x onerror=alert(1)>", "\u{fffd}a"])
    }

    @Test func figuresAreForAPerson() throws {
        #expect(
            try table("clients", snapshot(), names) == [
                ["/run/a&b.sock:0", "<i>worker</i>", "3.00 MiB", "1.00 MiB", "2.00 KiB", "mget", "1 h 1 min", "5 s"]
            ])
        #expect(
            try table("slow", snapshot(), names)[0]
                == [
                    "get", "12.35 ms", "\"><img src=x onerror=alert(1)>", "2026-11-23 22:49:37 UTC", "127.0.0.1:5",
                    "</script><b>",
                ])
        #expect(
            try table("hot", snapshot(), names)
                == [["<u>hot", "time", "3.00 ms", "75.0 %"], ["large", "bytes", "512.00 KiB", "50.0 %"]])
        let commands = try table("commands", fullSnapshot())
        #expect(commands == [["get", "100", "1.2 \u{b5}s", "128 ns", "128 ns", "4.6 \u{b5}s", "2", "3"]])
        let overview = Dictionary(
            uniqueKeysWithValues: try table("overview", snapshot()).map { ($0[0], $0[1]) })
        #expect(overview["state"] == "ready" && overview["up for"] == "1 d 1 h")
        #expect(overview["hit ratio since the start"] == "75.0 %" && overview["memory in use"] == "1.00 MiB")
    }

    @Test func configurationIsWhatDiffersAndSecretsStaySecret() throws {
        let configured = try configuration(
            toml: "[security]\npassword = \"hunter2\"\nhealth_token = \"t0psecret\"\n[memory]\nmax_memory = \"64mb\"\n",
            flags: ["port": "6380"])
        let rows = try table("configuration", snapshot(configured))
        #expect(rows.map { $0[0] } == ["port", "password", "health_token", "max_memory", "eviction_policy"])
        #expect(rows[0] == ["port", "6380", "--port"] && rows[1] == ["password", "<redacted>", "test.toml:2"])
        for path in ["/", "/status.json"] {
            let body = answer(path, snapshot(configured), names).body
            #expect(!body.contains("hunter2") && !body.contains("t0psecret"))
        }
    }

    @Test func chartsGetCountersPartsAndBuckets() throws {
        let figures = try json(fullSnapshot())
        #expect(figures["run"] as? String == String(repeating: "a", count: 40))
        #expect(figures["time_us"] as? Int == 1_795_474_177_000_000)
        let command = try #require((figures["commands"] as? [[String: Any]])?.first)
        #expect(command["name"] as? String == "get" && command["latency"] as? [[Int]] == [[128, 99], [4608, 1]])
        for name in ["commands_processed", "hits", "misses", "evicted", "expired", "connections", "memory_limit"] {
            #expect(figures[name] is Int, "\(name)")
        }
        #expect((figures["memory_parts"] as? [String: Int])?.count == 6)
    }

    @Test func whoIsNotReadySaysWhy() throws {
        #expect(try json(snapshot(readiness: .draining))["state"] as? String == "draining")
    }
}
