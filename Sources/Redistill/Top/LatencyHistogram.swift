/// How long the calls of a command took, as LATENCY HISTOGRAM tells it.
package struct LatencyHistogram: Sendable, Equatable {
    /// So many calls took so many microseconds or less.
    private struct Step: Sendable, Equatable {
        let microseconds: Int64
        let calls: Int64
    }

    /// Growing in both.
    private let steps: [Step]

    private init(steps: [Step]) { self.steps = steps }

    /// All histograms of a reply, by command.
    package static func all(in reply: RESPValue) -> [String: LatencyHistogram] {
        var histograms: [String: LatencyHistogram] = [:]
        for (name, value) in reply.pairs {
            guard let name = name.text?.text,
                let buckets = value.pairs.first(where: { $0.name.text == "histogram_usec" })?.value.pairs
            else { continue }
            histograms[name] = LatencyHistogram(
                steps: buckets.compactMap { bound, count in
                    guard let bound = bound.number, let count = count.number else { return nil }
                    return Step(microseconds: bound, calls: count)
                })
        }
        return histograms
    }

    /// What was added since; all of it where somebody has reset the counters.
    package func since(_ earlier: LatencyHistogram?) -> LatencyHistogram {
        guard let earlier, (earlier.steps.last?.calls ?? 0) <= (steps.last?.calls ?? 0) else { return self }
        var before = earlier.steps[...]
        var counted: Int64 = 0
        return LatencyHistogram(
            steps: steps.map { step in
                while let next = before.first, next.microseconds <= step.microseconds {
                    counted = next.calls
                    before.removeFirst()
                }
                return Step(microseconds: step.microseconds, calls: max(0, step.calls - counted))
            })
    }

    /// The microseconds that this share of the calls, 0 to 1, stayed within; nil without a call.
    package func percentile(_ share: Double) -> Int64? {
        guard let calls = steps.last?.calls, calls > 0 else { return nil }
        return steps.first { Double($0.calls) >= Double(calls) * share }?.microseconds
    }
}
