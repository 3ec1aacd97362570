import Testing

@testable import Redistill

/// Which scripts are known to touch no keys but those in KEYS.
struct ScriptKeyTests {
    /// Scripts of libraries, and the ways in which scripts are commonly written.
    @Test(arguments: [
        // redis-py's Lock: release, extend, reacquire.
        """
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
        redis.call('del', KEYS[1])
        return 1
        """,
        """
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
        local expiration = redis.call('pttl', KEYS[1])
        if not expiration then
            expiration = 0
        end
        if expiration < 0 then
            return 0
        end

        local newttl = ARGV[2]
        if ARGV[3] == "0" then
            newttl = ARGV[2] + expiration
        end
        redis.call('pexpire', KEYS[1], newttl)
        return 1
        """,
        """
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
        redis.call('pexpire', KEYS[1], ARGV[2])
        return 1
        """,
        // Redlock, node-redlock.
        "if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end",
        """
        -- Return 0 if an entry already exists.
        for i, key in ipairs(KEYS) do
          if redis.call("exists", key) == 1 then
            return 0
          end
        end
        -- Create an entry for each provided key.
        for i, key in ipairs(KEYS) do
          redis.call("set", key, ARGV[1], "PX", ARGV[2])
        end
        return #KEYS
        """,
        """
        local count = 0
        for i, key in ipairs(KEYS) do
          -- Only remove entries for *this* lock value.
          if redis.call("get", key) == ARGV[1] then
            redis.pcall("del", key)
            count = count + 1
          end
        end
        return count
        """,
        // Laravel: the lock, the limiter of queued jobs, the cache's add.
        """
        if redis.call("get",KEYS[1]) == ARGV[1] then
            return redis.call("del",KEYS[1])
        else
            return 0
        end
        """,
        """
        local function reset()
            redis.call('HMSET', KEYS[1], 'start', ARGV[2], 'end', ARGV[2] + ARGV[3], 'count', 1)
            return redis.call('EXPIRE', KEYS[1], ARGV[3] * 2)
        end

        if redis.call('EXISTS', KEYS[1]) == 0 then
            return {reset(), ARGV[2] + ARGV[3], ARGV[4] - 1}
        end

        if ARGV[1] >= redis.call('HGET', KEYS[1], 'start') and ARGV[1] <= redis.call('HGET', KEYS[1], 'end') then
            return {
                tonumber(redis.call('HINCRBY', KEYS[1], 'count', 1)) <= tonumber(ARGV[4]),
                redis.call('HGET', KEYS[1], 'end'),
                ARGV[4] - redis.call('HGET', KEYS[1], 'count')
            }
        end

        return {reset(), ARGV[2] + ARGV[3], ARGV[4] - 1}
        """,
        "return redis.call('exists',KEYS[1])<1 and redis.call('setex',KEYS[1],ARGV[2],ARGV[1])",
        // rate-limiter-flexible.
        """
        local ok = redis.call('set', KEYS[1], 0, 'EX', ARGV[2], 'NX') \
        local consumed = redis.call('incrby', KEYS[1], ARGV[1]) \
        local ttl = redis.call('pttl', KEYS[1]) \
        if ttl == -1 then \
          redis.call('expire', KEYS[1], ARGV[2]) \
          ttl = 1000 * ARGV[2] \
        end \
        return {consumed, ttl} \

        """,
        // limits: fixed window, sliding window counter.
        """
        local current
        local amount = tonumber(ARGV[2])
        current = redis.call("incrby", KEYS[1], amount)

        if tonumber(current) == amount then
            redis.call("expire", KEYS[1], ARGV[1])
        end

        return current
        """,
        """
        local current_count = redis.call('GET', KEYS[1])
        if current_count == false then current_count = 0 else current_count = tonumber(current_count) end
        local previous_ttl = redis.call('PTTL', KEYS[2])
        local previous_count = tonumber(redis.call('GET', KEYS[2]) or 0)
        return {previous_count, previous_ttl, current_count, redis.call('PTTL', KEYS[1])}
        """,
        // Variables for keys, commands and the function.
        "local key = KEYS[1] local n = redis.call('INCR', key) if n == 1 then redis.call('EXPIRE', key, ARGV[1]) end return n",
        "local call = redis.call return call('get', KEYS[1])",
        "local r = redis local c = r.call return c('get', KEYS[1])",
        "local keys = KEYS for i = 1, #keys do redis.call('del', keys[i]) end",
        "for i = 1, #KEYS do redis.call('del', KEYS[i]) end return #KEYS",
        "for i = #KEYS, 1, -1 do local key = KEYS[i] redis.call('set', key, i) end",
        "for _, key in pairs(KEYS) do redis.call('del', key) end",
        "for i = 1, table.getn(KEYS) do redis.call('del', KEYS[i]) end",
        "return redis.call('mget', unpack(KEYS))", "return redis.call('del', KEYS[1], unpack(KEYS, 2))",
        "local a, b = unpack(KEYS) return redis.call('get', b or a)",
        "local a, b = KEYS[1], KEYS[2] a, b = b, a return redis.call('get', a)",
        "local get = 'get' return redis.call(get, KEYS[1])",
        "return redis.call('set', KEYS[1], unpack(ARGV))", "return redis.call('mset', KEYS[1], ARGV[1], KEYS[2], 'x')",
        "return redis.call('mset', KEYS[1], KEYS[2])", "redis.call('ping') return redis.call('time')",
        "return redis.call('get', KEYS[tonumber(ARGV[1])])", "return redis.call('get', KEYS[#KEYS])",
        "local k = KEYS[1] if ARGV[1] then k = KEYS[2] end return redis.call('get', k)",
        "local key = KEYS[1] or KEYS[2] return redis.call('get', key)",
        "return pcall(function() return redis.call('get', KEYS[1]) end)",
        "local key = KEYS[1] local function get() return redis.call('get', key) end return get()",
        "local call, keys = redis.call, KEYS return (function() return (function() return call('get', keys[1]) end)() end)()",
        "local f for i, key in ipairs(KEYS) do f = function() return redis.call('get', key) end f() end",
        "local key key = KEYS[1] return redis.call('get', key)", "local key if ARGV[1] then key = KEYS[1] end return redis.call('get', key)",
        "redis.log(redis.LOG_NOTICE, table.concat(KEYS, ',')) return redis.call('get', KEYS[1])",
        "return {redis.call('get', KEYS[1]), cjson.encode(KEYS), type(KEYS), redis.sha1hex(KEYS[1])}",
        "local t = {KEYS[1], ARGV[1]} redis.call('set', KEYS[1], cjson.encode(t)) return t",
        "return redis.call()", "return redis.call('get')", "return redis.call(nil, 'other')", "return 1", "",
        "while redis.call('get', KEYS[1]) do if redis.call('del', KEYS[1]) == 0 then break end end",
        "repeat local x = redis.call('decr', KEYS[1]) until x < 0",
    ])
    func touchesOnlyItsKeys(_ script: String) throws {
        #expect(try ScriptKeyRunner.compile(script).touchesOnlyItsKeys)
    }

