import CHotProbe
import CRedistillHot
import Testing

/// What scripts call and reply, while they are short.
@Suite struct ScriptTests {
    private func start(_ workers: UInt32, _ settings: (rd_setting, Int64)...) throws -> (Server, Client) {
        let server = try Server(.init(workers: workers, scripts: Scripts(), settings: settings))
        return try (server, server.connect())
    }

    @Test(arguments: PipelineTests.workers)
    func scriptRunsItsCommandsAndRepliesWhatItSays(workers: UInt32) throws {
        let (server, client) = try start(workers)
        client.ask(eval("set K1 A1;incr K2;get K1;reply all", keys: ["a", "b"], arguments: ["x"]),
                   "*3\r\n+OK\r\n:1\r\n$1\r\nx\r\n")
        client.ask(eval("#k;set K1 A1;get K1", keys: ["a"], arguments: ["y"]), "$1\r\ny\r\n")
        client.ask(eval("try get;incr a;set c 3"), "-ERR value is not an integer or out of range\r\n")
        client.ask(bytes("EXISTS c\r\nEVAL x -1\r\nEVAL x 1\r\nEVAL x q\r\n"),
                   ":0\r\n-ERR Number of keys can't be negative\r\n-ERR Number of keys can't be greater than number of args\r\n"
                       + "-ERR value is not an integer or out of range\r\n")
        #expect(server.isSound)
    }

