internal import CRedistillHot

/// What a client makes the server hold; stands for `rd_client_size`.
package struct HotClientSize: Sendable, Equatable {
    package let id: UInt64
    /// All of it.
    package let bytes: UInt64
    /// Of requests that are not whole, and of replies that it has not taken.
    package let input: UInt64
    package let output: UInt64
    package let ageSeconds: Int64
    package let idleSeconds: Int64
    /// Its last one, or empty.
    package let command: String
    package let peer: String
    /// Its name for itself, or empty.
    package let name: String

    package init(
        id: UInt64, bytes: UInt64, input: UInt64 = 0, output: UInt64 = 0, ageSeconds: Int64 = 0, idleSeconds: Int64 = 0,
        command: String = "", peer: String, name: String = ""
    ) {
        self.id = id
        self.bytes = bytes
        self.input = input
        self.output = output
        self.ageSeconds = ageSeconds
        self.idleSeconds = idleSeconds
        self.command = command
        self.peer = peer
        self.name = name
    }
}

extension HotControl {
    /// At most so many, the largest first; stands for `rd_server_largest_clients`, which looks at every connection.
    package func largestClients(atMost count: Int) -> [HotClientSize] {
        withServer { server in
            var all = [rd_client_size](repeating: rd_client_size(), count: count)
            let found = rd_server_largest_clients(server, &all, count)
            return all.prefix(found).map { one in
                HotClientSize(
                    id: one.id, bytes: one.bytes, input: one.input, output: one.output, ageSeconds: one.age_s,
                    idleSeconds: one.idle_s, command: String(cString: one.command), peer: String(arrayOfC: one.peer),
                    name: String(arrayOfC: one.name))
            }
        } ?? []
    }
}
