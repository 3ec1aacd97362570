import Testing

/// Commands that prepare, one command, and its exact reply in both protocols.
struct Exchange: Sendable, CustomTestStringConvertible {
    let before: [String]
    let command: String
    let resp2: String
    let resp3: String

    init(_ command: String, _ reply: String, resp3: String? = nil, after before: String...) {
        self.before = before
        self.command = command
        resp2 = reply
        self.resp3 = resp3 ?? reply
    }

    /// A reply that is null.
    static func null(_ command: String, after before: String...) -> Exchange {
        Exchange(before, command, "$-1\r\n", "_\r\n")
    }

    static func syntaxError(_ command: String) -> Exchange { Exchange(command, "-ERR syntax error\r\n") }

    static func notAnInteger(_ command: String, after before: String...) -> Exchange {
        let reply = "-ERR value is not an integer or out of range\r\n"
        return Exchange(before, command, reply, reply)
    }

    static func arity(_ command: String, name: String? = nil) -> Exchange {
        let name = name ?? words(command)[0].lowercased()
        return Exchange(command, "-ERR wrong number of arguments for '\(name)' command\r\n")
    }

    private init(_ before: [String], _ command: String, _ resp2: String, _ resp3: String) {
        self.before = before
        self.command = command
        self.resp2 = resp2
        self.resp3 = resp3
    }

    var testDescription: String { (before + [command]).joined(separator: "; ") }

    /// Runs it twice on empty stores, once in each protocol.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        for (version, expected) in [("2", resp2), ("3", resp3)] {
            try SharedDaemon.use { client in
                _ = try client.ask("HELLO", version)
                for line in before {
                    let reply = try client.ask(words(line))
                    #expect(!reply.hasPrefix("-"), "\(line)", sourceLocation: sourceLocation)
                }
                let reply = try client.ask(words(command))
                #expect(reply == expected, "RESP\(version)", sourceLocation: sourceLocation)
            }
        }
    }
}

/// Sends commands one by one and compares each reply; a nil reply is not compared.
func converse(_ client: RawClient, _ lines: [(String, String?)], sourceLocation: SourceLocation = #_sourceLocation) throws {
    for (line, expected) in lines {
        let reply = try client.ask(words(line))
        if let expected { #expect(reply == expected, "\(line)", sourceLocation: sourceLocation) }
    }
}
