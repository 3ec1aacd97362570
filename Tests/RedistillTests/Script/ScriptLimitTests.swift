import Testing

@testable import Redistill

/// No script runs for ever, takes all memory, or ends the process.
struct ScriptLimitTests {
    @Test(arguments: [
        "while true do end",
        "local function f() return f() end return f()",
        "repeat pcall(error) until false",
        "while true do pcall(function() while true do end end) end",
        "for i = 1, 1/0 do end",
        "return string.find(('a'):rep(5000), ('a-'):rep(100) .. 'b')",
        "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end",
        "table.sort({1, 2, 3, 4, 5}, function() while true do end end)",
        "return setmetatable({}, {__index = function() while true do end end}).x",
    ])
    func whatRunsForEverIsEnded(_ script: String) {
        let runner = ScriptRunner()
        runner.periods = 50
        #expect(runner.run(script) == "-ERR the script ran too long")
        #expect(runner.run("return 1") == "-ERR the script ran too long" || runner.periods < 0)
        runner.periods = Int.max
        #expect(runner.run("return 1") == ":1")
    }

    /// What does much by one instruction asks the host as often as what does little by many.
    @Test(arguments: [
        "return ('('):rep(1e6):find('%b()')", "return ('a'):rep(1e6):find('[' .. ('b'):rep(1e6) .. ']')", "return ('a'):rep(1e6):find('[' .. ('b'):rep(1e6) .. ']*c')",
        "return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b', 1, true)", "return ('a'):rep(1e6):find('(a+)%1b')", "return ('a'):rep(1e6):find('%f[' .. ('b'):rep(1e6) .. ']')",
        "local s = ('1'):rep(1e6) while true do local x = s + 1 end", "local s = ('1'):rep(1e6) while true do tonumber(s) end", "local s = (' '):rep(1e6) while true do tonumber(s, 16) end",
        "local s = ('1'):rep(1e6) while true do for i = s, 1 do end end", "local s = ('1'):rep(1e6) while true do math.floor(s) end",
        "local s = ('x'):rep(1e6) while true do local x = s:sub(2) end", "local s = ('x'):rep(1e6) while true do local x = table.concat({s, s}) end",
        "local s, r = ('x'):rep(1e6), ('x'):rep(1e6) while true do local x = s == r end", "local s, r = ('x'):rep(1e6), ('x'):rep(1e6) while true do local x = s < r end",
        "local s = (' '):rep(1e6) while true do pcall(cjson.decode, s) end", "local s = ('x'):rep(1e6) while true do cjson.encode(s) end", "local s = ('x'):rep(1e6) while true do cmsgpack.pack(s) end",
        "local s = ('x'):rep(1e6) while true do struct.pack('s', s) end", "local s = ('x'):rep(1e6) while true do s:find('y', 1, true) end", "local s = ('x'):rep(1e6) while true do redis.sha1hex(s) end",
        "local t = {} for i = 1, 1e6 do t[i] = i end for i = 1, 1e6 do t[i] = nil end while true do next(t) end",
        "local t = {} for i = 1, 1e6 do t[i] = i end for i = 1, 1e6 do t[i] = nil end while true do table.maxn(t) end",
        "local s = ('x'):rep(1e6) while true do string.format('%s', s) end", "local s = ('x'):rep(1e6) while true do s:upper() end", "local s = ('x'):rep(1e6) while true do local x = s .. s end",
    ])
    func muchInOneStepCountsForMany(_ script: String) {
        let runner = ScriptRunner()
        runner.periods = 5
        #expect(runner.run(script) == "-ERR the script ran too long")
    }

