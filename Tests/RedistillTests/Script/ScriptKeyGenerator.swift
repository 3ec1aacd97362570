/// Random scripts that move KEYS, its elements and `redis.call` about: most by ways that can be followed, with a few steps
/// among them by which other keys come in.
struct ScriptKeyGenerator {
    private var state: UInt64
    /// Variables in scope, by what they should hold.
    private var keys: [String] = []
    private var tables: [String] = []
    private var calls: [String] = []
    private var functions: [String] = []
    private var depth = 0
    private var made = 0

    init(seed: UInt64) {
        state = seed
    }

    private mutating func number(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    private mutating func pick(_ choices: [String]) -> String { choices[number(below: choices.count)] }

    private mutating func isRare(_ one: Int) -> Bool { number(below: one) == 0 }

    private mutating func fresh() -> String {
        made += 1
        return "v\(made)"
    }

    mutating func script() -> String {
        (keys, tables, calls, functions) = ([], [], [], [])
        depth = 0
        made = 0
        return block(3 + number(below: 5)) + " return 1"
    }

    private mutating func block(_ count: Int) -> String {
        let outer = (keys, tables, calls, functions)
        depth += 1
        defer {
            (keys, tables, calls, functions) = outer
            depth -= 1
        }
        return (0..<count).map { _ in statement() }.joined(separator: " ")
    }

    // MARK: Values

    private mutating func table() -> String { isRare(2) ? "KEYS" : pick(tables + ["KEYS"]) }

    private mutating func call() -> String {
        isRare(2) ? pick(["redis.call", "redis.pcall", "redis['call']"]) : pick(calls + ["redis.call"])
    }

    private mutating func key() -> String {
        switch number(below: 60) {
        case 0: "'o'"
        case 1: "ARGV[1]"
        case 2: "(\(pick(keys + ["KEYS[1]"])) or 'o')"
        case 3...6: "(\(pick(keys + ["KEYS[1]"])) or \(pick(keys + ["KEYS[2]"])))"
        case 7...9: "(unpack(\(table())))"
        case 10...25: "\(table())[\(pick(["1", "2", "3", "#KEYS", "4", "'x'"]))]"
        default: pick(keys + ["KEYS[1]", "KEYS[2]"])
        }
    }

    /// What must not go just anywhere.
    private mutating func anything() -> String {
        switch number(below: 8) {
        case 0...2: key()
        case 3: table()
        case 4: call()
        case 5: pick(["redis", "ARGV", "nil", "'o'"])
        default: pick(keys + tables + calls + functions + ["nil"])
        }
    }

    // MARK: Statements

    private mutating func statement() -> String {
        switch number(below: depth > 4 ? 15 : 22) {
        case 0...1: return declare(key(), { $0.keys.append($1) })
        case 2: return declare(table(), { $0.tables.append($1) })
        case 3: return declare(call(), { $0.calls.append($1) })
        case 4...7: return command()
        case 8: return assign()
        case 9: return keys.isEmpty ? command() : "\(pick(keys)) = \(isRare(3) ? "'o'" : key());"
        case 10: return functions.isEmpty ? command() : "\(pick(functions))(\(isRare(3) ? key() : ""));"
        case 11: return functions.isEmpty ? command() : "pcall(\(pick(functions)));"
        case 12: return functions.isEmpty || keys.isEmpty || isRare(3) ? command() : closureOver(pick(keys))
        case 13: return isRare(4) ? escape() : command()
        case 14: return "local _ = \(pick(["type", "tostring", "table.concat"]))(\(table()))"
        default: return nested()
        }
    }

    private mutating func declare(_ value: String, _ note: (inout ScriptKeyGenerator, String) -> Void) -> String {
        let name = fresh()
        note(&self, name)
        return isRare(6) ? "local \(name) \(name) = \(value);" : "local \(name) = \(value);"
    }

    private mutating func assign() -> String {
        let all = keys + tables + calls
        if all.isEmpty || !isRare(3) { return command() }
        let (first, second) = (pick(all), pick(all))
        return isRare(2) ? "\(first) = \(anything());" : "\(first), \(second) = \(second), \(anything());"
    }

    private mutating func nested() -> String {
        switch number(below: 9) {
        case 0: return "if ARGV[\(number(below: 5))] then \(block(2)) else \(block(2)) end"
        case 1:
            let walked = table()
            let outer = keys
            defer { keys = outer }
            let name = fresh()
            keys.append(name)
            return "for _, \(name) in \(pick(["ipairs", "pairs"]))(\(walked)) do \(block(2)) end"
        case 2: return "for n = 1, 2 do \(block(3)) end"
        case 3: return "do \(block(3)) end"
        case 4: return "pcall(function() \(block(2)) end)"
        case 5: return "local w = 0 while w < 2 do w = w + 1 \(block(2)) \(isRare(2) ? "if w == 1 then break end" : "") end"
        case 6: return "local w = 0 repeat w = w + 1 \(block(2)) until w > 1"
        default:
            let name = fresh()
            let body = block(1 + number(below: 2))
            functions.append(name)
            return isRare(2)
                ? "local function \(name)(x) \(body) end" : "local \(name) = function(x) \(body) \(isRare(8) ? "return \(anything())" : "") end"
        }
    }

    /// A variable that a function has, too, and that one of both changes.
    private mutating func closureOver(_ variable: String) -> String {
        let name = fresh()
        let (call, value) = (call(), isRare(2) ? "'o'" : key())
        return pick([
            "local \(name) = function() \(variable) = \(value) end \(name)() \(call)('get', \(variable));",
            "local \(name) = function() \(call)('get', \(variable)) end \(variable) = \(value) \(name)();",
            "local \(name) do local x = \(variable) \(name) = function() \(call)('get', x) end x = \(value) end \(name)();",
            "local \(name) = function() return function() \(variable) = \(value) end end \(name)()() \(call)('get', \(variable));",
        ])
    }

    /// What lets KEYS or commands get away.
    private mutating func escape() -> String {
        pick([
            "\(table())[1] = \(key())", "table.insert(\(table()), 1, \(key()))", "rawset(\(table()), 1, 'o')", "local t = {\(table())} t[1][1] = 'o'",
            "local t = {x = \(table())} t.x[2] = 'o'", "local t = {\(call())} t[1]('get', 'o')", "pcall(\(call()), 'get', 'o')",
            "_G.KEYS[1] = 'o'", "setmetatable(\(table()), {__index = ARGV})", "local f, t = ipairs(\(table())) t[1] = 'o'",
            "(function(t) t[1] = 'o' end)(\(table()))", "(function() return \(table()) end)()[2] = 'o'", "(function(c) c('get', 'o') end)(\(call()))",
            "string.gsub('o', 'o', \(call()))", "redis[ARGV[3]]('get', 'o')",
        ]) + ";"
    }

    private mutating func command() -> String {
        let (call, key, other) = (call(), key(), key())
        return pick([
            "\(call)('get', \(key))", "\(call)('get', \(key))", "\(call)('set', \(key), 'o')", "\(call)('mget', \(key), \(other))",
            "\(call)('mget', unpack(\(table())))", "\(call)('del', \(key), unpack(\(table()), 2))", "\(call)('set', \(key), unpack(ARGV))",
            "\(call)('mset', \(key), 'o', \(other), 'o')", "\(call)('copy', \(key), \(other))", "\(call)('ping')",
        ]) + ";"
    }
}
