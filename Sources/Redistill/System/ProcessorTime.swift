/// Processor time in microseconds.
package struct ProcessorTime: Sendable, Equatable {
    package var system: UInt64
    package var user: UInt64
    package var childrenSystem: UInt64
    package var childrenUser: UInt64
    package var mainSystem: UInt64
    package var mainUser: UInt64

    package init(
        system: UInt64 = 0, user: UInt64 = 0, childrenSystem: UInt64 = 0, childrenUser: UInt64 = 0,
        mainSystem: UInt64 = 0, mainUser: UInt64 = 0
    ) {
        self.system = system
        self.user = user
        self.childrenSystem = childrenSystem
        self.childrenUser = childrenUser
        self.mainSystem = mainSystem
        self.mainUser = mainUser
    }
}
