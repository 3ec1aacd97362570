/// Lets one line through in a period, and tells how many it stands for.
struct LineGate {
    let period: Duration
    private var last: ContinuousClock.Instant?
    private var held = 0

    init(period: Duration) {
        self.period = period
    }

    /// - Returns: How many lines this one stands for, itself included; nil when it is held back.
    mutating func pass(at now: ContinuousClock.Instant) -> Int? {
        if let last, now - last < period {
            held += 1
            return nil
        }
        defer { (last, held) = (now, 0) }
        return held + 1
    }
}
