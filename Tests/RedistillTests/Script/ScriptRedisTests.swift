import Testing

@testable import Redistill

/// What Redis adds: commands, replies of both versions, flags.
struct ScriptRedisTests {
    @Test func compareAndDelete() {
        let script = "if redis.call('get',KEYS[1]) == ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end"
        let runner = ScriptRunner()
        runner.store = ["lock": "mine"]
        #expect(runner.run(script, keys: ["lock"], ["other"]) == ":0")
        #expect(runner.run(script, keys: ["lock"], ["mine"]) == ":1")
        #expect(runner.store.isEmpty)
        #expect(runner.calls.last == ["del", "lock"])
    }

    @Test(arguments: [
        ("1", "1"), ("1.5", "1.5"), ("1e15", "1000000000000000"), ("0.1", "0.1"), ("-0", "0"), ("1e300", "1e+300"),
        ("1e-7", "1e-7"), ("2^53", "9007199254740992"), ("1/3", "0.3333333333333333"), ("123456.789", "123456.789"),
    ])
    func numbersReachCommandsExactly(_ number: String, _ text: String) {
        let runner = ScriptRunner()
        _ = runner.run("return redis.call('set', 'k', \(number))")
        #expect(runner.store["k"] == text)
    }

    @Test(arguments: [
        ("$3\r\nabc\r\n", "$3 abc"), ("$-1\r\n", "$-1"), (":5\r\n", ":5"), ("+OK\r\n", "+OK"), ("*-1\r\n", "$-1"),
        ("*3\r\n:1\r\n$-1\r\n:3\r\n", "*3 :1 $-1 :3"), ("*0\r\n", "*0"),
    ])
    func repliesComeBackAsTheyWere(_ reply: String, _ expected: String) {
        let runner = ScriptRunner()
        runner.answers["x"] = reply
        #expect(runner.run("return redis.call('x')") == expected)
    }

    @Test(arguments: [
        ("%1\r\n+a\r\n:1\r\n", "%1 +a :1", "*2 +a :1"), ("~1\r\n:7\r\n", "~1 :7", "*1 :7"), (",1.5\r\n", ",1.5", "$3 1.5"),
        ("#t\r\n", "#t", ":1"), ("#f\r\n", "#f", ":0"), ("_\r\n", "_", "$-1"), ("(123\r\n", "(123", "$3 123"),
        ("=7\r\ntxt:abc\r\n", "=7 txt:abc", "$3 abc"), ("|1\r\n+a\r\n:1\r\n:9\r\n", ":9", ":9"),
    ])
    func repliesOfVersionThree(_ reply: String, _ expected: String, _ expectedOfTwo: String) {
        let runner = ScriptRunner()
        runner.answers["x"] = reply
        #expect(runner.run("redis.setresp(3) return redis.call('x')", resp: 3) == expected)
        #expect(runner.run("redis.setresp(3) return redis.call('x')", resp: 2) == expectedOfTwo)
    }

    @Test(arguments: [
        ("return redis.call('nope')", "-ERR Unknown Redis command called from script"),
        ("return redis.pcall('nope').err", "$44 ERR Unknown Redis command called from script"),
        ("return redis.pcall('nope')", "-ERR Unknown Redis command called from script"),
        ("return {pcall(redis.call, 'nope')}", "*2 $-1 $44 ERR Unknown Redis command called from script"),
        ("return redis.call()", "-ERR Please specify at least one argument for this redis lib call"),
        ("return redis.call('get', {})", "-ERR Lua redis lib command arguments must be strings or integers"),
        ("return redis.error_reply('MY error')", "-MY error"),
        ("return redis.error_reply('single')", "-ERR single"),
        ("return {err = 'a\\r\\nb'}", "-a  b"),
        ("return redis.status_reply('FINE')", "+FINE"),
        ("return redis.status_reply(1)", "-ERR wrong number or type of arguments"),
        ("return redis.sha1hex('')", "$40 da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("return redis.sha1hex(('a'):rep(200))", "$40 e61cfffe0d9195a525fc6cf06ca2d77119c24a40"),
        ("return redis.setresp(4)", "-ERR RESP version must be 2 or 3."),
        ("return redis.REDIS_VERSION", "$5 7.4.0"),
        ("return redis.REDIS_VERSION_NUM", ":459776"),
        ("return redis.replicate_commands()", ":1"),
        ("return redis.breakpoint()", "$-1"),
        ("return redis.acl_check_cmd('get', 'x')", ":1"),
        ("return redis.acl_check_cmd('nothing')", "-ERR Invalid command passed to redis.acl_check_cmd()"),
        ("return {double = 1.5}", "$3 1.5"),
        ("return {map = {a = 1}}", "*2 $1 a :1"),
        ("return {#KEYS, #ARGV}", "*2 :0 :0"),
    ])
    func functionsOfRedis(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test func linesGoToTheLog() {
        let runner = ScriptRunner()
        #expect(runner.run("redis.log(redis.LOG_WARNING, 'a', 1, 'b')") == "$-1")
        #expect(runner.logged == ["3 a 1 b"])
    }

    @Test func nothingStaysFromOneRunToTheNext() {
        let runner = ScriptRunner()
        #expect(runner.run("KEYS[1] = 'x' KEYS.y = 1 redis.setresp(3) cjson.encode_invalid_numbers(true) return 1", keys: ["k"]) == ":1")
        #expect(runner.run("return {#KEYS, tostring(KEYS.y)}") == "*2 :0 $3 nil")
        #expect(runner.run("return true", resp: 3) == ":1")
    }

    @Test func flagsOfTheFirstLine() throws {
        let runner = ScriptRunner()
        let script = try runner.compile("#!lua flags=no-writes,allow-stale\nreturn 1")
        #expect(script.header.flags == [.noWrites, .allowStale])
        #expect(try runner.compile("return 1").header.flags == nil)
        #expect(runner.run("#!lua\nerror('x')") == "-ERR user_script:2: x")
    }

    @Test(arguments: [
        ("#!lua", "Invalid script shebang"),
        ("#!python\nreturn 1", "Unexpected engine in script shebang: #!python"),
        ("#!lua flags=fast\nreturn 1", "Unexpected flag in script shebang: fast"),
        ("#!lua name=x\nreturn 1", "Unknown lua shebang option: name=x"),
    ])
    func firstLinesThatAreRefused(_ script: String, _ message: String) {
        #expect(ScriptRunner.run(script) == "-ERR " + message)
    }
}
