/// The limit of memory where nobody has set one: most of what the machine, or its container, has.
///
/// Without one a cache grows until the kernel ends it, or something else.
enum MemoryDefault {
    /// In percent.
    static let share: UInt64 = 75

    /// What is left at least, which counts in small containers: the program itself (17 MB), what the store may owe for a
    /// moment (16 MiB), and the sockets.
    static let rest: UInt64 = 48 << 20

    /// As the table of keys shows it.
    static let text = "\(share)%"

    /// The limit and its reason in words; nil where the machine does not tell what it has.
    static func setting(on machine: MachineMemory) -> Configuration.Setting? {
        guard let available = machine.available else { return nil }
        let most = available / 100 * share, room = available - min(available, rest)
        let bytes = max(min(most, room), 1 << 20)
        let reason =
            if room < 1 << 20 {
                "the least, since \(machine.owner) has hardly enough for the program itself"
            } else if most > room {
                "\(rest >> 20)mb less than \(machine.owner) has"
            } else {
                "\(text) of \(machine.owner)"
            }
        return Configuration.Setting(value: .integer(Int64(bytes)), origin: .derived(reason))
    }
}
