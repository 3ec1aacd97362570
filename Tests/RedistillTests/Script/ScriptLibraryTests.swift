import Testing

@testable import Redistill

/// The libraries.
struct ScriptLibraryTests {
    @Test(arguments: [
        ("return {string.find('hello world', 'o (w)')}", "*3 :5 :7 $1 w"),
        ("return {string.find('a.b', '.', 1, true)}", "*2 :2 :2"),
        ("return {string.gsub('hello', 'l+', '<%0>')}", "*2 $7 he<ll>o :1"),
        ("return {string.gsub('abc', '%w', {a = 1, b = false})}", "*2 $3 1bc :3"),
        ("return {string.match('key=value', '(%w+)=(%w+)')}", "*2 $3 key $5 value"),
        ("return {string.match('f(a(b)c)', '%b()'), string.match('THE (quick) fox', '%f[%a]%a+', 5)}", "*2 $7 (a(b)c) $5 quick"),
        ("local r = {} for w in ('a b c'):gmatch('%a') do r[#r + 1] = w end return r", "*3 $1 a $1 b $1 c"),
        ("return string.format('%5.2f|%-4d|%x|%q', 1.5, 7, 255, 'a\"b')", "$20  1.50|7   |ff|\"a\\\"b\""),
        ("return {('abc'):byte(1, -1)}", "*3 :97 :98 :99"),
        ("return string.char(72, 105) .. ('ab'):rep(3) .. ('abc'):reverse() .. ('abc'):sub(-2)", "$13 Hiabababcbabc"),
        ("return ('x'):rep(-1)", "$0 "),
    ])
    func strings(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test(arguments: [
        ("local t = {3, 1, 2} table.sort(t) return t", "*3 :1 :2 :3"),
        ("local t = {1, 3} table.insert(t, 2, 2) table.insert(t, 4) return t", "*4 :1 :2 :3 :4"),
        ("local t = {1, 2, 3} return {table.remove(t, 1), table.remove(t), #t}", "*3 :1 :3 :1"),
        ("return table.concat({1, 'b', 3}, '-')", "$5 1-b-3"),
        ("return table.maxn({1, [10] = 2})", ":10"),
        ("local n = 0 local t = {a = 1, b = 2, c = 3} for k in pairs(t) do t[k] = nil n = n + 1 end return {n, tostring(next(t))}", "*2 :3 $3 nil"),
        ("return {unpack({1, 2, 3}, 2)}", "*2 :2 :3"),
        ("return {select(-1, 1, 2, 3), select('#', nil, nil)}", "*2 :3 :2"),
        ("return {math.floor(-1.5), math.ceil(1.2), math.max(1, 5, 3), math.abs(-2), math.fmod(7, 3)}", "*5 :-2 :2 :5 :2 :1"),
        ("return {tonumber('0x1F'), tonumber('z', 36), tostring(tonumber('1x'))}", "*3 :31 :35 $3 nil"),
        ("return {pcall(error, {err = 'E x'})}", "*2 $-1 $3 E x"),
        ("return {pcall(error, setmetatable({}, {__index = {err = 'E x'}}))}", "*2 $-1 $3 E x"),
        ("return {pcall(collectgarbage, '\\255')}", "*2 $-1 $43 bad argument #1 to '?' (invalid option '\u{FFFD}')"),
        ("return {xpcall(function() error('a') end, function(m) return 'H ' .. m end)}", "*2 $-1 $18 H user_script:1: a"),
        ("return {type(nil), type(1), type('x'), type({}), type(type), type(cjson.null)}",
            "*6 $3 nil $6 number $6 string $5 table $8 function $8 userdata"),
    ])
    func tablesAndNumbers(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test(arguments: [
        ("return cjson.encode({1, 'a', true, cjson.null, {x = 1.5}})", "$27 [1,\"a\",true,null,{\"x\":1.5}]"),
        ("return cjson.encode({})", "$2 {}"),
        ("return cjson.decode('{\"a\":[1,{\"b\":\"\\\\u00e9/\"}]}').a[2].b", "$3 é/"),
        ("return cjson.decode('[1, 2')", "-ERR user_script:1: Expected comma or array end but found T_END at character 6"),
        ("return cjson.encode({[1] = 1, [100] = 2})", "-ERR user_script:1: Cannot serialise table: excessively sparse array"),
        ("return cjson.encode(1/0)", "-ERR user_script:1: Cannot serialise number: must not be NaN or Inf"),
        ("local t = {} t[1] = t return cjson.encode(t)", "-ERR user_script:1: Cannot serialise, excessive nesting (1001)"),
        ("return cjson.decode(('['):rep(1001))", "-ERR user_script:1: Found too many nested data structures (1001) at character 1001"),
        ("return cmsgpack.unpack(cmsgpack.pack({1, 'a', {b = 2}}))[3].b", ":2"),
        ("return {cmsgpack.unpack_one(cmsgpack.pack(1, 2))}", "*2 :1 :1"),
        ("return struct.unpack('>I2', struct.pack('>I2', 258))", ":258"),
        ("return struct.size('!4 b i')", ":8"),
        ("return {bit.band(255, 15), bit.bor(1, 2), bit.bxor(5, 1), bit.lshift(1, 4), bit.tohex(255, 4)}", "*5 :15 :3 :4 :16 $4 00ff"),
    ])
    func formats(_ script: String, _ reply: String) {
        #expect(ScriptRunner.run(script) == reply)
    }

    @Test func keysOfAnObjectComeInTheOrderOfRedis() {
        #expect(ScriptRunner.run("return cjson.encode({a = 1, b = 2, c = 3, d = 4})") == "$25 {\"a\":1,\"d\":4,\"c\":3,\"b\":2}")
    }

    /// All bytes of a key decide where it stands, however many there are.
    @Test func longKeysComeInTheOrderOfRedis() {
        let script = "local r = {} for k in pairs({[('ab'):rep(60)] = 1, [true] = 1, [255] = 1}) do r[#r + 1] = type(k) end return r"
        #expect(ScriptRunner.run(script) == "*3 $6 string $7 boolean $6 number")
    }

    @Test func randomNumbersGoOnFromRunToRun() {
        let runner = ScriptRunner()
        let draw = "return {math.random(1e9), math.random(1e9), math.random(1e9)}"
        #expect(runner.run(draw) != runner.run(draw))
        let seeded = runner.run("math.randomseed(7) " + draw)
        #expect(runner.run(draw) != seeded)
        #expect(runner.run("math.randomseed(7) " + draw) == seeded)
    }
}
