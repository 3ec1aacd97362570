import CHotProbe
import Testing

/// Which batches a sampler looks at.
@Suite struct ThinningTests {
    /// Also where one batch holds as much as is allowed in a third of a second.
    @Test(arguments: [(1, 3_200), (1, 800), (20, 50), (100, 1)] as [(UInt64, UInt64)])
    func noMoreIsSeenThanIsAllowedAndItStandsForTheRest(batches: UInt64, items: UInt64) {
        let seconds: UInt64 = 200, allowed: UInt64 = 10
        let sum = probe_thinning_run(batches, items, Int64(seconds * 1_000), 1, allowed)
        let ratio = Double(sum.seen) / Double(seconds * 1_000 * allowed)
        #expect(ratio > 0.8 && ratio < 1.2, "\(ratio) of what is allowed")
        let share = Double(sum.stood_for) / Double(sum.items)
        #expect(share > 0.8 && share < 1.2, "\(share) of all")
    }

    @Test func allIsSeenWhileItIsFew() {
        let sum = probe_thinning_run(1, 9, 1_000, 1, 10)
        #expect(sum.seen == sum.items && sum.stood_for == sum.items)
    }

    /// One in a hundred is asked for; how much is allowed is another matter.
    @Test func aSampleThatIsAskedForIsTaken() {
        let sum = probe_thinning_run(20, 10, 100_000, 100, 10)
        let share = Double(sum.seen) / Double(sum.items)
        #expect(share > 0.008 && share < 0.012)
        #expect(sum.stood_for == 100 * sum.seen)
    }
}
