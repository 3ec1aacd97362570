/// What happens in a second, averaged over the last ones.
package struct Rates: Sendable, Equatable {
    package var commands: Double
    package var bytesIn: Double
    package var bytesOut: Double
    /// Turns of the workers' loops.
    package var turns: Double
    /// Nanoseconds of each.
    package var turnTime: Double

    package init(
        commands: Double = 0, bytesIn: Double = 0, bytesOut: Double = 0, turns: Double = 0, turnTime: Double = 0
    ) {
        self.commands = commands
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.turns = turns
        self.turnTime = turnTime
    }
}