    /// Scripts that touch other keys, or might.
    @Test(arguments: [
        // No element of KEYS.
        "return redis.call('get', 'other')", "return redis.call('get', ARGV[1])", "return redis.call('get', KEYS[1] .. ':x')",
        "return redis.call('get', redis.call('get', KEYS[1]))", "return redis.call('get', 1)", "local k = {KEYS[1]} return redis.call('get', k[1])",
        "return redis.call('get', KEYS[1]:upper())", "return redis.call('get', (KEYS[1]:gsub('a', 'b')))",
        "return redis.call('mget', KEYS[1], 'other')", "return redis.call('mset', KEYS[1], 1, 'other', 2)",
        "return redis.call('mset', KEYS[1], 1, ARGV[1], 2)", "return redis.call('copy', KEYS[1], ARGV[1])",
        "local key = KEYS[1] key = ARGV[1] return redis.call('get', key)", "return redis.call('get', #KEYS)",
        "local key = KEYS[1] if ARGV[1] then key = ARGV[1] end return redis.call('get', key)",
        "local key = ARGV[1] or KEYS[1] return redis.call('get', key)", "local a, b = KEYS[1] a = b or 'x' return redis.call('get', a)",
        "return redis.call('get', ARGV[1] and KEYS[1] or 'x')", "for i, key in ipairs(KEYS) do redis.call('get', i) end",
        "for i, key in ipairs(ARGV) do redis.call('get', key) end", "for i, key, third in ipairs(KEYS), ARGV do redis.call('get', key) end",
        "local key = KEYS[1] for i = 1, 2 do redis.call('get', key) key = 'other' end",
        "local key = KEYS[1] while true do redis.call('get', key) key = key .. 'x' end",
        "local key = KEYS[1] repeat redis.call('get', key) key = ARGV[1] until not key",
        "for i, key in ipairs(KEYS) do key = 'x' redis.call('get', key) end", "for i = 1, 2 do redis.call('get', i) end",
        // KEYS changed, or given away.
        "KEYS[1] = 'other' return redis.call('get', KEYS[1])", "local k = KEYS k[1] = 'other' return redis.call('get', KEYS[1])",
        "KEYS.x = 'other' return redis.call('get', KEYS.x)",
        "local a, b = KEYS, KEYS b[1] = 'x' return redis.call('get', a[1])", "for i = 1, 3 do KEYS[i] = i end return redis.call('get', KEYS[1])",
        "table.insert(KEYS, 1, 'other') return redis.call('get', KEYS[1])", "table.sort(KEYS) return redis.call('get', KEYS[1])",
        "table.remove(KEYS) return redis.call('get', KEYS[1])", "rawset(KEYS, 1, 'x') return redis.call('get', KEYS[1])",
        "local insert = table.insert insert(KEYS, 'x') return redis.call('get', KEYS[1])",
        "table['insert'](KEYS, 'x') return redis.call('get', KEYS[1])", "local t = table t['in' .. 'sert'](KEYS, 'x')",
        "local function f(t) t[1] = 'x' end f(KEYS) return redis.call('get', KEYS[1])", "local t = {KEYS} t[1][1] = 'x' return redis.call('get', KEYS[1])",
        "local t = {} t.k = KEYS t.k[1] = 'x' return redis.call('get', KEYS[1])", "setmetatable(KEYS, {__index = ARGV}) return redis.call('get', KEYS[9])",
        "local function f() return KEYS end f()[1] = 'x' return redis.call('get', KEYS[1])",
        "local function f(...) local t = ... t[1] = 'x' end f(KEYS) return redis.call('get', KEYS[1])",
        "local t = setmetatable({}, {__index = KEYS}) return redis.call('get', t[1])", "pcall(table.insert, KEYS, 'x') return redis.call('get', KEYS[1])",
        "local f, s = ipairs(KEYS) s[1] = 'x' return redis.call('get', KEYS[1])", "select(2, ipairs(KEYS))[1] = 'x' return redis.call('get', KEYS[1])",
        "local t = {ipairs(KEYS)} t[2][1] = 'x' return redis.call('get', KEYS[1])", "local f = function() return ipairs(KEYS) end",
        "local t = KEYS if ARGV[1] then t = {} end t[1] = 'x' return redis.call('get', KEYS[1])",
        "local t = KEYS or {} t[1] = 'x' return redis.call('get', KEYS[1])", "local t = ARGV[1] and KEYS or ARGV return redis.call('get', t[1])",
        "error(KEYS)", "local ok, t = pcall(error, KEYS) t[1] = 'x' return redis.call('get', KEYS[1])", "return KEYS == setmetatable({}, {__eq = function(k) k[1] = 'x' end})",
        "return KEYS .. setmetatable({}, {__concat = function(k) k[1] = 'x' return redis.call('get', KEYS[1]) end})",
        "return KEYS + setmetatable({}, {__add = function(k) k[1] = 'x' end})", "return KEYS < setmetatable({}, {__lt = function(k) k[1] = 'x' end})",
        "local t = setmetatable({}, {__index = function(_, k) k[1] = 'x' end}) local _ = t[KEYS] return redis.call('get', KEYS[1])",
        "local t = setmetatable({}, {__newindex = function(_, _, v) v[1] = 'x' end}) t.a = KEYS return redis.call('get', KEYS[1])",
        "string.gsub('a', 'a', KEYS)", "for k, v in next, KEYS do redis.call('get', v) end", "for k in KEYS do end", "KEYS()",
        "table.foreach(KEYS, function(_, k) redis.call('get', k) end)", "KEYS:insert('x')", "return (KEYS)", "local t = {unpack(KEYS)} return redis.call('get', t[1])",
        // Variables that closures change.
        "local key = KEYS[1] local function f() key = 'x' end f() return redis.call('get', key)",
        "local key = KEYS[1] local function get() return redis.call('get', key) end key = 'x' return get()",
        "local key local function get() return redis.call('get', key) end key = ARGV[1] return get()",
        "local key = KEYS[1] local function f() return function(v) key = v end end f()('x') return redis.call('get', key)",
        "local keys = KEYS local function f() keys = {'x'} end f() return redis.call('get', keys[1])",
        "local keys = {'x'} local function f() return redis.call('get', keys[1]) end if ARGV[1] then keys = KEYS end return f()",
        "local fs = {} for i, key in ipairs(KEYS) do fs[1] = function() redis.call('get', key) end key = 'x' fs[1]() end",
        "local key = KEYS[1] for i = 1, 2 do local f = function() return redis.call('get', key) end f() key = 'x' end",
        "local call = redis.call local function f() call = ARGV[1] end f() call('get', KEYS[1])",
        "local function f() local k = KEYS return function() return k end end f()()[1] = 'x' return redis.call('get', KEYS[1])",
        "local a = KEYS local function f() local b = a b[1] = 'x' end f() return redis.call('get', KEYS[1])",
        "local key = KEYS[1] local set = function(v) key = v end local get = function() return redis.call('get', key) end set('x') return get()",
        "local cmd = 'get' local function f() cmd = 'keys' end f() return redis.call(cmd, KEYS[1])",
        "local function f(key) return redis.call('get', key) end return f('x')", "local function f(...) return redis.call('get', ...) end return f('x')",
        "local function f(call) return call('get', 'x') end return f(redis.call)",
        // redis.call given away, or reached otherwise.
        "return pcall(redis.call, 'get', 'x')", "local t = {redis.call} return t[1]('get', 'x')", "local t = {c = redis.call} return t.c('get', 'x')",
        "return xpcall(function() return redis.call('get', 'x') end, error)", "return (function(...) return select(1, ...)('get', 'x') end)(redis.call)",
        "local c = {redis} return c[1].call('get', 'x')", "local name = 'ca' .. 'll' return redis[name]('get', 'x')", "return redis[ARGV[1]]('get', 'x')",
        "for k, f in pairs(redis) do if k == 'call' then f('get', 'x') end end", "return _G.redis.call('get', 'x')", "return _G['redis']['call']('get', 'x')",
        "local g = _G g.KEYS[1] = 'x' return redis.call('get', KEYS[1])", "return rawget(_G, 'KEYS')", "local k = _G['KE' .. 'YS'] k[1] = 'x'",
        "return rawget(redis, 'call')('get', 'x')", "for k, v in redis.call, 'get', 'x' do end", "return table.foreach({get = 'x'}, redis.call)",
        "return string.gsub('x', 'x', redis.call)", "setmetatable(ARGV, {__index = redis.call})", "local t = setmetatable({}, {__call = redis.call}) t('x')",
        "table.sort({'get', 'x'}, redis.pcall)", "local c = ARGV[1] and redis.call or redis.pcall c('get', 'x')", "return redis:call('get', 'x')",
        "local function f() return redis.call end return f()('get', 'x')", "local c if ARGV[1] then c = redis.call else c = print end c('get', KEYS[1])",
        "local call = redis.call call('get', 'x')", "local r = redis r.call('get', 'x')", "local r = redis return (function() return r.call('get', 'x') end)()",
        "return redis.pcall('get', 'x')", "return redis['call']('get', 'x')", "redis.call = function() end", "redis.x = redis.call",
        // Commands that are not known.
        "return redis.call(ARGV[1], KEYS[1])", "return redis.call('ge' .. 't', KEYS[1])", "return redis.call(unpack(ARGV))", "return redis.call(unpack(KEYS))",
        "return redis.call('keys', '*')", "return redis.call('scan', 0)", "return redis.call('randomkey')", "return redis.call('flushall')", "return redis.call('nothing', KEYS[1])",
        "return redis.call('sort', KEYS[1], 'by', 'w_*', 'get', 'x_*')", "return redis.call('eval', 'return 1', 0)", "return redis.call('select', 1)",
        "local c = ARGV[1] and 'get' or 'keys' return redis.call(c, KEYS[1])", "for _, c in ipairs({'get'}) do redis.call(c, KEYS[1]) end",
        "return redis.call(KEYS[1], KEYS[2])", "return redis.call(1, KEYS[1])",
        // Keys behind what has no known length.
        "return redis.call('mget', unpack(ARGV))", "return redis.call('get', unpack(ARGV))", "return redis.call('del', KEYS[1], unpack(ARGV))",
        "return redis.call('mget', KEYS[1], (unpack(ARGV)))", "return redis.call('mset', unpack(ARGV))", "return redis.call('del', ...)",
        "local function f() return 'x' end return redis.call('get', f())", "return redis.call('mget', unpack({'x'}))",
        "return redis.call('copy', KEYS[1], unpack(ARGV))", "local t = {KEYS[1]} return redis.call('del', unpack(t))",
        "local unpack = function() return 'x' end return redis.call('mget', unpack(KEYS))", "local ipairs = function(t) return pairs({'x'}) end for i, k in ipairs(ARGV) do redis.call('get', k) end",
        "local function ipairs(t) t[1] = 'x' end ipairs(KEYS)", "local redis = {call = function() end} local KEYS = ARGV return _G", "local KEYS = ARGV return redis.call('get', KEYS[1])",
        "local KEYS = {'x'} return redis.call('get', KEYS[1])", "local function f(KEYS) return redis.call('get', KEYS[1]) end return f(ARGV)",
    ])
    func mightTouchOthers(_ script: String) throws {
        #expect(try !ScriptKeyRunner.compile(script).touchesOnlyItsKeys)
    }

