import CHotProbe
import Testing

@Suite struct CommandTableTests {
    static let names = CommandRow.commands.map(\.name)

    @Test func tableIsInAlphabeticalOrderWithoutDoubles() {
        #expect(Self.names == Self.names.sorted())
        let all = CommandRow.all.map(\.name)
        #expect(Set(all).count == all.count)
        #expect(!Self.names.contains { $0.contains("|") })
    }

    /// A subcommand of a container that has no row would be in nobody's list.
    @Test func everySubcommandIsListedWithItsContainer() {
        #expect(Set(CommandRow.listed.map(\.name)) == Set(CommandRow.all.map(\.name)))
        #expect(CommandRow.listed.count == CommandRow.all.count)
        for (number, command) in CommandRow.commands.enumerated() {
            let subs = CommandRow.all.filter { $0.name.hasPrefix(command.name + "|") }.map(\.name)
            #expect(subs == subs.sorted() && subs.count == command.subcommands, "\(number) \(command.name)")
        }
    }

    @Test(arguments: CommandRow.all)
    func rowHasItsDocs(row: CommandRow) {
        #expect(row.summary.first?.isUppercase == true)
        #expect(row.since.split(separator: ".").count == 3)
        #expect(CommandRow.groups.contains(row.group))
        #expect(!row.complexity.isEmpty)
    }

    /// What a line has that says of something since when: a version, a space, a text.
    private func isDated(_ line: Substring) -> Bool {
        let version = line.prefix { $0 != " " }
        return version.split(separator: ".").count == 3 && line.count > version.count + 1
    }

    @Test(arguments: CommandRow.all)
    func rowTellsItsArguments(row: CommandRow) throws {
        /* A container does nothing by itself; COMMAND takes no arguments of its own. */
        let syntax = try #require(row.isContainer && !row.hasHandler ? row.syntax ?? "" : row.syntax, "no .syntax")
        if !syntax.isEmpty { #expect(Syntax(syntax).isRead, "not as in admin/syntax.h: \(syntax)") }
        #expect(!row.hasKey || syntax.contains("key") || syntax.contains("#0"))
        if let history = row.history { #expect(history.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy(isDated)) }
        if let deprecated = row.deprecated { #expect(isDated(deprecated[...])) }
        for word in (row.also ?? "").split(separator: " ") {
            #expect(withSlice(Array(word.utf8)) { probe_command_word($0) }, "COMMAND knows no \(word)")
        }
    }

    @Test(arguments: CommandRow.all)
    func rowCanBeCalled(row: CommandRow) {
        #expect(row.name == row.name.lowercased())
        #expect(abs(row.arity) > (row.isSubcommand ? 1 : 0))
        #expect(row.isContainer == (row.subcommands > 0))
        #expect(row.hasHandler || row.isContainer)
        #expect(!(row.isWrite && row.isRead))
    }

    @Test(arguments: CommandRow.all)
    func keysStandAmongTheArguments(row: CommandRow) {
        let least = abs(row.arity)
        if row.firstKey == 0 {
            #expect(row.lastKey == 0 && row.step == 0 && !row.hasOneKey)
        } else {
            #expect(row.firstKey > 0 && row.firstKey < least && row.step > 0)
            #expect(!row.hasMovableKeys || row.lastKey == row.firstKey && row.step == 1)
            #expect(row.lastKey < 0 || row.lastKey >= row.firstKey && row.lastKey < least)
            #expect(!row.hasOneKey || row.lastKey == row.firstKey && row.step == 1)
        }
        for access in row.hasKey ? [row.access, row.accessAfterFirst] : [] {
            #expect(["RO", "RW", "OW", "RM"].contains(access.prefix(2)))
            #expect(!row.isRead || access.hasPrefix("RO"))
        }
    }

    @Test(arguments: [
        (1, 2, "MSETEX 2 a 1 b 2 EX 10", 2), (1, 2, "MSETEX 3 a 1 b 2", 0), (1, 2, "MSETEX 0 a 1", 0),
        (2, 1, "EVAL script 2 a b argument", 2), (2, 1, "EVAL script 0", 0), (2, 1, "EVAL script 1", 0),
        (2, 1, "EVAL script -1 a", 0), (2, 1, "EVAL script x a", 0), (2, 1, "EVAL script 4294967297 a", 0),
    ])
    func keysAreAsManyAsTheArgumentBeforeThemSays(countedAt: UInt8, step: UInt8, line: String, count: UInt32) {
        let keys = probe_counted_keys(countedAt, step, line)
        #expect((keys.first, keys.count, keys.step) == (UInt32(countedAt) + 1, count, UInt32(step)))
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
            #expect(find(name + "x") == nil || Self.names.contains(name + "x"))
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
        withSlice(name) { CommandRow(probe_command_named($0))?.name }
    }

    private func subcommand(_ name: String, _ sub: String) -> String? {
        withSlice(bytes(name)) { name in
            withSlice(bytes(sub)) { CommandRow(probe_subcommand_named(name, $0))?.name }
        }
    }
}
