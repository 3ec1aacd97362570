extension InfoText {
    static func commandStats(_ snapshot: InfoSnapshot) -> [InfoField] {
        snapshot.commands.map { command in
            let microseconds = Double(command.nanoseconds) / 1000
            let mean = command.calls == 0 ? 0 : microseconds / Double(command.calls)
            return InfoField(
                "cmdstat_\(command.name)",
                "calls=\(command.calls),usec=\(command.nanoseconds / 1000)"
                    + ",usec_per_call=\(Decimal.text(mean, places: 2)),rejected_calls=\(command.rejected)"
                    + ",failed_calls=\(command.failed)")
        }
    }

    static func errorStats(_ snapshot: InfoSnapshot) -> [InfoField] {
        snapshot.errors.map { InfoField("errorstat_\($0.code)", "count=\($0.replies)") }
    }

    /// The percentiles that the configuration names; none while latencies are not kept, as in Redis.
    static func latencyStats(_ snapshot: InfoSnapshot) -> [InfoField] {
        guard snapshot.configuration.flag(.latencyTracking) else { return [] }
        let percentiles = snapshot.configuration.text(.latencyPercentiles).split(separator: " ")
        return snapshot.commands.compactMap { command in
            guard command.percentile(1) != nil else { return nil }
            let values = percentiles.map { percentile in
                let time = command.percentile((Double(percentile) ?? 0) / 100) ?? 0
                return "p\(percentile)=\(Decimal.text(Double(time) / 1000, places: 3))"
            }
            return InfoField("latency_percentiles_usec_\(command.name)", values.joined(separator: ","))
        }
    }
}
