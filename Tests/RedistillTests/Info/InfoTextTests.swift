import CRedistillHot
import Redistill
import Testing

@Suite struct InfoTextTests {
    private func info(_ sections: String..., from snapshot: InfoSnapshot = snapshot()) -> String {
        InfoText.text(of: snapshot, sections: sections)
    }

    private func headers(_ text: String) -> [String] {
        text.split(separator: "\r\n").filter { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) }
    }

    @Test func sectionsComeInRedissOrder() {
        #expect(
            headers(info()) == [
                "Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules", "Errorstats",
                "Cluster", "Keyspace",
            ])
    }

    @Test(arguments: [
        (["default"], 11), (["all"], 14), (["EVERYTHING"], 14), (["keysizes"], 1), (["server"], 1), (["SERVER", "server"], 1),
        (["keyspace", "server"], 2), (["nonsense"], 0), (["nonsense", "cpu"], 1), ([], 11),
    ])
    func namedSectionsAreGivenOnce(names: [String], count: Int) {
        #expect(headers(InfoText.text(of: snapshot(), sections: names)).count == count)
    }

    @Test func sizesAreToldAsRedisTellsThem() {
        var snapshot = snapshot()
        var keys = [UInt64](repeating: 0, count: 34), strings = keys, hashes = keys
        (keys[3], keys[4]) = (6, 1)
        (strings[0], strings[1], strings[11], strings[20], strings[21], strings[31]) = (1, 2, 3, 4, 5, 6)
        hashes[4] = 1
        snapshot.sizes = [HotSizes(database: 4, keys: keys, strings: strings)]
        snapshot.sizes[0].hashes = hashes
        #expect(
            info("keysizes", from: snapshot) == "# Keysizes\r\ndb4_distrib_strings_sizes:0=1,1=2,1K=3,512K=4,1M=5,1G=6\r\n"
                + "db4_distrib_hashes_items:8=1\r\ndb4_distrib_keys_sizes:4=6,8=1\r\n")
        #expect(info("keysizes") == "# Keysizes\r\n")
    }

    @Test func unknownSectionIsEmpty() {
        #expect(info("nonsense") == "")
    }

    @Test func linesEndWithCRLFAndSectionsAreParted() {
        let text = info("cluster", "keyspace")
        #expect(text == "# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n"
                + "db4:keys=3,expires=1,avg_ttl=2000,subexpiry=2\r\ndb6:keys=7,expires=3,avg_ttl=2001,subexpiry=0\r\n")
    }

    @Test func everyLineIsAFieldOrAHeader() {
        for line in info().split(separator: "\r\n") where !line.hasPrefix("# ") {
            #expect(line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).count == 2, "\(line)")
        }
    }

    @Test func fieldNamesAreUnique() {
        let names = info().split(separator: "\r\n").compactMap { $0.split(separator: ":").first }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: [
        "redis_version:7.4.0", "redis_mode:standalone", "process_id:77", "tcp_port:6379", "uptime_in_seconds:90000",
        "uptime_in_days:1", "hz:10", "config_file:", "connected_clients:3", "maxclients:10000", "used_memory:1048576",
        "used_memory_human:1.00M", "used_memory_rss:3145728", "used_memory_rss_human:3.00M",
        "used_memory_peak_perc:50.00%", "used_memory_overhead:524288", "used_memory_dataset_perc:50.00%",
        "mem_fragmentation_ratio:3.00", "maxmemory:0", "maxmemory_human:0B", "maxmemory_policy:allkeys-s3fifo",
        "total_system_memory:8589934592", "loading:0", "rdb_bgsave_in_progress:0", "aof_enabled:0",
        "total_connections_received:12", "total_commands_processed:1000", "instantaneous_ops_per_sec:123",
        "instantaneous_input_kbps:2.00", "instantaneous_output_kbps:0.50", "rejected_connections:15",
        "keyspace_hits:3", "keyspace_misses:1", "evicted_keys:5", "expired_keys:6", "role:master",
        "connected_slaves:0", "used_cpu_sys:1.500000", "used_cpu_user:2.250000", "cluster_enabled:0",
        "server_time_usec:1795474177000000",
    ])
    func fieldHasRedissNameAndForm(line: String) {
        #expect(info().contains("\r\n\(line)\r\n"), "\(line)")
    }

    @Test func versionIsThreeNumbers() {
        #expect(Version.redis.split(separator: ".").compactMap { Int($0) }.count == 3)
    }

    @Test func emptyKeyspaceHasNoDatabase() {
        var empty = snapshot()
        empty.databases = []
        #expect(info("keyspace", from: empty) == "# Keyspace\r\n")
    }

    @Test func anIdleDaemonIsNotFragmented() {
        var idle = snapshot {
            $0.memory_used = 1 << 20
            $0.memory_initial = 1 << 20
            $0.memory_startup = 53 << 20
        }
        idle.residentBytes = 53 << 20
        #expect(info("memory", from: idle).contains("\r\nmem_fragmentation_ratio:1.00\r\nmem_fragmentation_bytes:0\r\n"))
        idle.statistics.memory_used -= 1
        #expect(info("memory", from: idle).contains("\r\nused_memory_dataset_perc:0.00%\r\n"))
    }

    @Test func nothingIsDividedByZero() {
        let empty = InfoSnapshot(facts: ServerFacts(), statistics: HotStatistics(), configuration: Configuration())
        let text = InfoText.text(of: empty, sections: [])
        #expect(text.contains("mem_fragmentation_ratio:0.00\r\n"))
        #expect(text.contains("used_memory_peak_perc:0.00%\r\n"))
    }

    @Test func policyAndLimitAreThoseInEffect() throws {
        let configuration = try configuration(flags: ["max_memory": "512mb"])
        let text = info("memory", from: snapshot(configuration))
        #expect(text.contains("\r\nmaxmemory:536870912\r\nmaxmemory_human:512.00M\r\nmaxmemory_policy:allkeys-s3fifo\r\n"))
    }

    @Test func certificateDaysAreToldWithTLSOnly() {
        var snapshot = snapshot()
        #expect(!info("server", from: snapshot).contains("tls_certificate_days_left"))
        snapshot.certificateExpiry = snapshot.wallTime / 1_000_000 + 86_400 * 3 + 5
        #expect(info("server", from: snapshot).contains("\r\ntls_certificate_days_left:3\r\n"))
        snapshot.certificateExpiry = snapshot.wallTime / 1_000_000 - 5
        #expect(info("server", from: snapshot).contains("\r\ntls_certificate_days_left:-1\r\n"))
    }
}