    @Test func scriptIsKnownByItsDigestUntilAllAreForgotten() throws {
        let (server, client) = try start(2)
        defer { #expect(server.isSound) }
        client.send(multibulk("SCRIPT", "LOAD", "get K1"))
        let digest = text(try #require(client.receiveReply()).dropFirst(5).dropLast(2))
        client.ask(bytes("SET a 1\r\n"), "+OK\r\n")
        client.ask(eval(digest, keys: ["a"], as: "EVALSHA"), "$1\r\n1\r\n")
        client.ask(eval(digest, keys: ["a"], as: "EVALSHA_RO"), "$1\r\n1\r\n")
        client.ask(multibulk("SCRIPT", "EXISTS", digest, "none"), "*2\r\n:1\r\n:0\r\n")
        client.ask(multibulk("SCRIPT", "FLUSH"), "+OK\r\n")
        client.ask(eval(digest, keys: ["a"], as: "EVALSHA"), "-NOSCRIPT No matching script. Please use EVAL.\r\n")
        client.ask(multibulk("SCRIPT", "KILL"), "-NOTBUSY No scripts in execution right now.\r\n")
    }

    @Test func scriptThatIsOnlyToReadWritesNothing() throws {
        let (server, client) = try start(2)
        defer { #expect(server.isSound) }
        let refused = "-ERR Write commands are not allowed from read-only scripts.\r\n"
        client.ask(eval("set a 1", as: "EVAL_RO"), refused)
        client.ask(eval("#fw;set a 1"), refused)
        client.ask(eval("#f;get a", as: "EVAL_RO"), "-ERR Can not execute a script with write flag using *_ro command.\r\n")
        client.ask(eval("get a", as: "EVAL_RO"), "$-1\r\n")
    }

    @Test func scriptTouchesOnlyTheShardsThatItHas() throws {
        let (server, client) = try start(2)
        defer { #expect(server.isSound) }
        let refused = "-ERR the script was taken for one that touches no keys but its own; please report this\r\n"
        client.ask(eval("#k;dbsize"), ":0\r\n")
        client.ask(eval("#k;keys *"), refused)
        client.send(eval("#k;try set a 1;try set b 1;try set c 1;try set d 1;try set e 1;try set f 1;reply all", keys: ["a"]))
        let reply = text(try #require(client.receiveReply()))
        #expect(reply.hasPrefix("*6\r\n+OK\r\n") && reply.contains(refused))
    }

    @Test(arguments: PipelineTests.workers)
    func selectInAScriptIsTheScriptsOwn(workers: UInt32) throws {
        let (server, client) = try start(workers)
        client.ask(eval("set a 0;select 3;set a 3;swapdb 3 4;select 4;get a"), "$1\r\n3\r\n")
        client.ask(bytes("GET a\r\nSELECT 4\r\nGET a\r\nMULTI\r\n"), "$1\r\n0\r\n+OK\r\n$1\r\n3\r\n+OK\r\n")
        client.ask(eval("select 9;set b 9"), "+QUEUED\r\n")
        client.ask(bytes("GET a\r\nEXEC\r\n"), "+QUEUED\r\n*2\r\n+OK\r\n$1\r\n3\r\n")
        client.ask(eval("set c 1;flushdb;select 0;get a;flushall;get a;reply all"),
                   "*6\r\n+OK\r\n+OK\r\n+OK\r\n$1\r\n0\r\n+OK\r\n$-1\r\n")
        #expect(server.isSound)
    }

    @Test(arguments: [16_383, 16_384, 40_000, 1_000_000])
    func largeValuesGoThroughAScriptWhole(length: Int) throws {
        let (server, client) = try start(2)
        var random = SeededRandom(seed: UInt64(length))
        let value = random.bytes(length), other = random.bytes(length + 1)
        let request = ["EVAL", "set K1 A1;set K2 A2;mget K1 none K2 K1;get K1;reply all", "2", "a", "b"].map { bytes($0) } + [value, other]
        client.ask(multibulk(request),
                   bytes("*4\r\n+OK\r\n+OK\r\n*4\r\n") + bulk(value) + bytes("$-1\r\n") + bulk(other) + bulk(value) + bulk(value))
        client.ask(bytes("MULTI\r\n") + multibulk(request) + bytes("EXEC\r\n"),
                   bytes("+OK\r\n+QUEUED\r\n*1\r\n*4\r\n+OK\r\n+OK\r\n*4\r\n") + bulk(value) + bytes("$-1\r\n") + bulk(other)
                       + bulk(value) + bulk(value))
        client.ask(bytes("FLUSHALL\r\n"), "+OK\r\n")
        #expect(server.wait { $0.memory_values == 0 && $0.memory_orphans == 0 })
        #expect(server.isSound)
    }

    @Test(arguments: PipelineTests.workers)
    func transactionRunsItsScripts(workers: UInt32) throws {
        let (server, client) = try start(workers), other = try server.connect()
        client.ask(bytes("MULTI\r\n") + eval("set a 1") + bytes("GET a\r\n") + eval("get a;reply error NO") + eval("incr a")
                       + multibulk("SCRIPT", "LOAD", "get a") + bytes("EXEC\r\nPING\r\n"),
                   "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*5\r\n+OK\r\n$1\r\n1\r\n-NO\r\n:2\r\n"
                       + "$40\r\n\(digest("get a"))\r\n+PONG\r\n")
        client.ask(bytes("WATCH a\r\nMULTI\r\n") + eval("set a 5"), "+OK\r\n+OK\r\n+QUEUED\r\n")
        other.ask(eval("incr a"), ":3\r\n")
        client.ask(bytes("EXEC\r\nGET a\r\n"), "*-1\r\n$1\r\n3\r\n")
        #expect(server.isSound)
    }

    private func digest(_ script: String) -> String {
        var digits = [CChar](repeating: 0, count: Int(PROBE_SCRIPT_DIGITS))
        withSlice(bytes(script)) { probe_script_digest($0, &digits) }
        return text(digits.map { UInt8(bitPattern: $0) })
    }

    @Test func replyThatIsTooLongEndsItsConnectionAlone() throws {
        let (server, client) = try start(2, (RD_SET_OUTPUT_LIMIT, 100_000)), other = try server.connect()
        #expect(client.askForTheEnd(eval("set a 1;reply value 200000")) == "")
        other.ask(eval("get a;reply value 50000"), bytes("$50000\r\n") + Array(repeating: 0x78, count: 50_000) + [13, 10])
        other.ask(bytes("GET a\r\n"), "$1\r\n1\r\n")
        #expect(server.statistics.closed_output_limit == 1)
    }

    /// References to one value are few bytes; put together for the script they would be any number.
    @Test func replyOfAScriptsCommandIsBoundedWithTheValuesThatItRefersTo() throws {
        let (server, client) = try start(2)
        client.ask(multibulk([bytes("SET"), bytes("a"), [UInt8](repeating: 1, count: 200_000)]), "+OK\r\n")
        let keys = String(repeating: " a", count: 4)
        client.ask(eval("#l;try mget\(keys);strlen a"), ":200000\r\n")
        client.ask(eval("#l;mget\(keys) a a;strlen a"), "-ERR the reply of a command takes more than 'script_memory_limit'\r\n")
        client.ask(eval("try set b 1;strlen a"), ":200000\r\n")
        #expect(server.isSound)
    }

    @Test func commandsOfAScriptAreCountedAndItsOwnFailureIsItsOwn() throws {
        let busy = try BusyServer(workers: 1), client = busy.others[0]
        client.ask(eval("try incr;try get;set a x"), "+OK\r\n")
        #expect(busy.calls(of: "eval") == (1, 0) && busy.calls(of: "set") == (1, 0))
        client.ask(eval("incr a"), "-ERR value is not an integer or out of range\r\n")
        #expect(busy.calls(of: "eval") == (2, 1) && busy.calls(of: "incr") == (1, 1))
        client.ask(eval("reply error ERR no"), "-ERR no\r\n")
        #expect(busy.calls(of: "eval") == (3, 2))
    }

    @Test(arguments: PipelineTests.workers)
    func scriptsOfDifferentKeysRunSideBySide(workers: UInt32) throws {
        let scripts = Scripts(), server = try Server(.init(workers: workers, scripts: scripts)), rounds = 200
        let clients = try (0..<8).map { _ in try server.connect() }
        for (number, client) in clients.enumerated() {
            let one = eval("#k;incr K1;try get K2;ask 3", keys: ["own:\(number)", "own:\(number + 1)"]), all = eval("incr all;ask 2;incr all")
            client.send((0..<rounds).flatMap { $0 % 10 == 0 ? all : one })
        }
        for client in clients { for _ in 0..<rounds { #expect(try #require(client.receiveReply())[0] != 0x2d) } }
        #expect(server.counter("all") == 8 * rounds / 10 * 2)
        for number in 0..<8 { #expect(server.counter("own:\(number)") == rounds * 9 / 10) }
        #expect(server.isSound)
    }
}
