import Redistill
import Testing

@Suite struct ConfigGetTests {
    private func get(_ patterns: String..., from configuration: Configuration = Configuration()) -> [String: String] {
        guard case .map(let pairs) = ConfigGet.reply(patterns: patterns, configuration, ConfigGet.Facts(workers: 2))
        else {
            return [:]
        }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.value) })
    }

    @Test(arguments: [
        ("save", ""), ("appendonly", "no"), ("databases", "16"), ("maxmemory", "0"), ("maxmemory-policy", "allkeys-s3fifo"),
        ("maxclients", "10000"), ("timeout", "0"), ("proto-max-bulk-len", "536870912"), ("tcp-keepalive", "300"),
        ("requirepass", ""), ("slave-read-only", "yes"), ("replica-read-only", "yes"), ("protected-mode", "yes"),
        ("port", "6379"), ("bind", "127.0.0.1 -::1"), ("io-threads", "2"), ("loglevel", "verbose"),
        ("unixsocketperm", "770"),
        ("client-output-buffer-limit", "normal 1073741824 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"),
        ("max_memory", "0"), ("tcp_nodelay", "true"), ("connection_timeout", "0"), ("level", "info"),
        ("cluster-enabled", "no"), ("shutdown-timeout", "10"), ("MAXMEMORY", "0"),
    ])
    func parameterHasItsValue(name: String, value: String) {
        #expect(get(name) == [name.lowercased(): value])
    }

    @Test func globsMatchAndEachIsGivenOnce() {
        #expect(
            get("maxmemory*", "maxmemory", "MAXMEMORY-p*").keys.sorted() == [
                "maxmemory", "maxmemory-clients", "maxmemory-eviction-tenacity", "maxmemory-policy",
                "maxmemory-samples",
            ])
        #expect(get("nonsense").isEmpty)
        #expect(get("*").count == ConfigParameter.all.count)
    }

    @Test func namesAreUnique() {
        let names = ConfigParameter.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0 == $0.lowercased() })
    }

    @Test func everyKeyIsThereUnderOurName() {
        for key in ConfigurationTable.keys where key.pointless == nil {
            #expect(ConfigParameter.named(key.name.rawValue) != nil, "\(key.name.rawValue)")
        }
    }

    @Test func secretsAreNeverShown() throws {
        let configuration = try configuration(environment: [
            "REDIS_PASSWORD": "hunter2", "REDISTILL_HEALTH_TOKEN": "hunter3",
        ])
        let all = get("*", from: configuration)
        #expect(all["requirepass"] == "<redacted>")
        #expect(all["password"] == "<redacted>")
        #expect(!all.values.contains { $0.contains("hunter") })
    }

    @Test func fractionsOfSecondsAreNotHiddenFromRedissNames() throws {
        let configuration = try configuration(flags: ["connection_timeout": "500ms"])
        #expect(
            get("timeout", "connection_timeout", from: configuration) == [
                "timeout": "1", "connection_timeout": "500ms",
            ])
    }
}