    @Test func withoutPositionsOfCommandsNothingIsProved() throws {
        #expect(try !ScriptRunner().compile("return redis.call('get', KEYS[1])").touchesOnlyItsKeys)
        #expect(try ScriptRunner().compile("return ARGV[1]").touchesOnlyItsKeys)
    }

    /// Scripts of all sizes are looked through in time; those that are too large are taken for any.
    @Test func largeScriptsAreAnsweredInTime() throws {
        let line = "do local a = redis.call('get', KEYS[1]) if a then for i = 1, 2 do redis.call('set', KEYS[2], a) end end end\n"
        #expect(try ScriptKeyRunner.compile(String(repeating: line, count: 500)).touchesOnlyItsKeys)
        #expect(try !ScriptKeyRunner.compile(String(repeating: line, count: 50_000)).touchesOnlyItsKeys)
    }

    /// Random scripts: one that is said to touch only its keys never asks for another.
    @Test func whatIsProvedHolds() throws {
        var generator = ScriptKeyGenerator(seed: 13)
        let runner = ScriptKeyRunner()
        var proved = 0
        for _ in 0..<4_000 {
            let text = generator.script()
            guard let script = try? ScriptKeyRunner.compile(text), script.touchesOnlyItsKeys else { continue }
            proved += 1
            let strays = runner.strays(of: script)
            #expect(strays.isEmpty, "\(strays) in\n\(text)")
        }
        #expect(proved > 800)
    }
}
