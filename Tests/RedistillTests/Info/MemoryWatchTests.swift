import Redistill
import Testing

@Suite struct MemoryWatchTests {
    private func seconds(_ count: Int64) -> Int64 { count * 1_000_000 }

    @Test func theFirstEvictionIsToldAndTheNextOnlyAfterALongTime() {
        var watch = MemoryWatch()
        func findings(_ evicted: UInt64, at second: Int64) -> [MemoryWatch.Finding] {
            watch.count(evicted: evicted, refused: 0, at: seconds(second))
            return watch.findings(isOverThreshold: false, at: seconds(second))
        }
        #expect(findings(0, at: 0) == [])
        #expect(findings(3, at: 1) == [.evicts])
        #expect(findings(4, at: 500) == [])
        #expect(findings(5, at: 1000) == [])
        #expect(findings(6, at: 1601) == [.evicts])
    }

    @Test func refusedWritesAreToldAtTheirBeginningAndTheirEnd() {
        var watch = MemoryWatch()
        func findings(_ refused: UInt64, at second: Int64) -> [MemoryWatch.Finding] {
            watch.count(evicted: 0, refused: refused, at: seconds(second))
            return watch.findings(isOverThreshold: false, at: seconds(second))
        }
        #expect(findings(2, at: 1) == [.refuses])
        #expect(watch.refusesWrites(at: seconds(10)))
        #expect(findings(9, at: 30) == [])
        #expect(findings(9, at: 89) == [])
        #expect(!watch.refusesWrites(at: seconds(89)))
        #expect(findings(9, at: 90) == [.refusesNoMore(count: 9)])
        #expect(findings(10, at: 91) == [.refuses])
    }

    @Test func countersThatWereSetBackAreNoNews() {
        var watch = MemoryWatch()
        watch.count(evicted: 5, refused: 5, at: 0)
        _ = watch.findings(isOverThreshold: false, at: 0)
        watch.count(evicted: 0, refused: 0, at: seconds(1000))
        #expect(watch.findings(isOverThreshold: false, at: seconds(1000)) == [.refusesNoMore(count: 5)])
        watch.count(evicted: 1, refused: 1, at: seconds(2000))
        #expect(watch.findings(isOverThreshold: false, at: seconds(2000)) == [.evicts, .refuses])
    }

    @Test func readinessIsToldWhenItEndsAndWhenItIsBackForGood() {
        var watch = MemoryWatch()
        #expect(watch.findings(isOverThreshold: true, at: 0) == [.notReady])
        #expect(watch.findings(isOverThreshold: false, at: seconds(5)) == [])
        #expect(watch.findings(isOverThreshold: true, at: seconds(6)) == [])
        #expect(watch.findings(isOverThreshold: false, at: seconds(15)) == [])
        #expect(watch.findings(isOverThreshold: false, at: seconds(16)) == [.readyAgain])
        #expect(watch.findings(isOverThreshold: false, at: seconds(17)) == [])
    }
}
