import CHotProbe

/// A command of the table, or a subcommand.
struct CommandRow: Sendable {
    /// Redis's, in the order of docs/compatibility.md.
    static let groups = [
        "string", "bitmap", "generic", "scripting", "transactions", "connection", "server", "pubsub", "cluster", "hash", "list", "set",
        "sorted-set", "module",
    ]

    let name: String
    let arity: Int
    let firstKey: Int, lastKey: Int, step: Int
    let hasHandler: Bool, isContainer: Bool, isWrite: Bool, isRead: Bool, hasOneKey: Bool, hasMovableKeys: Bool
    let deniesOutOfMemory: Bool
    let subcommands: Int
    /// Empty where the row has no docs.
    let summary: String, since: String, group: String, complexity: String
    let access: String, accessAfterFirst: String
    /// Nil where the row says nothing of it.
    let origin: String?, syntax: String?, history: String?, deprecated: String?, also: String?

    var hasKey: Bool { firstKey > 0 || hasMovableKeys }
    var isSubcommand: Bool { name.contains("|") }

    init?(_ row: probe_command) {
        func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
        guard row.name != nil else { return nil }
        name = text(row.name)
        arity = Int(row.arity)
        (firstKey, lastKey, step) = (Int(row.first_key), Int(row.last_key), Int(row.step))
        (hasHandler, isContainer, hasOneKey, hasMovableKeys) =
            (row.has_handler, row.is_container, row.has_one_key, row.has_movable_keys)
        (isWrite, isRead, deniesOutOfMemory) = (row.is_write, row.is_read, row.denies_oom)
        subcommands = Int(row.subcommands)
        (summary, since) = (text(row.summary), text(row.since))
        (group, complexity) = (text(row.group), text(row.complexity))
        (access, accessAfterFirst) = (text(row.access), text(row.access_after_first))
        (origin, syntax) = (row.origin.map { String(cString: $0) }, row.syntax.map { String(cString: $0) })
        history = row.history.map { String(cString: $0) }
        (deprecated, also) = (row.deprecated.map { String(cString: $0) }, row.also.map { String(cString: $0) })
    }

    /// By number: the commands, then the subcommands in the order of their containers.
    static let all: [CommandRow] = (0..<probe_row_count()).compactMap { CommandRow(probe_command_at($0)) }
    static let commands = Array(all.prefix(Int(probe_command_count())))

    /// Every command, a container before its subcommands.
    static let listed: [CommandRow] = commands.indices.flatMap { number in
        [commands[number]] + (0..<commands[number].subcommands).compactMap {
            CommandRow(probe_subcommand_at(UInt32(number), UInt32($0)))
        }
    }
}
