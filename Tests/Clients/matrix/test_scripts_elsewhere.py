"""Scripts with the features of those whose packages no registry of ours has: node-redlock, rate-limiter-flexible,
rate-limit-redis, Spring Cloud Gateway and Integration, Kong, redsync, redislock, ulule/limiter, redis_rate, older
fastapi-limiter. The texts are ours; what they ask of the server, and how their clients send it, is theirs."""

import hashlib
import json
import threading
import time

import redis

from peer import DaemonTest


class Scripts(DaemonTest):
    def setUp(self):
        super().setUp()
        self.client = redis.Redis(port=self.port, decode_responses=True)
        self.addCleanup(self.client.close)

    def call(self, script, keys, *arguments):
        """As most clients do: by its digest, and whole when the server does not know it."""
        try:
            return self.client.evalsha(hashlib.sha1(script.encode()).hexdigest(), len(keys), *keys, *arguments)
        except redis.exceptions.NoScriptError:
            return self.client.eval(script, len(keys), *keys, *arguments)


class Locks(Scripts):
    TAKE_ALL = """
        -- node-redlock: all resources or none
        for i, key in ipairs(KEYS) do
          if redis.call("exists", key) == 1 then
            return 0
          end
        end
        for i, key in ipairs(KEYS) do
          redis.call("set", key, ARGV[1], "PX", ARGV[2])
        end
        return #KEYS"""
    EXTEND_ALL = """
        for i, key in ipairs(KEYS) do
          if redis.call("get", key) ~= ARGV[1] then
            return 0
          end
        end
        for i, key in ipairs(KEYS) do
          redis.call("pexpire", key, ARGV[2])
        end
        return #KEYS"""
    RELEASE_ALL = """
        local count = 0
        for i, key in ipairs(KEYS) do
          if redis.pcall("get", key) == ARGV[1] then
            redis.pcall("del", key)
            count = count + 1
          end
        end
        return count"""

    def test_several_resources_are_taken_together(self):
        rooms = ["room:1", "room:2", "room:3"]
        self.assertEqual(self.call(self.TAKE_ALL, rooms, "me", 60_000), 3)
        self.assertEqual(self.call(self.TAKE_ALL, ["room:9", "room:2"], "you", 60_000), 0)
        self.assertFalse(self.client.exists("room:9"))
        self.assertEqual(self.call(self.EXTEND_ALL, rooms, "me", 90_000), 3)
        self.assertGreater(self.client.pttl("room:2"), 60_000)
        self.assertEqual(self.call(self.EXTEND_ALL, rooms, "you", 90_000), 0)
        self.assertEqual(self.call(self.RELEASE_ALL, rooms, "you"), 0)
        self.assertEqual(self.call(self.RELEASE_ALL, rooms, "me"), 3)
        self.assertEqual(self.count_keys(), 0)

    def test_only_one_of_many_holds_all_of_them(self):
        rooms, holders, most, turns = [f"room:{i}" for i in range(5)], [], [], []

        def work(name):
            with redis.Redis(port=self.port) as client:
                take, release = client.register_script(self.TAKE_ALL), client.register_script(self.RELEASE_ALL)
                for turn in range(20):
                    mine = rooms[turn % 3:] + rooms[:turn % 2]
                    while not take(mine, [name, 60_000]):
                        time.sleep(0.0005)
                    holders.append(name)
                    most.append(len(holders))
                    turns.append(name)
                    holders.remove(name)
                    release(mine, [name])
        threads = [threading.Thread(target=work, args=(f"worker {i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Every turn has room 2, so one holder at a time.
        self.assertEqual((len(turns), max(most)), (80, 1))
        self.assertEqual(self.count_keys(), 0)

    def test_an_answer_that_is_a_status_or_nothing(self):
        # redislock asks for the time left, and tells "not mine" by nil.
        left = """if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pttl", KEYS[1]) else return nil end"""
        refresh = """if redis.call("get", KEYS[1]) == ARGV[1] then redis.call("pexpire", KEYS[1], ARGV[2])
                     return redis.status_reply("OK") end return false"""
        self.client.set("job", "me", px=60_000)
        self.assertIn(self.call(left, ["job"], "me"), range(50_000, 60_001))
        self.assertIsNone(self.call(left, ["job"], "you"))
        self.assertEqual(self.call(refresh, ["job"], "me", 90_000), "OK")
        self.assertIsNone(self.call(refresh, ["job"], "you", 90_000))

    def test_one_script_takes_or_keeps(self):
        # Spring Integration's registry: true becomes 1 and false nil.
        obtain = """
            local holder = redis.call('GET', KEYS[1])
            if holder == ARGV[1] then
              redis.call('PEXPIRE', KEYS[1], ARGV[2])
              return true
            elseif not holder then
              redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
              return true
            end
            return false"""
        self.assertEqual([self.call(obtain, ["job"], name, 60_000) for name in ("me", "me", "you")], [1, 1, None])


class Limiters(Scripts):
    def test_points_in_a_window(self):
        # rate-limiter-flexible
        consume = """
            redis.call('set', KEYS[1], 0, 'EX', ARGV[2], 'NX')
            local consumed = redis.call('incrby', KEYS[1], ARGV[1])
            local ttl = redis.call('pttl', KEYS[1])
            if ttl == -1 then
              redis.call('expire', KEYS[1], ARGV[2])
              ttl = 1000 * ARGV[2]
            end
            return {consumed, ttl}"""
        replies = [self.call(consume, ["user"], points, 60) for points in (1, 2, 3)]
        self.assertEqual([consumed for consumed, _ in replies], [1, 3, 6])
        for _, ttl in replies:
            self.assertIn(ttl, range(50_000, 60_001))
        self.client.persist("user")
        self.assertEqual(self.call(consume, ["user"], 1, 60), [7, 60_000])

    def test_hits_and_their_reset(self):
        # rate-limit-redis, which loads its scripts first and calls them by their digests
        hit = self.client.script_load("""
            local windowMs = tonumber(ARGV[2])
            local resetOnChange = ARGV[1] == "1"
            local timeToExpire = redis.call("PTTL", KEYS[1])
            if timeToExpire <= 0 then
              redis.call("SET", KEYS[1], 1, "PX", windowMs)
              return { 1, windowMs }
            end
            local totalHits = redis.call("INCR", KEYS[1])
            if resetOnChange then
              redis.call("PEXPIRE", KEYS[1], windowMs)
              timeToExpire = windowMs
            end
            return { totalHits, timeToExpire }""")
        get = self.client.script_load("""
            local totalHits = redis.call("GET", KEYS[1])
            local timeToExpire = redis.call("PTTL", KEYS[1])
            return { totalHits, timeToExpire }""")
        self.assertEqual(self.client.evalsha(hit, 1, "user", "0", 60_000), [1, 60_000])
        self.assertEqual(self.client.evalsha(hit, 1, "user", "1", 90_000), [2, 90_000])
        self.assertEqual(self.client.evalsha(get, 1, "user")[0], "2")
        self.assertEqual(self.client.evalsha(get, 1, "another"), [None, -2])

    def test_a_token_bucket_in_two_keys(self):
        # Spring Cloud Gateway: numbers with fractions in the store, cut in the reply
        bucket = """
            redis.replicate_commands()
            local tokens_key, timestamp_key = KEYS[1], KEYS[2]
            local rate, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
            local now, requested = tonumber(ARGV[3]), tonumber(ARGV[4])
            local ttl = math.floor(capacity / rate * 2)
            if now == nil then now = redis.call('TIME')[1] end
            local last_tokens = tonumber(redis.call("get", tokens_key))
            if last_tokens == nil then last_tokens = capacity end
            local last_refreshed = tonumber(redis.call("get", timestamp_key))
            if last_refreshed == nil then last_refreshed = 0 end
            local delta = math.max(0, now - last_refreshed)
            local filled_tokens = math.min(capacity, last_tokens + (delta * rate))
            local allowed = filled_tokens >= requested
            local new_tokens, allowed_num = filled_tokens, 0
            if allowed then
              new_tokens = filled_tokens - requested
              allowed_num = 1
            end
            if ttl > 0 then
              redis.call("setex", tokens_key, ttl, new_tokens)
              redis.call("setex", timestamp_key, ttl, now)
            end
            return { allowed_num, new_tokens }"""
        keys = ["request_rate_limiter.{user}.tokens", "request_rate_limiter.{user}.timestamp"]
        start = 1_700_000_000
        replies = [self.call(bucket, keys, "0.5", 3, start + later, 1) for later in (0, 0, 0, 0, 1, 3)]
        self.assertEqual(replies, [[1, 2], [1, 1], [1, 0], [0, 0], [0, 0], [1, 0]])
        self.assertEqual(self.client.get(keys[0]), "0.5")
        self.assertIn(self.client.ttl(keys[1]), (11, 12))
        self.assertEqual(self.call(bucket, keys, 1, 3, "", 1), [1, 2])  # the server's time

    def test_a_cell_rate_with_fractions_as_strings(self):
        # redis_rate: GCRA over the server's time
        limit = """
            redis.replicate_commands()
            local burst, rate, period, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
            local emission_interval = period / rate
            local increment = emission_interval * cost
            local burst_offset = emission_interval * burst
            local jan_1_2017 = 1483228800
            local now = redis.call("TIME")
            now = (now[1] - jan_1_2017) + (now[2] / 1000000)
            local tat = redis.call("GET", KEYS[1])
            if not tat then tat = now else tat = tonumber(tat) end
            tat = math.max(tat, now)
            local new_tat = tat + increment
            local allow_at = new_tat - burst_offset
            local diff = now - allow_at
            local remaining = diff / emission_interval
            if remaining < 0 then
              return { 0, 0, tostring(diff * -1), tostring(tat - now) }
            end
            local reset_after = new_tat - now
            if reset_after > 0 then
              redis.call("SET", KEYS[1], new_tat, "EX", math.ceil(reset_after))
            end
            return { cost, remaining, tostring(-1), tostring(reset_after) }"""
        replies = [self.call(limit, ["rate:user"], 3, 3, 3600, 1) for _ in range(5)]
        self.assertEqual([allowed for allowed, *_ in replies], [1, 1, 1, 0, 0])
        self.assertEqual(replies[0][1:3], [2, "-1"])
        self.assertTrue(1100 < float(replies[3][2]) <= 1200, replies[3])
        self.assertTrue(3500 < float(replies[3][3]) <= 3600, replies[3])

    def test_counters_whose_end_is_set_with_the_first(self):
        kong = """
            local key, value, expiration = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
            local exists = redis.call("ttl", key)
            redis.call("incrby", key, value)
            if exists == -2 then redis.call("expire", key, expiration) end
            return exists"""
        self.assertEqual(self.call(kong, ["kong"], 1, 60), -2)
        self.assertIn(self.call(kong, ["kong"], 5, 600), (59, 60))
        self.assertEqual(self.client.get("kong"), "6")
        ulule = """
            local key, count, ttl = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
            local ret = redis.call("incrby", key, ARGV[1])
            if ret == count then
              if ttl > 0 then redis.call("pexpire", key, ARGV[2]) end
              return {ret, ttl}
            end
            ttl = redis.call("pttl", key)
            return {ret, ttl}"""
        self.assertEqual(self.call(ulule, ["ulule"], 1, 60_000), [1, 60_000])
        self.assertIn(self.call(ulule, ["ulule"], 1, 60_000)[1], range(50_000, 60_001))
        fastapi = """local current = tonumber(redis.call('get', KEYS[1]) or "0")
            if current > 0 then
              if current + 1 > tonumber(ARGV[1]) then return redis.call("PTTL", KEYS[1])
              else redis.call("INCR", KEYS[1]) return 0 end
            else redis.call("SET", KEYS[1], 1, "px", ARGV[2]) return 0 end"""
        waits = [self.call(fastapi, ["page"], 3, 60_000) for _ in range(4)]
        self.assertEqual(waits[:3], [0, 0, 0])
        self.assertIn(waits[3], range(50_000, 60_001))

    def test_of_many_at_once_as_many_pass_as_may(self):
        limit = """local n = redis.call('INCR', KEYS[1])
            if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
            return n <= tonumber(ARGV[1])"""
        passed = []

        def ask():
            with redis.Redis(port=self.port) as client:
                script = client.register_script(limit)
                passed.extend(script(keys=[f"user:{i % 8}"], args=[50, 60_000]) for i in range(200))
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(passed), passed.count(1)), (1200, 400))


class Caches(Scripts):
    def test_a_document_is_changed_in_place(self):
        change = """
            local raw = redis.call('GET', KEYS[1])
            if not raw then return redis.error_reply('MISSING no such document') end
            local document = cjson.decode(raw)
            if document.version ~= tonumber(ARGV[1]) then return {err = 'CONFLICT version ' .. document.version} end
            document.version = document.version + 1
            for name, value in pairs(cjson.decode(ARGV[2])) do document[name] = value end
            redis.call('SET', KEYS[1], cjson.encode(document), 'KEEPTTL')
            return document.version"""
        self.client.set("d", json.dumps({"version": 1, "tags": ["a"], "price": 1.5}), ex=100)
        self.assertEqual(self.call(change, ["d"], 1, '{"price": 2.25, "name": "gr\\u00f6\\u00dfe"}'), 2)
        self.assertEqual(json.loads(self.client.get("d")),
                         {"version": 2, "tags": ["a"], "price": 2.25, "name": "größe"})
        self.assertIn(self.client.ttl("d"), (99, 100))
        with self.assertRaisesRegex(redis.ResponseError, "^CONFLICT version 2$"):
            self.call(change, ["d"], 1, "{}")
        with self.assertRaisesRegex(redis.ResponseError, "^MISSING no such document$"):
            self.call(change, ["absent"], 1, "{}")

    def test_keys_of_a_pattern_go_in_slices(self):
        clear = """
            local keys = redis.call('KEYS', ARGV[1])
            for i = 1, #keys, 5000 do
              redis.call('UNLINK', unpack(keys, i, math.min(i + 4999, #keys)))
            end
            return #keys"""
        self.client.mset({f"page:{i}": i for i in range(12_000)})
        self.client.set("other", 1)
        self.assertEqual(self.call(clear, [], "page:*"), 12_000)
        self.assertEqual(self.client.keys(), ["other"])

    def test_a_scan_within_a_script_deletes_a_name_space(self):
        clear = """
            local cursor, deleted = 0, 0
            repeat
              local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. '*', 'COUNT', 100)
              for _, key in ipairs(page[2]) do
                redis.call('DEL', key)
                deleted = deleted + 1
              end
              cursor = tonumber(page[1])
            until cursor == 0
            return deleted"""
        self.client.mset({f"page:{i}": i for i in range(1000)})
        self.assertEqual(self.call(clear, [], "page:"), 1000)
        self.assertEqual(self.count_keys(), 0)

    def test_one_process_at_a_time_computes(self):
        # A lease against a stampede: the value, or the right to compute it, or waiting.
        lease = """
            local value = redis.call('GET', KEYS[1])
            if value then return {'value', value} end
            if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'compute'} end
            return {'wait', redis.call('PTTL', KEYS[2])}"""
        store = """
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return false end
            redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
            redis.call('DEL', KEYS[2])
            return redis.status_reply('OK')"""
        keys = ["page", "page:lease"]
        self.assertEqual(self.call(lease, keys, "me", 60_000), ["compute"])
        self.assertEqual(self.call(lease, keys, "you", 60_000)[0], "wait")
        self.assertIsNone(self.call(store, keys, "you", "text", 100))
        self.assertEqual(self.call(store, keys, "me", "text", 100), "OK")
        self.assertEqual(self.call(lease, keys, "you", 60_000), ["value", "text"])
