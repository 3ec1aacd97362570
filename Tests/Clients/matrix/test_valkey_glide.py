"""valkey-glide: the client in Rust that the Python package wraps, over RESP3 and RESP2."""

import glide

from peer import BINARY, PASSWORD, AsyncDaemonTest


class ValkeyGlide(AsyncDaemonTest):
    async def connect(self, protocol=glide.ProtocolVersion.RESP3, port=None, password=None):
        client = await glide.GlideClient.create(glide.GlideClientConfiguration(
            [glide.NodeAddress("127.0.0.1", port or self.port)], protocol=protocol, request_timeout=20_000,
            client_name="matrix", credentials=glide.ServerCredentials(password) if password else None))
        self.addAsyncCleanup(client.close)
        return client

    async def test_values_and_counters_in_both_protocols(self):
        for protocol in (glide.ProtocolVersion.RESP2, glide.ProtocolVersion.RESP3):
            client = await self.connect(protocol)
            await client.flushall()
            self.assertEqual(await client.set("k", BINARY, expiry=glide.ExpirySet(glide.ExpiryType.SEC, 100)), "OK")
            self.assertEqual(await client.get("k"), BINARY)
            self.assertIn(await client.ttl("k"), (99, 100))
            self.assertIsNone(await client.get("none"))
            self.assertEqual(await client.incr("n"), 1)
            self.assertEqual(await client.incrbyfloat("n", 0.5), 1.5)
            self.assertEqual(await client.mset({"a": "1", "b": "2"}), "OK")
            self.assertEqual(await client.mget(["a", "none", "b"]), [b"1", None, b"2"])
            self.assertEqual(await client.delete(["a", "b", "none"]), 2)
            self.assertEqual(await client.config_get(["maxmemory-samples"]), {b"maxmemory-samples": b"5"})

    async def test_a_transaction_and_a_pipeline(self):
        client = await self.connect()
        for atomic in (True, False):
            batch = glide.Batch(is_atomic=atomic).set("k", "1").incr("k").get("k")
            self.assertEqual(await client.exec(batch, raise_on_error=True), ["OK", 2, b"2"])

    async def test_scan_finds_every_key(self):
        client = await self.connect()
        await client.mset({f"k{i}": str(i) for i in range(500)})
        cursor, found = b"0", set()
        while True:
            cursor, keys = await client.scan(cursor, match="k*", count=50)
            found.update(keys)
            if cursor == b"0":
                break
        self.assertEqual(len(found), 500)

    async def test_values_with_a_shape(self):
        client = await self.connect()
        fields = {b"f%d" % i: BINARY for i in range(300)}
        self.assertEqual(await client.hset("hash", fields), 300)
        self.assertEqual(await client.hgetall("hash"), fields)
        self.assertEqual(await client.rpush("list", ["a", "b", "c"]), 3)
        self.assertEqual(await client.lpop_count("list", 2), [b"a", b"b"])
        self.assertEqual(await client.sadd("set", ["a", "b"]), 2)
        self.assertEqual(await client.smembers("set"), {b"a", b"b"})
        self.assertEqual(await client.zadd("z", {"a": 1.5, "b": 2}), 2)
        self.assertEqual(await client.zrange_withscores("z", glide.RangeByIndex(0, -1)), {b"a": 1.5, b"b": 2.0})

    async def test_errors_become_exceptions(self):
        client = await self.connect()
        await client.set("text", "abc")
        with self.assertRaisesRegex(glide.RequestError, "not an integer"):
            await client.incr("text")
        with self.assertRaisesRegex(glide.RequestError, "unknown command"):
            await client.pfadd("many", ["x"])
        self.assertEqual(await client.ping(), b"PONG")

    async def test_a_password_is_taken(self):
        client = await self.connect(port=self.locked_port(), password=PASSWORD)
        self.assertEqual(await client.set("k", "v"), "OK")
