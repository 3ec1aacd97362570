/// Figures of the process and its machine.
extension Figure {
    static let server: [Figure] = [
        Figure(
            .gauge(
                "redistill_build_info", "Always 1; the labels tell the versions.",
                Metric.Label("version", Version.redistill), Metric.Label("redis_version", Version.redis))
        ) { _ in "1" },
        Figure(.gauge("redistill_up", "1 while clients are welcome, 0 while starting or draining.")) {
            $0.readiness == .ready ? "1" : "0"
        },
        Figure(.gauge("redistill_ready", "1 while /health/ready answers 200.")) { $0.notReady == nil ? "1" : "0" },
        Figure(.server, "uptime_in_seconds", .gauge("redistill_uptime_seconds", "Seconds since the start.")) {
            "\($0.uptimeSeconds)"
        },
        Figure(.server, "workers", .gauge("redistill_workers", "Threads that serve clients.")) {
            "\($0.facts.workers)"
        },
        processorTime("used_cpu_sys", mode: "system") { $0.system },
        processorTime("used_cpu_user", mode: "user") { $0.user },
        processorTime("used_cpu_sys_children") { $0.childrenSystem },
        processorTime("used_cpu_user_children") { $0.childrenUser },
        // Of the thread that starts, reloads and stops; no client is served there.
        processorTime("used_cpu_sys_main_thread") { $0.mainSystem },
        processorTime("used_cpu_user_main_thread") { $0.mainUser },
        Figure(
            .gauge(
                "redistill_tls_certificate_expiry_timestamp_seconds",
                "When the TLS certificate ends, in seconds since 1970.")
        ) { $0.certificateExpiry.map { "\($0)" } },
        Figure(.server, "redis_version") { _ in Version.redis },
        Figure(.server, "redistill_version") { _ in Version.redistill },
        Figure(.server, "os") { $0.facts.operatingSystem },
        Figure(.server, "libevent_version") { $0.facts.libeventVersion },
        Figure(.server, "openssl_version") { $0.facts.opensslVersion },
        Figure(.server, "process_id") { "\($0.facts.processID)" },
        Figure(.server, "process_supervised") { $0.facts.isSupervised ? "systemd" : "no" },
        Figure(.server, "run_id") { $0.facts.runID },
        Figure(.server, "tcp_port") { "\($0.facts.port)" },
        Figure(.server, "server_time_usec") { "\($0.wallTime)" },
        Figure(.server, "uptime_in_days") { "\($0.uptimeSeconds / 86_400)" },
        Figure(.server, "configured_hz") { $0.configuration.kept["hz"] ?? "10" },
        // Redis's clock of 24 bits, in seconds.
        Figure(.server, "lru_clock") { "\(($0.wallTime / 1_000_000) & 0xff_ffff)" },
        Figure(.server, "executable") { $0.facts.executable },
        Figure(.server, "config_file") { $0.configuration.file ?? "" },
        Figure(.server, "io_threads_active") { $0.facts.workers > 1 ? "1" : "0" },
        Figure(.server, "shards") { "\($0.facts.shards)" },
        Figure(.replication, "master_replid") { $0.facts.runID },
    ]

    private static func processorTime(
        _ name: String, mode: String? = nil, microseconds: @escaping @Sendable (ProcessorTime) -> UInt64
    ) -> Figure {
        let series = mode.map {
            Series.counter("redistill_cpu_seconds_total", "Processor time spent.", Metric.Label("mode", $0))
        }
        return Figure(.cpu, name, series) { Decimal.text(Double(microseconds($0.processorTime)) / 1e6, places: 6) }
    }
}
