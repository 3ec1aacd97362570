"""coredis: asyncio, RESP3 only, its own parser; it checks every reply against the shape that it expects."""

import asyncio

import coredis
import coredis.exceptions

from peer import BINARY, PASSWORD, AsyncDaemonTest


class Coredis(AsyncDaemonTest):
    def connect(self, **options):
        return coredis.Redis(**{"host": "127.0.0.1", "port": self.port, **options})

    async def test_binary_values_times_to_live_and_counters(self):
        async with self.connect() as client:
            self.assertTrue(await client.set("k", BINARY, ex=100))
            self.assertEqual(await client.get("k"), BINARY)
            self.assertIn(await client.ttl("k"), (99, 100))
            self.assertEqual(await client.incr("n"), 1)
            self.assertEqual(await client.incrbyfloat("n", 0.25), 1.25)
            self.assertTrue(await client.mset({"a": 1, "b": 2}))
            self.assertEqual(await client.mget(["a", "none", "b"]), (b"1", None, b"2"))
            self.assertIsNone(await client.get("none"))

    async def test_a_transaction_and_a_pipeline(self):
        async with self.connect() as client:
            for transaction in (True, False):
                async with client.pipeline(transaction=transaction) as pipe:
                    results = [pipe.set("k", "1"), pipe.incr("k"), pipe.get("k")]
                self.assertEqual([await result for result in results], [True, 2, b"2"])
                await client.delete(["k"])

    async def test_scan_iter_finds_every_key(self):
        async with self.connect() as client:
            await client.mset({f"k{i}": i for i in range(500)})
            found = {key async for key in client.scan_iter(match="k*", count=20)}
            self.assertEqual(len(found), 500)

    async def test_many_tasks_share_a_pool(self):
        async with self.connect() as client:
            await asyncio.gather(*(client.incr("n") for _ in range(100)))
            self.assertEqual(await client.get("n"), b"100")

    async def test_values_with_a_shape(self):
        async with self.connect() as client:
            fields = {b"f%d" % i: BINARY for i in range(300)}
            self.assertEqual(await client.hset("hash", fields), 300)
            self.assertEqual(await client.hgetall("hash"), fields)
            self.assertEqual(await client.rpush("list", ["a", "b", "c"]), 3)
            self.assertEqual(await client.lrange("list", 0, -1), [b"a", b"b", b"c"])
            self.assertEqual(await client.sadd("set", ["a", "b"]), 2)
            self.assertEqual(await client.smembers("set"), {b"a", b"b"})
            self.assertEqual(await client.zadd("z", {"a": 1.5, "b": 2}), 2)
            members = await client.zrange("z", 0, -1, withscores=True)
            self.assertEqual([(member.member, member.score) for member in members], [(b"a", 1.5), (b"b", 2.0)])

    async def test_errors_become_exceptions(self):
        async with self.connect() as client:
            await client.set("text", "abc")
            with self.assertRaisesRegex(coredis.exceptions.RedisError, "not an integer"):
                await client.incr("text")
            with self.assertRaises(coredis.exceptions.UnknownCommandError):
                await client.pfadd("many", "x")
            self.assertEqual(await client.ping(), b"PONG")

    async def test_its_tracking_cache_hears_of_another_clients_write(self):
        from coredis.patterns.cache import LRUCache
        async with self.connect(cache=LRUCache()) as reader, self.connect() as writer:
            await writer.set("k", "old")
            self.assertEqual(await reader.get("k"), b"old")
            await writer.set("k", "new")
            for _ in range(2000):
                if await reader.get("k") == b"new":
                    return
                await asyncio.sleep(0.01)
            self.fail("the old value stayed")

    async def test_a_password_is_taken(self):
        async with self.connect(port=self.locked_port(), password=PASSWORD) as client:
            self.assertTrue(await client.set("k", "v"))
