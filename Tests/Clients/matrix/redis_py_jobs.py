"""What redis-py and its fork valkey-py must do: the same tests for both, for each protocol and each parser."""

import asyncio
import threading

from peer import AGAINST_REDIS, BINARY, PASSWORD, wait_until


def at_once(threads, job):
    """Does the job in so many threads, and waits for them."""
    running = [threading.Thread(target=job) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


class Jobs:
    """Mixed into a DaemonTest; `module` is redis or valkey, `options` those of the connection."""

    module = None
    client_class = None
    options = {}

    def connect(self, **options):
        # Through a pool of its own, since only the pool lets one choose the parser.
        options = {"host": "127.0.0.1", "port": self.port, **self.options, **options}
        client = self.client_class.from_pool(self.module.ConnectionPool(**options))
        self.addCleanup(client.close)
        return client

    def setUp(self):
        super().setUp()
        self.client = self.connect()

    def test_keys_and_values_hold_any_byte(self):
        self.assertTrue(self.client.set(BINARY, BINARY))
        self.assertEqual(self.client.get(BINARY), BINARY)
        self.assertEqual(self.client.getrange(BINARY, 10, 13), b"\n\x0b\x0c\r")
        self.assertTrue(self.client.set(b"", b""))
        self.assertEqual(self.client.get(b""), b"")

    def test_a_large_value_comes_back_whole(self):
        value = BINARY * 20000
        self.client.set("large", value)
        self.assertEqual(self.client.get("large"), value)

    def test_times_to_live_count_down_and_end(self):
        self.client.set("k", "v", ex=100)
        self.assertIn(self.client.ttl("k"), (99, 100))
        self.assertTrue(self.client.persist("k"))
        self.assertEqual(self.client.ttl("k"), -1)
        self.assertTrue(self.client.pexpire("k", 30))
        wait_until(lambda: self.client.get("k") is None)
        self.assertEqual(self.client.ttl("k"), -2)

    def test_a_transaction_returns_all_results(self):
        with self.client.pipeline() as pipe:
            pipe.set("n", 1).incr("n").incrbyfloat("n", 0.5).get("none").mget("n", "none")
            self.assertEqual(pipe.execute(), [True, 2, 2.5, None, [b"2.5", None]])

    def test_an_error_inside_a_pipeline_stops_nothing(self):
        with self.client.pipeline(transaction=False) as pipe:
            pipe.set("text", "abc").incr("text").get("text")
            done, error, value = pipe.execute(raise_on_error=False)
        self.assertTrue(done)
        self.assertIsInstance(error, self.module.ResponseError)
        self.assertEqual(str(error).split(":")[-1].strip(), "value is not an integer or out of range")
        self.assertEqual(value, b"abc")

    def test_a_watched_key_that_changes_aborts_the_transaction(self):
        self.client.set("k", 1)
        with self.client.pipeline() as pipe:
            pipe.watch("k")
            self.connect().incr("k")
            pipe.multi()
            pipe.set("k", 9)
            with self.assertRaises(self.module.WatchError):
                pipe.execute()
        self.assertEqual(self.client.get("k"), b"2")

    def test_many_threads_count_without_loss(self):
        def count():
            for _ in range(200):
                self.client.incr("n")
        at_once(8, count)
        self.assertEqual(self.client.get("n"), b"1600")

    def test_mset_mget_and_msetnx(self):
        self.assertTrue(self.client.mset({f"k{i}": i for i in range(500)}))
        self.assertEqual(self.client.mget([f"k{i}" for i in range(501)]), [b"%d" % i for i in range(500)] + [None])
        self.assertFalse(self.client.msetnx({"new": 1, "k1": 2}))
        self.assertEqual(self.client.exists("new"), 0)

    def test_scan_iter_finds_every_key(self):
        self.client.mset({f"k{i}": i for i in range(2000)})
        self.client.set("other", 1)
        found = set(self.client.scan_iter(match="k*", count=50))
        self.assertEqual(found, {b"k%d" % i for i in range(2000)})

    def test_bits_and_copies(self):
        self.assertEqual(self.client.setbit("bits", 7, 1), 0)
        self.assertEqual(self.client.bitcount("bits"), 1)
        self.assertEqual(self.client.bitfield("bits").incrby("u8", 0, 255).execute(), [0])
        self.assertTrue(self.client.copy("bits", "copy"))
        payload = self.client.dump("copy")
        self.assertTrue(self.client.restore("moved", 0, payload))
        self.assertEqual(self.client.get("moved"), b"\x00")

    def test_info_config_and_clients_are_parsed(self):
        self.assertRegex(self.client.info()["redis_version"], r"^7\.\d+\.\d+$")
        self.assertIn("maxmemory", self.client.config_get("max*"))
        self.connect(client_name="matrix").ping()
        self.assertIn("matrix", [client["name"] for client in self.client.client_list()])
        self.assertEqual(self.client.object("encoding", "none"), None)
        commands = self.client.command()
        self.assertEqual(self.client.command_count(), len(commands))
        self.assertIn("get", {name.lower() for name in commands})

    def test_a_lock_is_held_extended_and_released_by_its_owner_only(self):
        lock, another = self.client.lock("job", timeout=60), self.connect().lock("job", timeout=60)
        self.assertTrue(lock.acquire(blocking=False))
        self.assertFalse(another.acquire(blocking=False))
        self.assertTrue(lock.extend(60))
        self.assertGreater(self.client.ttl("job"), 60)
        self.assertTrue(lock.reacquire())
        self.assertLessEqual(self.client.ttl("job"), 60)
        self.client.set("job", "stolen")
        with self.assertRaises(self.module.exceptions.LockError):
            lock.release()
        self.client.delete("job")
        with another:
            self.assertTrue(another.owned())
        self.assertEqual(self.client.dbsize(), 0)

    def test_threads_take_turns_at_a_lock(self):
        self.client.set("n", 0)

        def count():
            for _ in range(10):
                with self.client.lock("job", timeout=60, sleep=0.001):
                    self.client.set("n", int(self.client.get("n")) + 1)
        at_once(4, count)
        self.assertEqual(self.client.get("n"), b"40")

    def test_a_registered_script_comes_back_after_a_flush(self):
        script = self.client.register_script("return {KEYS[1], ARGV[1], redis.call('INCRBY', KEYS[1], ARGV[1])}")
        self.assertEqual(script(keys=["n"], args=[5]), [b"n", b"5", 5])
        self.assertTrue(self.client.script_flush())
        self.assertEqual(self.client.script_exists(script.sha), [False])
        with self.client.pipeline() as pipe:
            script(keys=["n"], args=[5], client=pipe)
            self.assertEqual(pipe.execute(), [[b"n", b"5", 10]])

    def test_hashes_lists_and_sets(self):
        fields = {b"f%d" % i: BINARY for i in range(300)}
        self.assertEqual(self.client.hset("hash", mapping=fields), 300)
        self.assertEqual(self.client.hgetall("hash"), fields)
        self.assertEqual(self.client.hmget("hash", ["f0", "none"]), [BINARY, None])
        self.assertEqual(dict(self.client.hscan_iter("hash", count=50)), fields)
        if not AGAINST_REDIS:  # Debian's is older than these, and valkey-py has no method for them
            expiring = self.client.execute_command("HEXPIRE", "hash", 100, "FIELDS", 2, "f0", "none")
            self.assertEqual(expiring, [1, -2])
            self.assertIn(self.client.execute_command("HTTL", "hash", "FIELDS", 2, "f0", "f1"), ([100, -1], [99, -1]))
        self.assertEqual(self.client.hincrbyfloat("hash", "n", 0.5), 0.5)
        self.assertEqual(self.client.rpush("list", *range(300)), 300)
        self.assertEqual(self.client.lrange("list", -2, -1), [b"298", b"299"])
        self.assertEqual(self.client.lpop("list", 2), [b"0", b"1"])
        self.assertEqual(self.client.lmove("list", "other list"), b"2")
        self.assertEqual(self.client.sadd("a", *range(10)), 10)
        self.assertEqual(self.client.sadd("b", *range(5, 500)), 495)
        self.assertEqual(set(self.client.sinter("a", "b")), {b"5", b"6", b"7", b"8", b"9"})
        self.assertEqual(len(self.client.smembers("b")), 495)
        self.assertEqual(self.client.smismember("a", ["1", "x"]), [1, 0])
        self.assertTrue(self.client.restore("copy", 0, self.client.dump("b")))
        self.assertEqual(set(self.client.sdiff("b", "copy")), set())
        self.assertEqual([self.client.type(key) for key in ("hash", "list", "a")], [b"hash", b"list", b"set"])

    def test_sorted_sets(self):
        def pairs(reply):  # tuples in RESP2, lists in RESP3
            return [tuple(pair) for pair in reply]
        self.assertEqual(self.client.zadd("z", {f"m{i}": i / 4 for i in range(300)}), 300)
        self.assertEqual(self.client.zadd("z", {"m0": 5}, xx=True, ch=True), 1)
        self.assertEqual(self.client.zscore("z", "m0"), 5.0)
        self.assertEqual(pairs(self.client.zrange("z", 0, 1, withscores=True)), [(b"m1", 0.25), (b"m2", 0.5)])
        self.assertEqual(self.client.zrange("z", "(74", "+inf", byscore=True), [b"m297", b"m298", b"m299"])
        self.assertEqual(self.client.zrevrank("z", "m299"), 0)
        self.assertEqual(self.client.zincrby("z", float("inf"), "m1"), float("inf"))
        self.assertEqual(pairs(self.client.zpopmin("z", 1)), [(b"m2", 0.5)])
        self.assertEqual(self.client.zremrangebyscore("z", "-inf", 70), 279)
        self.assertEqual(dict(self.client.zscan_iter("z"))[b"m281"], 70.25)
        self.assertEqual(self.client.zunionstore("sum", {"z": 2}), self.client.zcard("z"))
        self.assertEqual(pairs(self.client.zunion(["z", "sum"], aggregate="MIN", withscores=True))[0], (b"m281", 70.25))

    def test_databases_are_apart(self):
        second = self.connect(db=1)
        self.client.set("k", 0)
        second.set("k", 1)
        self.assertEqual([self.client.get("k"), second.get("k")], [b"0", b"1"])
        self.assertEqual(second.info("keyspace")["db1"]["keys"], 1)
        self.assertTrue(second.rename("k", "moved"))
        self.assertTrue(second.move("moved", 0))
        self.assertTrue(self.client.swapdb(0, 1))
        self.assertEqual((self.client.dbsize(), second.dbsize()), (0, 2))
        self.assertTrue(second.flushdb())
        with self.assertRaisesRegex(self.module.ResponseError, "DB index is out of range"):
            self.connect(db=16).ping()

    def test_errors_become_exceptions(self):
        with self.assertRaisesRegex(self.module.ResponseError, "unknown command 'PFADD'"):
            self.client.pfadd("many", 1)
        self.client.lpush("list", 1)
        with self.assertRaisesRegex(self.module.ResponseError, "WRONGTYPE|wrong kind of value"):
            self.client.hget("list", "field")
        with self.assertRaisesRegex(self.module.ResponseError, "Error compiling script"):
            self.client.eval("return (", 0)
        with self.assertRaisesRegex(self.module.ResponseError, "wrong number of arguments for 'get' command"):
            self.client.execute_command("GET")
        self.assertTrue(self.client.ping())

    def test_a_password_is_asked_for_and_taken(self):
        port = self.locked_port()
        with self.assertRaises(self.module.AuthenticationError):
            self.connect(port=port).ping()
        with self.assertRaises(self.module.AuthenticationError):
            self.connect(port=port, password="wrong").ping()
        self.assertTrue(self.connect(port=port, password=PASSWORD).ping())
        self.assertTrue(self.connect(port=port, username="default", password=PASSWORD).set("k", "v"))


class AsyncJobs:
    """The same client's asyncio side, in short: it shares the commands, not the connection."""

    asyncio_class = None
    options = {}

    async def test_asyncio_serves_many_tasks(self):
        async with self.asyncio_class(host="127.0.0.1", port=self.port, **self.options) as client:
            await client.set("k", BINARY, px=100_000)
            self.assertEqual(await client.get("k"), BINARY)
            counts = await asyncio.gather(*(client.incr("n") for _ in range(50)))
            self.assertEqual(sorted(counts), list(range(1, 51)))
            async with client.pipeline() as pipe:
                results = await pipe.set("a", 1).mget("a", "none").ttl("a").execute()
            self.assertEqual(results, [True, [b"1", None], -1])
            await client.mset({f"k{i}": i for i in range(500)})
            found = {key async for key in client.scan_iter(match="k?*", count=20)}
            self.assertEqual(len(found), 500)
            async with client.lock("job", timeout=60) as lock:
                self.assertTrue(await lock.extend(60))
            self.assertEqual(await client.exists("job"), 0)
            with self.assertRaisesRegex(Exception, "unknown command"):
                await client.pfadd("many", 1)
            self.assertEqual(await client.sadd("set", 1, 2), 2)
            self.assertEqual({member async for member in client.sscan_iter("set")}, {b"1", b"2"})
            self.assertTrue(await client.ping())