    @Test(arguments: [
        "return ('x'):rep(1e9)",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local t = {} while true do t[#t + 1] = 'x' .. #t end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "return table.concat({('x'):rep(1e7), ('x'):rep(1e7), ('x'):rep(1e7)}, ('y'):rep(1e7))",
        "return (('x'):rep(1e6)):gsub('x', ('y'):rep(1000))",
        "return cjson.encode({('x'):rep(1e7), ('x'):rep(1e7), ('x'):rep(1e7)})",
        // What a replacement holds while it calls for another one.
        """
        local big, n, at = ('y'):rep(1e5), 0, 0
        local function nest()
            n = n + 1
            local i = 0
            return n > 90 and 'z' or (('a'):rep(51)):gsub('a', function() i = i + 1 return i < 51 and big or nest() end)
        end
        return nest()
        """,
        "local t = {} for i = 1, 40 do local u = t t = function() return u end end while true do t = {t, t} end",
    ])
    func whatTakesTooMuchMemoryIsEnded(_ script: String) {
        let runner = ScriptRunner()
        runner.machine.memoryLimit = 16 << 20
        #expect(runner.run(script) == "-ERR not enough memory")
        #expect(runner.run("return 1") == ":1")
    }

    @Test func memoryComesBack() {
        let runner = ScriptRunner()
        runner.machine.memoryLimit = 4 << 20
        #expect(runner.run("local n = 0 for i = 1, 3e5 do local t = {('x'):rep(100), i} n = n + #t end return n") == ":600000")
        for _ in 0..<50 {
            #expect(runner.run("local t = {} for i = 1, 5000 do local x = {} x.self = x t[i] = x end return #t") == ":5000")
        }
    }

    /// Of scripts that ran, only so many stay with the machine, whatever their size; of names, too.
    @Test func scriptsThatRanAreForgotten() {
        let runner = ScriptRunner()
        #expect(runner.run("return 1") == ":1")
        let fresh = runner.machine.bytes
        for number in 0..<300 { #expect(runner.run("return #'\(String(repeating: "x", count: 100_000))\(number)'").hasPrefix(":10000")) }
        #expect(runner.machine.bytes - fresh < 5 << 20)
        for number in 0..<6000 { #expect(runner.run("return KEYS.name\(number)") == "$-1") }
        #expect(runner.machine.bytes - fresh < 5 << 20)
        #expect(runner.run("return cjson.encode({#'abc'})") == "$3 [3]")
    }

    @Test(arguments: [
        ("local function f() return 1 + f() end return f()", "stack overflow"),
        ("local function f() return pcall(f) end return tostring(select(2, f()))", ""),
        ("local function f() error(tostring(setmetatable({}, {__tostring = f}))) end f()", ""),
        ("local t = setmetatable({}, {}) getmetatable(t).__index = function(x, k) return x[k] end return t.x", "C stack overflow"),
        ("local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x", "loop in gettable"),
    ])
    func depthIsBounded(_ script: String, _ message: String) {
        #expect(ScriptRunner.run(script).contains(message))
    }

    /// A chain of a million tables goes without a million calls.
    @Test func longChainsGoWithoutRecursion() {
        let runner = ScriptRunner()
        runner.machine.memoryLimit = 1 << 30
        #expect(runner.run("local t = {} for i = 1, 1e6 do t = {t} end t = nil return 1") == ":1")
        #expect(runner.run("local f = 1 for i = 1, 3e5 do local g = f f = function() return g end end f = nil return 1") == ":1")
    }

    @Test(arguments: [
        "return string.rep('x', 2^63)", "return ('x'):sub(-2^63, 2^63)", "return ('x'):byte(-1/0, 1/0)", "return math.random(0/0)",
        "return {string.find('x', 'x', -2^63)}", "return {unpack({}, -2^31, 2^31)}", "return select(-2^31, 1)",
        "return table.concat({}, '', -2^31, -2^31)", "table.insert({}, 2^31, 1)",
        "return table.remove({}, 0/0)", "return string.format('%d %x %c', 0/0, -1/0, 2^40)", "return 0/0", "return 2^63", "return -2^70",
        "return struct.pack('i32I1', 2^64, -2^64)", "return {struct.unpack('i32', ('x'):rep(32))}", "return struct.size('c2147483647c2147483647!')",
        "return {struct.unpack('c2147483647', 'x', 2^62)}", "return cmsgpack.pack(2^63, -2^63, 0/0, 1/0, -1/0)",
        "return {cmsgpack.unpack_limit('abc', 2^62, 2^62)}", "return {cmsgpack.unpack('\\221\\255\\255\\255\\255')}",
        "return bit.lshift(1/0, 0/0)", "return bit.rol(1, -1)", "return bit.tohex(1, -2^31)", "return math.ldexp(1, 2^40)",
        "for i = 2^63, 2^63 + 10 do end", "local t = {} t[2^63] = 1 t[-2^63] = 1 t[0/1] = 2 return t[2^63]", "return tostring(2^63) .. 2^64",
        "return cjson.encode({[2^40] = 1})", "return tonumber('9', 2^40)", "return ('x'):rep(10, 5)", "redis.set_repl(2^70)",
        "redis.log(2^70, 'x')", "redis.setresp(0/0)", "return error()", "return error(nil)", "return error({})", "return error(error)",
        "return pcall()", "return xpcall()", "return xpcall(1, 2)", "return next({}, 'nokey')", "return {double = 0/0}", "return {map = 1}",
        "return {verbatim_string = {format = '', string = ''}}", "return {err = ''}", "return {ok = ''}", "return setmetatable({}, {__index = error}).x",
    ])
    func nothingTraps(_ script: String) {
        let runner = ScriptRunner()
        runner.periods = 30
        #expect(!runner.run(script).isEmpty)
    }

    /// Damaged and random texts: a reply to each, and the same machine goes on.
    @Test func randomTextsAreAnswered() {
        let words = [
            "return", "local", "function", "end", "if", "then", "else", "for", "in", "do", "while", "repeat", "until", "nil", "true", "not",
            "and", "or", "a", "b", "f", "1", "2.5", "'s'", "..", "...", "=", "==", "~=", "<", "(", ")", "{", "}", "[", "]", ",", ";", ":", ".",
            "+", "-", "*", "/", "%", "^", "#", "pairs", "string", "rep", "KEYS", "ARGV", "[[", "]]", "--", "\n", "break", "\"", "\\", "pcall", "error",
        ]
        var generator = LuaRandom()
        let runner = ScriptRunner()
        for _ in 0..<20_000 {
            runner.periods = 20
            let count = Int(generator.next() * 30)
            let script = (0..<count).map { _ in words[Int(generator.next() * Double(words.count))] }.joined(separator: " ")
            #expect(!runner.run(script).isEmpty)
        }
        runner.periods = 20
        #expect(runner.run("return 1") == ":1")
    }

    /// One compiled script on several threads, each with a machine of its own.
    @Test func aScriptIsSharedByThreads() async throws {
        let text = "local t = {} for i = 1, 2000 do t[i] = KEYS[1] .. i end return cjson.encode({#t, t[2000], a = 1})"
        let script = try ScriptRunner().compile(text)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let runner = ScriptRunner()
                    return (0..<20).allSatisfy { _ in
                        runner.run(script, keys: ["k"]) == "$28 {\"1\":2000,\"2\":\"k2000\",\"a\":1}"
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
