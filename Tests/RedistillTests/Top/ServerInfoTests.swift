import Redistill
import Testing

@Suite struct ServerInfoTests {
    private let info = ServerInfo(
        """
        # Server\r
        redis_version:7.4.0\r
        listener0:name=tcp,bind=127.0.0.1,port=7011\r
        used_memory:135168\r
        cmdstat_get:calls=10,usec=24,usec_per_call=2.40,rejected_calls=1,failed_calls=2\r
        cmdstat_client|list:calls=1,usec=5,usec_per_call=5.00,rejected_calls=0,failed_calls=0\r
        errorstat_WRONGTYPE:count=3\r
        db0:keys=5,expires=2,avg_ttl=0\r
        db7:keys=1,expires=1,avg_ttl=0\r
        """)

    @Test func fieldsAreTextsAndNumbers() {
        #expect(info.text("redis_version") == "7.4.0")
        #expect(info.number("used_memory") == 135_168)
        #expect(info.number("maxmemory") == nil)
    }

    @Test func commandsErrorsAndDatabasesAreCounted() {
        #expect(info.commands["get"]?.calls == 10)
        #expect(info.commands["get"]?.microseconds == 24)
        #expect(info.commands["get"]?.failures == 3)
        #expect(info.commands["client|list"]?.calls == 1)
        #expect(info.errors == ["WRONGTYPE": 3])
        #expect(info.keys == 6 && info.expiring == 3)
    }
}
