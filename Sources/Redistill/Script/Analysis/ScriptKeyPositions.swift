/// Where a command's keys stand among its words, of which the command's name is number 0.
package struct ScriptKeyPositions: Equatable, Sendable {
    /// The first key; 0 when the command has none.
    package let first: Int
    /// The last key; below 0 it counts from the end, where -1 is the last word.
    package let last: Int
    /// From one key to the next.
    package let step: Int

    package init(first: Int, last: Int, step: Int) {
        self.first = first
        self.last = last
        self.step = step
    }

    /// Of a command without keys.
    package static let none = ScriptKeyPositions(first: 0, last: 0, step: 0)

    var hasKeys: Bool { first > 0 }
}
