internal import CRedistillHot

/// The body of `/metrics`, in Prometheus's text format 0.0.4.
package enum MetricsBody {
    struct Metric {
        enum Kind: String { case counter, gauge, histogram }
        struct Sample {
            /// What a histogram adds to its name.
            var suffix = ""
            var labels: [(name: String, value: String)] = []
            let value: String
        }

        let name: String
        let kind: Kind
        let help: String
        let samples: [Sample]
    }

    /// All metrics of a snapshot.
    package static func text(of snapshot: InfoSnapshot) -> String {
        var text = ""
        let metrics =
            server(snapshot) + connections(snapshot) + work(snapshot) + commands(snapshot) + keys(snapshot)
            + memory(snapshot)
        for metric in metrics {
            text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples { 
                text += "\(metric.name)\(sample.suffix)\(labels(sample.labels)) \(sample.value)\n"
            }
        }
        return text
    }

    private static func server(_ snapshot: InfoSnapshot) -> [Metric] {
        let info = Metric.Sample(
            labels: [("version", Version.redistill), ("redis_version", Version.redis)], value: "1")
        let time = snapshot.processorTime
        var metrics = [
            Metric(
                name: "redistill_build_info", kind: .gauge, help: "Always 1; the labels tell the versions.",
                samples: [info]),
            gauge(
                "redistill_up", "1 while clients are welcome, 0 while starting or draining.",
                snapshot.readiness == .ready ? 1 : 0),
            gauge("redistill_uptime_seconds", "Seconds since the start.", snapshot.uptimeSeconds),
            gauge("redistill_workers", "Threads that serve clients.", snapshot.facts.workers),
            Metric(
                name: "redistill_cpu_seconds_total", kind: .counter, help: "Processor time spent.",
                samples: [
                    Metric.Sample(
                        labels: [("mode", "system")], value: Decimal.text(Double(time.system) / 1e6, places: 6)),
                    Metric.Sample(labels: [("mode", "user")], value: Decimal.text(Double(time.user) / 1e6, places: 6)),
                ]),
        ]
        if let expiry = snapshot.certificateExpiry {
            metrics.append(
                gauge(
                    "redistill_tls_certificate_expiry_timestamp_seconds",
                    "When the TLS certificate ends, in seconds since 1970.", expiry))
        }
        return metrics
    }

    private static func connections(_ snapshot: InfoSnapshot) -> [Metric] {
        let statistics = snapshot.statistics
        return [
            gauge("redistill_connections_active", "Connections now.", statistics.connections_active),
            gauge(
                "redistill_connections_max", "The limit max_connections; 0 for none.",
                snapshot.configuration.integer(.maxConnections)),
            counter("redistill_connections_received_total", "Connections accepted.", statistics.connections_received),
            labelled(
                "redistill_connections_rejected_total", "Connections refused, by reason.", "reason",
                statistics.rejections.map { ($0.reason, $0.count) }),
            labelled(
                "redistill_connections_closed_total", "Connections closed by the server, by reason.", "reason",
                statistics.closings.map { ($0.reason, $0.count) }),
            counter("redistill_auth_failures_total", "Wrong passwords.", statistics.auth_failures),
            counter(
                "redistill_auth_delayed_total", "Wrong passwords that were answered late.",
                statistics.auth_delayed),
            counter(
                "redistill_auth_refused_total", "Wrong passwords whose connection was closed, because too many were held back.",
                statistics.auth_refused),
            counter("redistill_config_reloads_total", "Reloads of the configuration.", snapshot.reloads.succeeded),
            counter(
                "redistill_config_reloads_failed_total", "Reloads that failed or were refused; the old settings stayed.",
                snapshot.reloads.failed),
            gauge("redistill_tls_handshakes_active", "TLS handshakes under way.", statistics.tls_handshakes_active),
            gauge(
                "redistill_connections_paused", "Connections that CLIENT PAUSE holds back.",
                statistics.connections_paused),
            gauge(
                "redistill_connections_monitoring", "Connections that run MONITOR.", statistics.connections_monitoring),
            counter(
                "redistill_tls_handshakes_failed_total", "TLS handshakes that failed.", statistics.tls_handshakes_failed
            ),
        ]
    }

    private static func work(_ snapshot: InfoSnapshot) -> [Metric] {
        let statistics = snapshot.statistics
        return [
            counter("redistill_commands_processed_total", "Commands executed.", statistics.commands_processed),
            counter("redistill_error_replies_total", "Replies that were errors.", statistics.error_replies),
            counter("redistill_batches_total", "Batches of commands executed.", statistics.batches),
            counter("redistill_reads_total", "Reads from sockets that brought data.", statistics.reads),
            counter("redistill_writes_total", "Writes to sockets.", statistics.writes),
            counter("redistill_network_received_bytes_total", "Bytes read from clients.", statistics.bytes_in),
            counter("redistill_network_sent_bytes_total", "Bytes sent to clients.", statistics.bytes_out),
        ]
    }

    private static func keys(_ snapshot: InfoSnapshot) -> [Metric] {
        let statistics = snapshot.statistics
        return [
            gauge("redistill_keys", "Keys now.", statistics.keys),
            gauge("redistill_keys_expiring", "Keys with a time to live.", statistics.keys_with_ttl),
            counter("redistill_keyspace_hits_total", "Lookups that found their key.", statistics.keyspace_hits),
            counter("redistill_keyspace_misses_total", "Lookups that did not.", statistics.keyspace_misses),
            counter("redistill_keys_expired_total", "Keys removed because their time was up.", statistics.expired),
            counter("redistill_keys_evicted_total", "Keys removed to make room.", statistics.evicted),
        ]
    }

    private static func memory(_ snapshot: InfoSnapshot) -> [Metric] {
        let statistics = snapshot.statistics
        let policy = Metric.Sample(labels: [("policy", snapshot.configuration.text(.evictionPolicy))], value: "1")
        return [
            gauge("redistill_memory_used_bytes", "Memory in use for everything.", statistics.memory_used),
            gauge(
                "redistill_memory_resident_bytes", "Memory of the process as the kernel counts it.",
                snapshot.residentBytes),
            gauge("redistill_memory_peak_bytes", "The most memory ever in use.", statistics.memory_peak),
            gauge(
                "redistill_memory_limit_bytes", "The limit max_memory; 0 for none.",
                snapshot.configuration.integer(.maxMemory)),
            labelled(
                "redistill_memory_part_bytes", "Memory in use, by what for.", "part",
                [
                    ("table", statistics.memory_table), ("arena", statistics.memory_arena),
                    ("large_values", statistics.memory_values), ("connections", statistics.memory_connections),
                    ("buffers", statistics.memory_buffers),
                ], kind: .gauge),
            gauge("redistill_memory_dataset_bytes", "Live keys, values and their headers.", statistics.memory_dataset),
            gauge("redistill_memory_payload_bytes", "Live keys and values alone.", statistics.memory_payload),
            Metric(
                name: "redistill_eviction_policy_info", kind: .gauge, help: "Always 1; the label tells the policy.",
                samples: [policy]),
        ]
    }

    private static func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) -> Metric {
        Metric(name: name, kind: .gauge, help: help, samples: [Metric.Sample(value: String(value))])
    }

    private static func counter(_ name: String, _ help: String, _ value: UInt64) -> Metric {
        Metric(name: name, kind: .counter, help: help, samples: [Metric.Sample(value: String(value))])
    }

    static func labelled(
        _ name: String, _ help: String, _ label: String, _ values: [(String, UInt64)], kind: Metric.Kind = .counter
    ) -> Metric {
        Metric(
            name: name, kind: kind, help: help,
            samples: values.map { Metric.Sample(labels: [(label, $0.0)], value: String($0.1)) })
    }

    private static func labels(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
}
