import Foundation
import Testing

@Suite struct HealthTests {
    private struct Answer {
        let status: Int
        let head: String
        let body: String
    }

    private func get(_ path: String, port: UInt16, method: String = "GET", headers: [String] = []) throws -> Answer {
        let client = try RawClient(port: port)
        let lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        try client.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        let parts = try client.readToEnd().components(separatedBy: "\r\n\r\n")
        let status = parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    /// Port 0 means none here, so a free one is probed for; another may take it before the daemon does.
    private func daemon(_ flags: [String] = []) throws -> (Daemon, UInt16) {
        for _ in 0..<10 {
            let port = try freePort()
            if let daemon = try? Daemon(["--health-check-port", "\(port)"] + flags) { return (daemon, port) }
        }
        throw TestFailure("no free port in ten tries")
    }

    @Test func healthIsJSONWithLiveNumbers() throws {
        let (daemon, port) = try daemon()
        #expect(daemon.startLine.contains("health on 127.0.0.1:\(port)"))
        let client = try daemon.connect()
        try converse(client, [("MSET a 1 b 2", "+OK\r\n"), ("GET a", bulk("1")), ("GET none", "$-1\r\n")])
        let answer = try get("/health", port: port)
        #expect(answer.status == 200 && answer.head.contains("application/json"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
        #expect(object["status"] as? String == "ok")
        #expect(object["keys"] as? Int == 2)
        #expect(object["keyspace_hits"] as? Int == 1)
        #expect(object["connections_active"] as? Int == 1)
        for name in ["version", "uptime_seconds", "commands_processed", "memory_used_bytes", "eviction_policy", "hit_ratio"] {
            #expect(object[name] != nil, "\(name)")
        }
    }

    @Test func liveReadyAndMetrics() throws {
        let (daemon, port) = try daemon()
        try #expect(get("/health/live", port: port).status == 200)
        try #expect(get("/health/ready", port: port).status == 200)
        _ = try daemon.connect().ask("SET", "k", "v")
        let metrics = try get("/metrics", port: port)
        #expect(metrics.status == 200 && metrics.head.contains("text/plain; version=0.0.4"))
        for line in metrics.body.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.wholeMatch(of: /[a-z_]+(\{[^}]*\})? [0-9.e+-]+/) != nil, "\(line)")
        }
        #expect(metrics.body.contains("\nredistill_keys 1\n") && metrics.body.contains("\nredistill_up 1\n"))
        try #expect(get("/nowhere", port: port).status == 404)
        try #expect(get("/health", port: port, method: "DELETE").status == 405)
        try #expect(get("/health", port: port, method: "HEAD").body == "")
    }

    @Test func aTokenGuardsWhatTellsMoreThanYesOrNo() throws {
        let token = try ScratchDirectory.file("t0ken\n", named: "token")
        let (daemon, port) = try daemon(["--health-token-file", token])
        for path in ["/health", "/metrics"] {
            try #expect(get(path, port: port).status == 401)
            try #expect(get(path, port: port, headers: ["Authorization: Bearer wrong"]).status == 401)
            try #expect(get(path, port: port, headers: ["Authorization: Bearer t0ken"]).status == 200)
        }
        try #expect(get("/health/live", port: port).status == 200)
        withExtendedLifetime(daemon) {}
    }
}
