import CRedistillHot
import Redistill
import Testing

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
                "eviction_policy":"allkeys-s3fifo","evicted_keys":5,"expired_keys":6,"keyspace_hits":3,"keyspace_misses":1,\
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
