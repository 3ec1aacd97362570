import Testing

@testable import Redistill

/// The language itself: what a script returns.
struct ScriptLanguageTests {
    @Test(arguments: [
        ("return 1 + 2 * 3 ^ 2 % 5", ":4"),
        ("return 7 % -3", ":-2"),
        ("return 'a' .. 1 .. 2.5", "$5 a12.5"),
        ("return '10' + 5", ":15"),
        ("return not nil", ":1"),
        ("return false", "$-1"),
        ("return {1, 2, nil, 4}", "*2 :1 :2"),
        ("return {1, {2, {3}}, 'x'}", "*3 :1 *2 :2 *1 :3 $1 x"),
        ("return 3.99", ":3"),
        ("return -3.99", ":-3"),
        ("return #'abc' + #{1, 2}", ":5"),
        ("return 1 < 2 and 'a' < 'b' and not (1 > 2)", ":1"),
        ("return nil == false", "$-1"),
        ("return 2^53 == 2^53 + 1", ":1"),
        ("return tostring(1e15) .. tostring(0.1) .. tostring(-0)", "$10 1e+150.1-0"),
        ("return tostring(1/0) .. tostring(-1/0)", "$7 inf-inf"),
        ("return [[\nline]] .. [==[a]]b]==]", "$8 linea]]b"),
        ("return '\\65\\066\\n\\\\'", "$4 AB\n\\"),
        ("return 0x10 + 1e1", ":26"),
        ("--[[ long\ncomment ]] return 1 -- short", ":1"),
        ("", "$-1"),
        ("return", "$-1"),
    ])
    func expressions(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test(arguments: [
        ("local s = 0 for i = 1, 10 do s = s + i end return s", ":55"),
        ("local s = 0 for i = 10, 1, -3 do s = s + i end return s", ":22"),
        ("local n = 0 for i = 1, 0 do n = 1 end return n", ":0"),
        ("local n = 0 while true do n = n + 1 if n == 5 then break end end return n", ":5"),
        ("local n = 0 repeat local m = n n = n + 1 until m >= 3 return n", ":4"),
        ("local r = {} for k, v in pairs({10, 20, x = 30}) do r[#r + 1] = v end return r", "*3 :10 :20 :30"),
        ("local r = 0 for i, v in ipairs({1, 2, nil, 4}) do r = r + v end return r", ":3"),
        ("local a, b, c = (function() return 1, 2 end)() return {a, b, tostring(c)}", "*3 :1 :2 $3 nil"),
        ("local a, b = 1, 2 a, b = b, a return {a, b}", "*2 :2 :1"),
        ("local t = {} local i = 1 i, t[i] = 5, 6 return {i, t[1]}", "*2 :5 :6"),
        ("if nil then return 1 elseif false then return 2 else return 3 end", ":3"),
        ("do local x = 1 end local x = 2 return x", ":2"),
    ])
    func statements(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test(arguments: [
        ("local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end return f(15)", ":610"),
        ("local function f(...) return select('#', ...), ... end return {f(1, nil, 3)}", "*2 :3 :1"),
        ("local function f(...) return arg.n end return f(1, nil, 3)", ":3"),
        ("local function f(a, ...) local b, c = ... return {a, b, c} end return f(1, 2, 3, 4)", "*3 :1 :2 :3"),
        ("local function c() local n = 0 return function() n = n + 1 return n end end local f = c() f() return f()", ":2"),
        ("local t = {} for i = 1, 3 do t[i] = function() return i end end return {t[1](), t[2](), t[3]()}", "*3 :1 :2 :3"),
        ("local function f(n) if n == 0 then return 'done' end return f(n - 1) end return f(100000)", "$4 done"),
        ("local o = {n = 1} function o:add(x) self.n = self.n + x return self end return o:add(2):add(3).n", ":6"),
        ("return (function() return 1, 2, 3 end)()", ":1"),
        ("return {(function() return 1, 2, 3 end)(), (function() return 1, 2, 3 end)()}", "*4 :1 :1 :2 :3"),
        ("local f = string.upper return f 'x' .. ('y'):upper()", "$2 XY"),
    ])
    func functions(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test(arguments: [
        ("local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.x", "$2 x!"),
        ("local t = setmetatable({}, {__index = {a = {b = 7}}}) return t.a.b", ":7"),
        ("local l = {} local t = setmetatable({}, {__newindex = l}) t.x = 1 return {l.x, tostring(t.x)}", "*2 :1 $3 nil"),
        ("local t = setmetatable({}, {__call = function(self, a, b) return a + b end}) return t(1, 2)", ":3"),
        ("local m = {__eq = function() return true end} return setmetatable({}, m) == setmetatable({}, m)", ":1"),
        ("local m = {__lt = function(a, b) return a.v < b.v end} local a, b = setmetatable({v = 1}, m), setmetatable({v = 2}, m) return {a < b, a <= b, a > b}", "*3 :1 :1 $-1"),
        ("return setmetatable({}, {__concat = function(a, b) return 'c' .. b end}) .. 'd'", "$2 cd"),
        ("return -setmetatable({}, {__unm = function() return 5 end}) + setmetatable({}, {__add = function(a) return a end})", ":5"),
        ("return tostring(setmetatable({}, {__tostring = function() return 'T' end}))", "$1 T"),
        ("return #setmetatable({1}, {__len = function() return 9 end})", ":1"),
        ("return getmetatable(setmetatable({}, {__metatable = 'locked'}))", "$6 locked"),
        ("return getmetatable('').__index == string", ":1"),
    ])
    func metatables(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test(arguments: [
        ("local x x.y = 1", "attempt to index local 'x' (a nil value)"),
        ("local t = {} return t.a.b", "attempt to index field 'a' (a nil value)"),
        ("local t = {} t.f()", "attempt to call field 'f' (a nil value)"),
        ("local t = {} t:m()", "attempt to call method 'm' (a nil value)"),
        ("local x return (function() return x() end)()", "attempt to call upvalue 'x' (a nil value)"),
        ("return {} + 1", "attempt to perform arithmetic on a table value"),
        ("local s = 'x' return s * 2", "attempt to perform arithmetic on local 's' (a string value)"),
        ("return 'a' .. {}", "attempt to concatenate a table value"),
        ("return 1 < 'x'", "attempt to compare number with string"),
        ("return {} < {}", "attempt to compare two table values"),
        ("return #nil", "attempt to get length of a nil value"),
        ("for i = 'x', 2 do end", "'for' initial value must be a number"),
        ("local t = {} t[nil] = 1", "table index is nil"),
        ("local t = setmetatable({}, {__newindex = 1}) t[nil] = 1", "table index is nil"),
        ("return x", "Script attempted to access nonexistent global variable 'x'"),
        ("x = 1", "Attempt to modify a readonly table"),
        ("string.x = 1", "Attempt to modify a readonly table"),
        ("return string.rep()", "bad argument #1 to 'rep' (string expected, got no value)"),
        ("return ('x'):rep({})", "bad argument #1 to 'rep' (number expected, got table)"),
        ("error('boom')", "boom"),
        ("assert(false)", "assertion failed!"),
        ("assert(nil, 'why')", "why"),
    ])
    func errorsNameWhatIsWrong(_ script: String, _ message: String) {
        let reply = ScriptRunner.run(script)
        #expect(reply == "-ERR user_script:1: " + message)
    }

    @Test(arguments: [
        ("return 1 +", "user_script:1: unexpected symbol near '<eof>'"),
        ("if x then", "user_script:1: 'end' expected near '<eof>'"),
        ("\nfor i = 1 do end", "user_script:2: ',' expected near 'do'"),
        ("x = 'abc", "user_script:1: unfinished string near '<eof>'"),
        ("x = 1x", "user_script:1: malformed number near '1x'"),
        ("break", "user_script:1: no loop to break near '<eof>'"),
        ("goto a", "user_script:1: '=' expected near 'a'"),
        ("return ... , function() return ... end", "user_script:1: cannot use '...' outside a vararg function near '...'"),
        ("\n\nloadstring('x')", "user_script:3: 'loadstring' is not available in scripts of this server"),
        ("return coroutine.create", "user_script:1: 'coroutine' is not available in scripts of this server"),
        ("return string.dump(f)", "user_script:1: 'string.dump' is not available in scripts of this server"),
        (String(repeating: "(", count: 300), "user_script:1: chunk has too many syntax levels"),
    ])
    func whatIsNoScriptIsRefused(_ script: String, _ message: String) {
        #expect(ScriptRunner.run(script) == "-ERR Error compiling script (new function): " + message)
    }

    @Test func localsMayBeNamedLikeWhatIsRefused() {
        #expect(ScriptRunner.run("local load = 1 return load") == ":1")
    }

    @Test func anErrorTellsScriptAndLine() throws {
        let runner = ScriptRunner()
        let script = try runner.compile("local x = 1\nerror('boom')")
        var reply: [UInt8] = []
        let none = UnsafeBufferPointer<ScriptHost.Bytes>(start: nil, count: 0)
        runner.machine.run(script, keys: none, arguments: none, host: runner, resp: 2, into: &reply)
        let digest = String(decoding: script.digest, as: UTF8.self)
        #expect(String(decoding: reply, as: UTF8.self)
            == "-ERR user_script:2: boom script: \(digest), on @user_script:2.\r\n")
    }
}
