internal import CRedistillHot

/// Figures of connections: how many, whose, and why some were turned away.
extension Figure {
    static let connections = present + turnedAway + access

    private static let present: [Figure] = [
        Figure(
            .clients, "connected_clients", .gauge("redistill_connections_active", "Connections now."),
            from: \.connections_active),
        Figure(
            .clients, "maxclients", .gauge("redistill_connections_max", "The limit max_connections; 0 for none.")
        ) { "\($0.configuration.integer(.maxConnections))" },
        Figure(
            .stats, "total_connections_received",
            .counter("redistill_connections_received_total", "Connections accepted."), from: \.connections_received),
        Figure(.clients, "client_recent_max_input_buffer", from: \.largest_input),
        Figure(.clients, "client_recent_max_output_buffer", from: \.largest_output),
        Figure(.clients, "tracking_clients", from: \.connections_tracking),
        Figure(.clients, "watching_clients", from: \.connections_watching),
        Figure(.clients, "total_watched_keys", from: \.keys_watched),
        Figure(.stats, "tracking_total_keys", from: \.keys_tracked),
        Figure(.stats, "tracking_total_items", from: \.keys_tracked),
        Figure(.stats, "tracking_total_prefixes", from: \.prefixes_tracked),
    ]

    private static let turnedAway: [Figure] =
        HotStatistics.rejections.map { reason, count in
            Figure(
                .stats, "rejected_connections_\(reason)",
                .counter(
                    "redistill_connections_rejected_total", "Connections refused, by reason.",
                    Metric.Label("reason", reason)), from: count)
        }
        + HotStatistics.closings.map { reason, count in
            Figure(
                .stats, "closed_connections_\(reason)",
                .counter(
                    "redistill_connections_closed_total", "Connections closed by the server, by reason.",
                    Metric.Label("reason", reason)), from: count)
        } + [
            Figure(.stats, "rejected_connections") { "\($0.statistics.rejectedConnections)" },
            Figure(.stats, "client_query_buffer_limit_disconnections", from: \.closed_query_limit),
            Figure(.stats, "client_output_buffer_limit_disconnections", from: \.closed_output_limit),
            Figure(.stats, "evicted_clients", from: \.evicted_clients),
        ]

    /// What users may not do, by what it was about.
    private static func denied(_ name: String, _ reason: String, from counter: HotStatistics.Counter) -> Figure {
        Figure(
            .stats, name,
            .counter(
                "redistill_access_denied_total", "Commands that were refused to a user of [[users]], by reason.",
                Metric.Label("reason", reason)), from: counter)
    }

    private static let access: [Figure] = [
        Figure(
            .stats, "acl_access_denied_auth", .counter("redistill_auth_failures_total", "Wrong passwords."),
            from: \.auth_failures),
        denied("acl_access_denied_cmd", "command", from: \.denied_commands),
        denied("acl_access_denied_key", "key", from: \.denied_keys),
        denied("acl_access_denied_db", "database", from: \.denied_databases),
        Figure(
            .stats, "acl_access_denied_tls_cert",
            .counter("redistill_certificates_unknown_total", "Certificates of clients that name no user."),
            from: \.denied_certificates),
        Figure(
            .stats, "auth_attempts_delayed",
            .counter("redistill_auth_delayed_total", "Wrong passwords that were answered late."), from: \.auth_delayed),
        Figure(
            .stats, "auth_attempts_refused",
            .counter(
                "redistill_auth_refused_total",
                "Wrong passwords whose connection was closed, because too many were held back."), from: \.auth_refused),
        Figure(
            .server, "config_reloads", .counter("redistill_config_reloads_total", "Reloads of the configuration.")
        ) { "\($0.reloads.succeeded)" },
        Figure(
            .server, "config_reloads_failed",
            .counter(
                "redistill_config_reloads_failed_total", "Reloads that failed or were refused; the old settings stayed.")
        ) { "\($0.reloads.failed)" },
        Figure(
            .gauge(
                "redistill_config_last_reload_successful", "1 when the last reload, or the start, succeeded; 0 when it failed.")
        ) { $0.reloads.lastSucceeded ? "1" : "0" },
        Figure(.server, "config_last_reload_status") { $0.reloads.lastSucceeded ? "ok" : "err" },
        Figure(
            .server, "config_last_reload_time",
            .gauge(
                "redistill_config_last_reload_success_timestamp_seconds",
                "When the settings in effect were read, in seconds since 1970.")
        ) { "\($0.reloads.lastSuccess)" },
        Figure(
            .stats, "tls_handshakes_active",
            .gauge("redistill_tls_handshakes_active", "TLS handshakes under way."), from: \.tls_handshakes_active),
        Figure(
            .clients, "blocked_clients",
            .gauge("redistill_connections_paused", "Connections that CLIENT PAUSE holds back."),
            from: \.connections_paused),
        Figure(
            .clients, "monitor_clients",
            .gauge("redistill_connections_monitoring", "Connections that run MONITOR."), from: \.connections_monitoring),
        Figure(
            .stats, "tls_handshakes_failed",
            .counter("redistill_tls_handshakes_failed_total", "TLS handshakes that failed."),
            from: \.tls_handshakes_failed),
        Figure(
            .stats, "tls_handshakes_not_begun",
            .counter(
                "redistill_tls_handshakes_not_begun_total",
                "TLS connections whose peer left without a byte, as a load balancer's probe does."),
            from: \.tls_handshakes_not_begun),
    ]
}
