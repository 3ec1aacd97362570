import Testing

@testable import Redistill

@Suite struct LineGateTests {
    @Test func oneLinePassesInASecondAndTellsHowManyWereHeld() {
        var gate = LineGate(period: .seconds(1))
        let start = ContinuousClock.now
        #expect(gate.pass(at: start) == 1)
        for number in 1...1300 {
            #expect(gate.pass(at: start + .microseconds(number * 700)) == nil)
        }
        #expect(gate.pass(at: start + .seconds(1)) == 1301)
        #expect(gate.pass(at: start + .seconds(1) + .milliseconds(999)) == nil)
        #expect(gate.pass(at: start + .seconds(5)) == 2)
    }
}
