import Redistill
import Testing

@Suite struct StartReportTests {
    private func report(
        _ flags: [String: String] = [:], environment: [String: String] = [:], toml: String? = nil, workers: Int = 8,
        _ conditions: StartReport.Conditions = .init(processors: 8, openFiles: 10_104)
    ) throws -> [String: String] {
        let report = StartReport(
            try configuration(toml: toml, environment: environment, flags: flags), workers: workers,
            endpoints: ["127.0.0.1:6379", "[::1]:6379"], conditions)
        return Dictionary(uniqueKeysWithValues: report.fields.map { ($0.name, $0.value) })
    }

    @Test func whatNobodyHasSetIsToldWithItsReason() throws {
        #expect(
            try report() == [
                "addresses": "127.0.0.1:6379, [::1]:6379",
                "memory": "6143mb (75% of this machine); when it is full allkeys-s3fifo evicts",
                "workers": "8 (one for each processor)",
                "connections": "10000 at most; 10104 open files allowed",
                "protection": "no password, only clients of this machine are served (protected_mode); no TLS",
                "persistence": "none, a restart empties the cache",
                "configuration": "no file",
            ])
    }

    @Test func whatSomebodyHasSetIsToldWithItsPlace() throws {
        let toml = "[memory]\nmax_memory = \"1gb\"\neviction_policy = \"noeviction\"\n[server]\nworkers = 2\nmax_connections = 0\n"
        let report = try report(toml: toml, workers: 2)
        #expect(report["memory"] == "1gb (test.toml:2); when it is full writes are refused (noeviction)")
        #expect(report["workers"] == "2 (test.toml:5)")
        #expect(report["connections"] == "no limit of their number; 10104 open files allowed")
        #expect(report["configuration"] == "test.toml")
        #expect(try self.report(["max_memory": "0"])["memory"] == "no limit (--max-memory)")
    }

    @Test func quotaThatCountsIsTold() throws {
        let conditions = StartReport.Conditions(processors: 8, quota: 1.5)
        #expect(
            try report(workers: 2, conditions)["workers"]
                == "2 (as many as a CPU quota of 1.50 is worth, of 8 processors)")
        #expect(try report(workers: 8, .init(processors: 8, quota: 20))["workers"] == "8 (one for each processor)")
    }

    @Test func protectionIsToldWithoutASecret() throws {
        let tls = ["tls_cert_path": "c", "tls_key_path": "k", "health_check_port": "9091"]
        let locked = try report(
            tls.merging(["tls_port": "6380"]) { $1 }, environment: ["REDIS_PASSWORD": "hush", "REDISTILL_HEALTH_TOKEN": "hush"])
        #expect(locked["protection"] == "a password; TLS on port 6380")
        #expect(locked["http"] == "127.0.0.1:9091, with a token")
        #expect(!locked.values.contains { $0.contains("hush") })
        let open = try report(tls.merging(["tls_enabled": "yes", "protected_mode": "no"]) { $1 })
        #expect(open["protection"] == "no password, and whoever can connect is served; TLS")
        #expect(open["http"] == "127.0.0.1:9091, for everybody who can connect")
    }
}
