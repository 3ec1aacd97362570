import Testing

/// Requests of one client while allocations of the server fail, and what may be there afterwards.
struct FaultScenario: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        let request: [UInt8]
        var count = 1
        /// Any of these, but for an error for want of memory; none given: any reply.
        var allowed: [[UInt8]] = []
        /// So many bytes arrive first.
        var cut = 0

        init(_ arguments: [[UInt8]], times: Int = 1, cut: Int = 0, _ allowed: [UInt8]...) {
            request = Array(repeating: multibulk(arguments), count: times).flatMap { $0 }
            (count, self.allowed, self.cut) = (times, allowed, cut)
        }

        /// An inline command.
        init(_ command: String, times: Int = 1, cut: Int = 0, _ allowed: String...) {
            request = bytes(String(repeating: command + "\r\n", count: times))
            (count, self.allowed, self.cut) = (times, allowed.map { bytes($0) }, cut)
        }
    }

    let name: String
    var before: [Step] = []
    let steps: [Step]
    var after: [Step] = []
    var receiveBuffer: Int32 = 0
    var logsAll = false
    var limit: Int64 = 0
    var policy: String?
    /// In ms, from which on its scripts run for too long.
    var scriptLimit: Int64 = 60_000

    var testDescription: String { name }

    static let ok = bytes("+OK\r\n"), null = bytes("$-1\r\n")
    static let all = strings + collections + manyKeys + transactions + scripts + watching + replies + cut

    static func value(_ length: Int, _ letter: UInt8) -> [UInt8] { Array(repeating: letter, count: length) }

    /// On both sides of every length from which a value is kept apart, or received apart.
    private static let lengths = [10, 900, 5000, 40_000, 300_000]
    private static let longKey = value(300, 0x6b)

    private static func overwriting(_ length: Int) -> FaultScenario {
        let old = value(20, 0x6f), new = value(length, 0x6e)
        return FaultScenario(
            name: "SET of \(length) bytes",
            before: [Step([bytes("SET"), bytes("key"), old], ok)],
            steps: [Step([bytes("SET"), bytes("key"), new], ok), Step([bytes("SET"), longKey, new], ok),
                    Step([bytes("SET"), bytes("other"), new, bytes("EX"), bytes("100")], ok),
                    Step([bytes("GETSET"), bytes("other"), new], bulk(new), null),
                    Step([bytes("EXPIRE"), bytes("key"), bytes("100")], bytes(":1\r\n"))],
            after: [Step("GET key", text(bulk(old)), text(bulk(new))), Step([bytes("GET"), longKey], null, bulk(new)),
                    Step("GET other", "$-1\r\n", text(bulk(new)))])
    }

    private static func appending(_ length: Int) -> FaultScenario {
        let old = value(900, 0x6f), added = value(length, 0x61), written = value(50, 0x77)
        return FaultScenario(
            name: "APPEND and SETRANGE of \(length) bytes",
            before: [Step([bytes("SET"), bytes("key"), old], ok), Step([bytes("SET"), bytes("range"), old], ok)],
            steps: [Step([bytes("APPEND"), bytes("key"), added]),
                    Step([bytes("SETRANGE"), bytes("range"), bytes("\(900 + length)"), written]),
                    Step("SETBIT bits \(length * 8) 1"), Step("BITFIELD fields SET u8 \(length * 8) 255")],
            after: [Step("GET key", text(bulk(old)), text(bulk(old + added))),
                    Step("GET range", text(bulk(old)), text(bulk(old + value(length, 0) + written))),
                    Step("STRLEN bits", ":0\r\n", ":\(length + 1)\r\n"), Step("STRLEN fields", ":0\r\n", ":\(length + 1)\r\n")])
    }

    private static func carrying(_ length: Int) -> FaultScenario {
        let item = value(length, 0x76)
        return FaultScenario(
            name: "COPY, RENAME and RESTORE of \(length) bytes",
            before: [Step([bytes("SET"), bytes("from"), item], ok), Step([bytes("SET"), bytes("name"), item], ok)],
            steps: [Step([bytes("COPY"), bytes("from"), longKey], bytes(":1\r\n")),
                    Step([bytes("RENAME"), bytes("name"), longKey + longKey], ok),
                    Step("DUMP from"), Step("GETDEL from", text(bulk(item)))],
            after: [Step([bytes("GET"), longKey], null, bulk(item)),
                    Step([bytes("EXISTS"), bytes("name"), longKey + longKey], bytes(":1\r\n"))])
    }

    private static let absent = [bytes("a"), value(10, 0x31), bytes("b"), value(3000, 0x32), bytes("c"), value(50_000, 0x33)]

    static let strings = lengths.map(overwriting) + lengths.map(appending) + lengths.map(carrying) + [
        FaultScenario(
            name: "BITOP and LCS",
            before: [Step([bytes("SET"), bytes("a"), value(30_000, 0x0f)], ok), Step([bytes("SET"), bytes("b"), value(40_000, 0xf0)], ok),
                     Step("SET c abcdef", "+OK\r\n"), Step("SET d bdf", "+OK\r\n")],
            steps: [Step("BITOP OR result a b", ":40000\r\n"), Step("BITOP AND small c d", ":6\r\n"), Step("LCS c d", "$3\r\nbdf\r\n"),
                    Step("LCS c d IDX")],
            after: [Step("STRLEN result", ":0\r\n", ":40000\r\n"), Step("STRLEN a", ":30000\r\n")]),
        FaultScenario(
            name: "conditional and expiring SET",
            steps: [Step("SET key value NX EX 100", "+OK\r\n"), Step("GETEX key PERSIST", "$5\r\nvalue\r\n", "$-1\r\n"),
                    Step("PEXPIRE key 100000"), Step([bytes("MSETNX")] + absent, bytes(":1\r\n")),
                    Step([bytes("MSETEX"), bytes("3")] + absent.map { $0 + $0 } + [bytes("NX")], bytes(":1\r\n"))],
            after: [Step("EXISTS a b c", ":0\r\n", ":3\r\n"), Step("EXISTS aa bb cc", ":0\r\n", ":3\r\n")]),
        FaultScenario(
            name: "counters",
            steps: [Step("INCR n", ":1\r\n"), Step("INCRBYFLOAT f 1.5", "$3\r\n1.5\r\n"), Step("DECRBY n 10", ":-9\r\n", ":-10\r\n")],
            after: [Step("GET n", "$-1\r\n", "$1\r\n1\r\n", "$2\r\n-9\r\n", "$3\r\n-10\r\n")]),
    ]

    private static func pairs(_ range: Range<Int>, _ length: Int) -> [[UInt8]] {
        range.flatMap { [bytes("key:\($0)"), value(length, 0x70)] }
    }

    static let manyKeys = [
        FaultScenario(
            name: "tables that grow and shrink", before: [],
            steps: [Step([bytes("MSET")] + pairs(0..<3000, 10), ok),
                    Step([bytes("DEL")] + (0..<2990).map { bytes("key:\($0)") }),
                    Step([bytes("MSET")] + pairs(0..<40, 2000), ok), Step([bytes("MGET")] + (0..<3000).map { bytes("key:\($0)") })],
            after: [Step("SET key:1 v", "+OK\r\n")]),
        FaultScenario(
            name: "FLUSHALL", before: [Step([bytes("MSET")] + pairs(0..<3000, 10), ok), Step([bytes("MSET")] + pairs(0..<40, 40_000), ok)],
            steps: [Step("FLUSHALL", "+OK\r\n"), Step("SET key:1 v", "+OK\r\n")],
            after: [Step("DBSIZE", ":0\r\n", ":1\r\n", ":2\r\n")]),
        FaultScenario(
            name: "KEYS and SCAN", before: [Step([bytes("MSET")] + (0..<2000).flatMap { [bytes("\($0)") + value(100, 0x6b), []] }, ok)],
            steps: [Step("KEYS *"), Step("SCAN 0 COUNT 10000"), Step("RANDOMKEY"), Step("MEMORY USAGE key:1"), Step("OBJECT ENCODING key:1"),
                    Step("COMMAND DOCS"), Step("COMMAND"), Step("LOLWUT"), Step("MEMORY STATS")]),
        FaultScenario(
            name: "eviction", steps: [Step([bytes("MSET")] + pairs(0..<2000, 1000), ok), Step([bytes("SET"), bytes("big"), value(500_000, 1)], ok)],
            limit: 1 << 20, policy: "allkeys-s3fifo"),
    ]

    static let transactions = [
        FaultScenario(
            name: "MULTI and EXEC",
            steps: [Step("MULTI", "+OK\r\n"), Step("SET a 1"), Step([bytes("SET"), bytes("b"), value(50_000, 0x62)]), Step("MGET a b"), Step("EXEC")],
            after: [Step("STRLEN b", ":0\r\n", ":50000\r\n")]),
        FaultScenario(
            name: "WATCH of many keys",
            steps: [Step([bytes("WATCH")] + forty, ok), Step("MULTI", "+OK\r\n"), Step("SET a 1"), Step("EXEC")]),
    ]

    private static let big = value(40_000, 0x62)
    private static let storesAndReads = bytes("set a 1;set b A1;mget a big b;get big;reply all")
    /// Over its time after the first ms, and at its end after the second, unless it has come to its own.
    private static let isLong = bytes("set a 1;get big;spin 3;set a 2;get big")

    static let scripts = [
        FaultScenario(
            name: "EVAL and EVALSHA", before: [Step([bytes("SET"), bytes("big"), big], ok), Step("SCRIPT LOAD get")],
            steps: [Step([bytes("EVAL"), storesAndReads, bytes("0"), value(20_000, 0x63)]), Step([bytes("EVAL"), bytes("#k;get K1"), bytes("1"), bytes("big")], bulk(big)), Step("SCRIPT EXISTS x", "*1\r\n:0\r\n")],
            after: [Step("GET a", "$-1\r\n", "$1\r\n1\r\n")]),
        FaultScenario(
            name: "EXEC of scripts", before: [Step([bytes("SET"), bytes("big"), big], ok)],
            steps: [Step("MULTI", "+OK\r\n"), Step([bytes("EVAL"), storesAndReads, bytes("0"), value(20_000, 0x63)]), Step("GET a"),
                    Step([bytes("EVAL"), bytes("get big;reply value 30000"), bytes("0")]), Step("EXEC")],
            after: [Step("GET a", "$-1\r\n", "$1\r\n1\r\n")]),
        FaultScenario(
            name: "a script that runs for too long", before: [Step([bytes("SET"), bytes("big"), big], ok)],
            steps: [Step([bytes("EVAL"), isLong, bytes("0"), value(20_000, 0x63)]), Step("PING", "+PONG\r\n")],
            after: [Step("GET a", "$-1\r\n", "$1\r\n1\r\n", "$1\r\n2\r\n")], scriptLimit: 1),
        FaultScenario(
            name: "EXEC that runs for too long, before a monitor", before: [Step([bytes("SET"), bytes("big"), big], ok)],
            steps: [Step("MONITOR", "+OK\r\n"), Step("MULTI"), Step([bytes("EVAL"), isLong, bytes("0")]), Step("GET a"), Step("EXEC")],
            logsAll: true, scriptLimit: 1),
        FaultScenario(
            name: "EXEC that runs for too long, tracked", before: [Step([bytes("SET"), bytes("big"), big], ok)],
            steps: [Step("HELLO 3"), Step("WATCH a"), Step("CLIENT TRACKING ON", "+OK\r\n"), Step("MULTI"),
                    Step([bytes("EVAL"), isLong, bytes("0")]), Step([bytes("MGET")] + forty), Step("EXEC")],
            scriptLimit: 1),
    ]

    private static let forty = (0..<40).map { bytes("key:\($0)") }

    /// Messages come among the replies, so that any will do.
    static let watching = [
        FaultScenario(
            name: "CLIENT TRACKING",
            steps: [Step("HELLO 3"), Step("CLIENT TRACKING ON", "+OK\r\n"), Step([bytes("MGET")] + forty),
                    Step([bytes("MSET")] + pairs(0..<40, 10)), Step([bytes("MGET")] + forty)]),
        FaultScenario(
            name: "CLIENT TRACKING with prefixes",
            steps: [Step("HELLO 3"), Step("CLIENT TRACKING ON BCAST PREFIX a PREFIX b", "+OK\r\n"),
                    Step("CLIENT TRACKING ON BCAST PREFIX k", "+OK\r\n"), Step([bytes("MSET")] + pairs(0..<40, 10))]),
        FaultScenario(name: "MONITOR", steps: [Step("MONITOR", "+OK\r\n"), Step([bytes("MSET")] + pairs(0..<40, 600), times: 4)]),
        FaultScenario(
            name: "CLIENT and SLOWLOG",
            steps: [Step("CLIENT SETNAME me", "+OK\r\n"), Step("CLIENT SETINFO LIB-NAME lib", "+OK\r\n"), Step("CLIENT GETNAME", "$2\r\nme\r\n", "$-1\r\n"),
                    Step("CLIENT LIST"), Step("SLOWLOG GET 100"), Step("LATENCY DOCTOR"), Step("CLIENT INFO")],
            logsAll: true),
        FaultScenario(
            name: "COMMANDLOG and HOTKEYS",
            steps: [Step("HOTKEYS START METRICS 2 CPU NET"), Step([bytes("MSET")] + pairs(0..<40, 10)), Step("COMMANDLOG GET -1 large-request"),
                    Step("HOTKEYS GET"), Step("HOTKEYS STOP"), Step("HOTKEYS RESET", "+OK\r\n")],
            logsAll: true),
    ]

    static let replies = [
        FaultScenario(
            name: "many large replies", before: [Step([bytes("SET"), bytes("key"), value(100_000, 0x67)], ok)],
            steps: [Step("GET key", times: 40, text(bulk(value(100_000, 0x67)))), Step("PING", "+PONG\r\n")]),
        FaultScenario(
            name: "a slow reader", before: [Step([bytes("SET"), bytes("key"), value(2_000_000, 0x73)], ok)],
            steps: [Step("GET key", times: 6, text(bulk(value(2_000_000, 0x73)))), Step("PING", times: 10, "+PONG\r\n")],
            receiveBuffer: 4096),
        FaultScenario(
            name: "long small replies", before: [Step([bytes("SET"), bytes("key"), value(10_000, 0x67)], ok)],
            steps: [Step("GET key", times: 200, text(bulk(value(10_000, 0x67))))]),
    ]

    static let cut = [
        FaultScenario(name: "a request in two pieces", steps: [Step("SET key value", cut: 5, "+OK\r\n"), Step("GET key", cut: 3, "$5\r\nvalue\r\n", "$-1\r\n")]),
        FaultScenario(
            name: "large arguments in two pieces",
            steps: [Step([bytes("MSET"), bytes("a"), value(60_000, 0x61), bytes("b"), value(600_000, 0x62)], cut: 70_000, ok),
                    Step([bytes("SET"), bytes("c"), value(9000, 0x63)], cut: 5000, ok),
                    Step([bytes("UNLINK")] + (0..<2000).map { bytes("none:\($0)") }, cut: 9000, bytes(":0\r\n"))],
            after: [Step("STRLEN a", ":0\r\n", ":60000\r\n")]),
        FaultScenario(
            name: "CLIENT PAUSE", steps: [Step("CLIENT PAUSE 20 WRITE", "+OK\r\n"), Step("SET key value", "+OK\r\n")],
            after: [Step("GET key", "$5\r\nvalue\r\n", "$-1\r\n")]),
    ]
}
