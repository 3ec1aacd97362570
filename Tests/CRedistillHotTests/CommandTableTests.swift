import CHotProbe
import Testing

@Suite struct CommandTableTests {
    static let names: [String] = {
        var names: [String] = [], row: UInt32 = 0
        while let name = probe_command_at(row) {
            names.append(String(cString: name))
            row += 1
        }
        return names
    }()

    @Test func tableIsInAlphabeticalOrderWithoutDoubles() {
        #expect(Self.names == Self.names.sorted())
        #expect(Set(Self.names).count == Self.names.count)
    }

    @Test(arguments: [
        "get", "set", "del", "unlink", "exists", "mget", "mset", "incr", "decr", "incrby", "decrby", "append", "strlen",
        "expire", "pexpire", "ttl", "pttl", "persist", "type", "keys", "scan", "dbsize", "flushdb", "flushall", "ping",
        "echo", "auth", "hello", "select", "quit", "client", "info", "config", "command", "time",
    ])
    func promisedCommandIsThere(name: String) {
        #expect(Self.names.contains(name))
    }

    @Test func everyCommandIsFoundInAnyCase() {
        for name in Self.names {
            #expect(find(name) == name)
            #expect(find(name.uppercased()) == name)
            #expect(find(name.prefix(1).uppercased() + name.dropFirst()) == name)
        }
    }

    @Test func nothingNearACommandIsTakenForIt() {
        for name in Self.names {
            #expect(find(name + "x") == nil)
            #expect(find(name + "\0") == nil)
            #expect(find(" " + name) == nil)
            let bytes = Array(name.utf8)
            for index in bytes.indices {
                /* Setting or clearing the bit that tells upper from lower case makes other characters, too. */
                for flip: UInt8 in [0x40, 0x80, 0x01] {
                    var other = bytes
                    other[index] ^= flip
                    if let found = find(other) { #expect(Array(found.utf8) == other.map { $0 | 0x20 }) }
                }
            }
        }
        #expect(find("") == nil)
        #expect(find("\0") == nil)
    }

    @Test func subcommandIsFoundInAnyCaseUnderItsParentOnly() {
        #expect(subcommand("client", "SetName") == "client|setname")
        #expect(subcommand("config", "get") == "config|get")
        #expect(subcommand("config", "setname") == nil)
        #expect(subcommand("get", "get") == nil)
    }

    private func find(_ name: String) -> String? { find(bytes(name)) }

    private func find(_ name: [UInt8]) -> String? {
        withSlice(name) { probe_command_named($0).map { String(cString: $0) } }
    }

    private func subcommand(_ name: String, _ sub: String) -> String? {
        withSlice(bytes(name)) { name in
            withSlice(bytes(sub)) { probe_subcommand_named(name, $0).map { String(cString: $0) } }
        }
    }
}
