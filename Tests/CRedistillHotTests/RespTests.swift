import Testing

@Suite struct RespTests {
    let scanner = Scanner()

    @Test func multibulkRequestIsACommandAndTheRestStays() {
        let request = bytes("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n")
        #expect(scanner.scan(request) == .command(["GET", "k"], consumed: request.count))
        #expect(scanner.scan(request + bytes("*1\r\n")) == .command(["GET", "k"], consumed: request.count))
    }

    @Test func argumentsHoldAnyByte() {
        let value: [UInt8] = Array(0...255) + [13, 10, 0, 13, 10]
        let request = multibulk([bytes("SET"), [0, 13, 10], value, []])
        #expect(scanner.scan(request) == .command([bytes("SET"), [0, 13, 10], value, []], consumed: request.count))
    }

    @Test(arguments: ["*0\r\n", "*-1\r\n", "*-10\r\n", "\r\n", "\n", "  \r\n", "\t\n"])
    func emptyRequestIsSkippedWithoutAReply(request: String) {
        #expect(scanner.scan(bytes(request) + bytes("PING\r\n")) == .empty(consumed: request.utf8.count))
        #expect(scanner.scan(bytes(request)) == .empty(consumed: request.utf8.count))
    }

    @Test func nothingYetIsNoError() {
        #expect(scanner.scan([]) == .more)
    }

