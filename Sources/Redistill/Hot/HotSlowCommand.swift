internal import CRedistillHot

/// A command that took long; stands for `rd_slow_command`.
package struct HotSlowCommand: Sendable, Equatable {
    package let microseconds: Int64
    /// Seconds since 1970.
    package let time: Int64
    /// "get", or empty when there is none of its name.
    package let command: String
    package let key: ByteText
    package let peer: String
    /// Its name for itself, or empty.
    package let client: String

    package init(
        microseconds: Int64, time: Int64, command: String, key: ByteText = "", peer: String, client: String = ""
    ) {
        self.microseconds = microseconds
        self.time = time
        self.command = command
        self.key = key
        self.peer = peer
        self.client = client
    }
}

extension HotControl {
    /// At most so many, the slowest first; stands for `rd_server_slow_commands`.
    package func slowCommands(atMost count: Int) -> [HotSlowCommand] {
        withServer { server in
            var all = [rd_slow_command](repeating: rd_slow_command(), count: count)
            let found = rd_server_slow_commands(server, &all, count)
            return all.prefix(found).map { one in
                HotSlowCommand(
                    microseconds: one.us, time: one.unix_s, command: String(cString: one.command),
                    key: withUnsafeBytes(of: one.key) { ByteText($0.prefix(one.key_length)) },
                    peer: String(arrayOfC: one.peer), client: String(arrayOfC: one.client))
            }
        } ?? []
    }
}
