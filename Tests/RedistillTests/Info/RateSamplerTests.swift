import CRedistillHot
import Redistill
import Testing

@Suite struct RateSamplerTests {
    private func statistics(commands: UInt64, bytesIn: UInt64 = 0) -> HotStatistics {
        var statistics = HotStatistics()
        statistics.commands_processed = commands
        statistics.bytes_in = bytesIn
        return statistics
    }

    @Test func rateIsZeroBeforeTheSecondSample() {
        var sampler = RateSampler()
        #expect(sampler.rates == Rates())
        sampler.add(statistics(commands: 5), at: 0)
        #expect(sampler.rates == Rates())
    }

    @Test func rateIsTheMeanOverTheSamplesKept() {
        var sampler = RateSampler()
        for step in 0...40 {
            sampler.add(statistics(commands: UInt64(step * 50), bytesIn: UInt64(step * 100)), at: Int64(step) * 100_000)
        }
        #expect(sampler.rates == Rates(commands: 500, bytesIn: 1000, bytesOut: 0))
    }

    @Test func oldLoadIsForgotten() {
        var sampler = RateSampler()
        sampler.add(statistics(commands: 0), at: 0)
        for step in 1...20 { sampler.add(statistics(commands: 9000), at: Int64(step) * 100_000) }
        #expect(sampler.rates.commands == 0)
    }

    @Test func loadAfterARestIsNotThinnedByTheRest() {
        var sampler = RateSampler()
        #expect(!sampler.isResting)
        for step in 0...16 { sampler.add(statistics(commands: 5), at: Int64(step) * 1_000_000) }
        #expect(sampler.isResting)
        sampler.add(statistics(commands: 505), at: 16_500_000)
        #expect(!sampler.isResting && sampler.rates.commands == 1000)
    }

    @Test func resetCountersGiveNoNegativeRate() {
        var sampler = RateSampler()
        sampler.add(statistics(commands: 1000), at: 0)
        sampler.add(statistics(commands: 10), at: 100_000)
        sampler.add(statistics(commands: 20), at: 200_000)
        #expect(sampler.rates.commands == 100)
    }
}
