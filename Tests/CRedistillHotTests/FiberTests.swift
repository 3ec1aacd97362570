import CHotProbe
import Testing

@Suite struct FiberTests {
    static let depths: [UInt32] = [0, 1, 100, 10_000]

    @Test(arguments: depths, [0, 1, 1000])
    func workThatStandsStillFindsEveryFrameAsItWas(depth: UInt32, stops: UInt32) {
        let times: UInt32 = 20
        #expect(probe_fiber_run(probe_fiber_work(depth: depth, stops: stops, times: times)) == Int64(stops * times))
    }

    @Test func oneFiberDoesAnyNumberOfWorks() {
        #expect(probe_fiber_run(probe_fiber_work(depth: 3, stops: 1, times: 200_000)) == 200_000)
    }

    @Test func floatingPointAndItsModesAreEachStacksOwn() {
        #expect(probe_fibers_keep_floats(1000))
    }

    @Test func stackEndsAtAPageThatNobodyMayTouch() {
        #expect(probe_fiber_is_guarded())
    }
}