    @Test(arguments: [
        ("*2147483648\r\n", "invalid multibulk length"),
        ("*3000000000\r\n", "invalid multibulk length"),
        ("*18446744073709551617\r\n", "invalid multibulk length"),
        ("*abc\r\n", "invalid multibulk length"),
        ("*\r\n", "invalid multibulk length"),
        ("*+1\r\n", "invalid multibulk length"),
        ("* 1\r\n", "invalid multibulk length"),
        ("*1 \r\n", "invalid multibulk length"),
        ("*01\r\n", "invalid multibulk length"),
        ("*-\r\n", "invalid multibulk length"),
        ("*-0\r\n", "invalid multibulk length"),
        ("*\u{0}\r\n", "invalid multibulk length"),
        ("*1\r\nfoo\r\n", "expected '$', got 'f'"),
        ("*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", "expected '$', got 'f'"),
        ("*1\r\n\r\n", "expected '$', got '\r'"),
        ("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n", "invalid bulk length"),
        ("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n", "invalid bulk length"),
        ("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$blabla\r\n", "invalid bulk length"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$-5\r\n", "invalid bulk length"),
        ("*1\r\n$999999999999\r\n", "invalid bulk length"),
        ("*1\r\n$18446744073709551617\r\n", "invalid bulk length"),
        ("*1\r\n$\r\n", "invalid bulk length"),
        ("*1\r\n$+3\r\n", "invalid bulk length"),
        ("*1\r\n$ 3\r\n", "invalid bulk length"),
        ("*1\r\n$03\r\n", "invalid bulk length"),
        ("*1\r\n$-0\r\n", "invalid bulk length"),
        ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\n$3\r\nabcdef", "expected CRLF after bulk"),
        ("*1\r\n$3\r\nabc\n\r", "expected CRLF after bulk"),
        ("set \"a\r\n", "unbalanced quotes in request"),
        ("set 'a\r\n", "unbalanced quotes in request"),
        ("set \"a\"b\r\n", "unbalanced quotes in request"),
        ("set 'a'b\r\n", "unbalanced quotes in request"),
        ("set \"a\\\"\r\n", "unbalanced quotes in request"),
    ])
    func protocolErrorIsNamedAsInRedis(request: String, error: String) {
        #expect(scanner.scan(bytes(request)) == .bad("Protocol error: " + error))
        #expect(scanner.scanAll(bytes(request), arrivingIn: ones(request.utf8.count)) == [.bad("Protocol error: " + error)])
    }

    @Test func multibulkOfTheMostArgumentsReservesNothingForThoseThatHaveNotCome() {
        #expect(scanner.scan(bytes("*2147483647\r\n$1\r\na\r\n")) == .more)
        #expect(scanner.reservedArguments <= 16)
    }

    @Test func largestBulkIsWaitedForAndNotReadAhead() {
        #expect(scanner.scan(bytes("*1\r\n$536870912\r\nabc")) == .more)
    }

    @Test func lineWithoutEndIsRefusedBeyond64KB() {
        let scanner = Scanner(capacity: 1 << 20)
        let letters = [UInt8](repeating: 0x61, count: 70_000), digits = [UInt8](repeating: 0x31, count: 70_000)
        #expect(scanner.scan(letters[..<65_536]) == .more)
        #expect(scanner.scan(letters) == .bad("Protocol error: too big inline request"))
        #expect(scanner.scan([0x2a] + digits) == .bad("Protocol error: too big mbulk count string"))
        #expect(scanner.scan(bytes("*1\r\n$") + digits) == .bad("Protocol error: too big bulk count string"))
    }

    @Test func beforeAuthenticationLimitsAreSmallAndNamed() {
        scanner.limit(bulk: 16 << 10, arguments: 10, authenticated: false)
        let ten = multibulk(Array(repeating: bytes("a"), count: 10))
        #expect(scanner.scan(ten) == .command(Array(repeating: "a", count: 10), consumed: ten.count))
        #expect(scanner.scan(bytes("*11\r\n")) == .bad("Protocol error: unauthenticated multibulk length"))
        #expect(scanner.scan(bytes("*1\r\n$16385\r\n")) == .bad("Protocol error: unauthenticated bulk length"))
        #expect(scanner.scan(bytes("*1\r\n$16384\r\n")) == .more)
        #expect(scanner.scan(bytes("a a a a a a a a a a a\r\n")) == .bad("Protocol error: unauthenticated multibulk length"))
    }

    @Test func bulkLimitIsTheSettingsAndInclusive() {
        scanner.limit(bulk: 5, arguments: 3, authenticated: true)
        #expect(scanner.scan(bytes("*1\r\n$5\r\nabcde\r\n")) == .command(["abcde"], consumed: 15))
        #expect(scanner.scan(bytes("*1\r\n$6\r\n")) == .bad("Protocol error: invalid bulk length"))
        #expect(scanner.scan(bytes("*4\r\n")) == .bad("Protocol error: invalid multibulk length"))
    }

    @Test(arguments: [
        ("PING\r\n", ["PING"]),
        ("PING\n", ["PING"]),
        ("  SET \t key   value  \r\n", ["SET", "key", "value"]),
        ("SET k \"a b\"\r\n", ["SET", "k", "a b"]),
        ("SET k 'a b'\r\n", ["SET", "k", "a b"]),
        ("SET k \"\"\r\n", ["SET", "k", ""]),
        ("SET k ''\r\n", ["SET", "k", ""]),
        ("SET k \"\\n\\r\\t\\b\\a\\\\\\\"\\q\"\r\n", ["SET", "k", "\n\r\t\u{8}\u{7}\\\"q"]),
        ("SET k \"\\x41\\x7a\\x4A\"\r\n", ["SET", "k", "AzJ"]),
        ("SET k \"\\xg1\"\r\n", ["SET", "k", "xg1"]),
        ("SET k \"\\x4\"\r\n", ["SET", "k", "x4"]),
        ("SET k 'a\\'b\\n'\r\n", ["SET", "k", "a'b\\n"]),
        ("SET k a\\nb\r\n", ["SET", "k", "a\\nb"]),
        ("SET k ab\"cd\"\r\n", ["SET", "k", "abcd"]),
        ("$3\r\n", ["$3"]),
    ])
    func inlineLineIsSplitAndUnquotedAsInRedis(line: String, arguments: [String]) {
        let request = bytes(line)
        #expect(scanner.scan(request) == .command(arguments, consumed: request.count))
        #expect(scanner.scan(request + bytes("next")) == .command(arguments, consumed: request.count))
        #expect(scanner.scanAll(request, arrivingIn: ones(request.count)) == [.command(arguments, consumed: request.count)])
    }

    @Test func everyHexEscapeIsItsByte() {
        for byte in UInt8.min...UInt8.max {
            let digits = String(byte, radix: 16), escape = digits.count == 1 ? "0" + digits : digits
            let request = bytes("ECHO \"\\x\(escape)\"\r\n")
            #expect(scanner.scan(request) == .command([bytes("ECHO"), [byte]], consumed: request.count))
        }
    }
}

func multibulk(_ arguments: [[UInt8]]) -> [UInt8] {
    var request = bytes("*\(arguments.count)\r\n")
    for argument in arguments {
        request += bytes("$\(argument.count)\r\n")
        request += argument
        request += [13, 10]
    }
    return request
}

func multibulk(_ arguments: String...) -> [UInt8] {
    multibulk(arguments.map { bytes($0) })
}

func ones(_ count: Int) -> [Int] {
    Array(repeating: 1, count: count)
}
