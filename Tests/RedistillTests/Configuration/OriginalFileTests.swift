import Redistill
import Testing

/// A file written for the original Redistill loads unchanged.
@Suite struct OriginalFileTests {
    private let toml = """
        # every key that the original daemon reads, with its comments where they stand
        [server]
        bind = "0.0.0.0"  # all interfaces
        port = 6379
        num_shards = 3000
        batch_size = 512
        buffer_size = 16384
        buffer_pool_size = 2048
        max_connections = 10000
        connection_timeout = 300
        connection_rate_limit = 0
        health_check_port = 8080
        shutdown_grace_period_secs = 30

        [security]
        password = ""
        tls_enabled = false
        tls_cert_path = "certs/none.pem"
        tls_key_path = "certs/none-key.pem"

        [logging]
        level = "warn"
        format = "json"

        [performance]
        tcp_nodelay = true
        tcp_keepalive = 60

        [memory]
        max_memory = 1073741824
        eviction_policy = "allkeys-s3fifo"
        eviction_sample_size = 5
        s3fifo_small_ratio = 0.1
        s3fifo_ghost_ratio = 0.9

        [persistence]
        enabled = false
        snapshot_path = "redistill.rdb"
        snapshot_interval = 300
        save_on_shutdown = true
        aof_enabled = false
        aof_path = "redistill.aof"
        aof_fsync = "everysec"
        aof_rewrite_min_size = 67108864
        aof_rewrite_percentage = 100

        [metrics]
        command_counter = false
        command_histogram = false
        """

    @Test func everyKeyIsUnderstood() throws {
        let configuration = try configuration(toml: toml)
        #expect(configuration.list(.bind) == ["0.0.0.0"])
        #expect(configuration.integer(.numShards) == 4096)
        #expect(configuration.integer(.batchSize) == 256)
        #expect(configuration.integer(.bufferSize) == 16_384)
        #expect(configuration.integer(.connectionTimeout) == 300_000)
        #expect(configuration.integer(.shutdownTimeout) == 30_000)
        #expect(configuration.integer(.healthCheckPort) == 8080)
        #expect(configuration.secret(.password).isEmpty)
        #expect(configuration.text(.level) == "warning")
        #expect(configuration.text(.format) == "json")
        #expect(configuration.integer(.tcpKeepalive) == 60_000)
        #expect(configuration.integer(.maxMemory) == 1 << 30)
        #expect(["allkeys-lru", "allkeys-s3fifo"].contains(configuration.text(.evictionPolicy)))
    }

    @Test func whatHasNoMeaningIsNoted() throws {
        let notes = try notes(toml: toml)
        #expect(notes.contains("test.toml:5: num_shards: 3000 is rounded up to the power of two 4096"))
        #expect(notes.contains("test.toml:6: batch_size: 512 counts as 256"))
        #expect(
            notes.contains(
                "test.toml:8: buffer_pool_size: buffers belong to the workers and are not pooled, so this has no effect"
            ))
        #expect(
            notes.contains(
                "test.toml:41: aof_enabled: there is no append-only file, only snapshots, so this has no effect"))
        #expect(!notes.contains { $0.hasPrefix("test.toml:37: enabled: ") })
        #expect(notes.contains { $0.hasPrefix("test.toml:48: command_counter: ") })
    }
}
