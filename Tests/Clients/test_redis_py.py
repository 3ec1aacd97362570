"""redis-py against redistilld, unmodified: run with the current one from PyPI, and with Debian's."""

import os
import threading
import unittest

import redis

from daemon import Redistill

VERSION = tuple(int(part) for part in redis.__version__.split(".")[:2])
HAS_RESP3 = VERSION >= (5, 0)


class Session:
    """What every protocol must do; the classes below say which protocol and what is special to it."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.daemon = Redistill("--workers", "2")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()

    def setUp(self):
        self.client = self.connect()
        self.client.flushall()

    def tearDown(self):
        self.client.close()

    def connect(self, **options):
        return redis.Redis(host="127.0.0.1", port=self.daemon.port, **{**self.options, **options})

    def test_strings_and_their_options(self):
        client = self.client
        self.assertTrue(client.ping())
        self.assertIsNone(client.get("k"))
        self.assertTrue(client.set("k", "v"))
        self.assertEqual(client.get("k"), b"v")
        self.assertIsNone(client.set("k", "w", nx=True))
        self.assertTrue(client.set("k", "w", xx=True))
        self.assertEqual(client.set("k", "x", get=True), b"w")
        self.assertEqual(client.append("k", "yz"), 3)
        self.assertEqual(client.strlen("k"), 3)
        self.assertEqual(client.mget("k", "none"), [b"xyz", None])
        self.assertTrue(client.mset({"a": 1, "b": 2}))
        self.assertEqual(client.exists("a", "b", "c", "a"), 3)
        self.assertEqual(client.delete("a", "c"), 1)
        self.assertEqual(client.unlink("b"), 1)
        self.assertEqual(client.type("k"), b"string")
        self.assertEqual(client.dbsize(), 1)
        self.assertEqual(client.echo("hello"), b"hello")
        with self.assertRaises(redis.ResponseError):
            client.incr("k")

    def test_counters(self):
        client = self.client
        self.assertEqual([client.incr("n"), client.incrby("n", 10), client.decr("n"), client.decrby("n", 20)], [1, 11, 10, -10])

    def test_expiry(self):
        client = self.client
        client.set("k", "v", ex=100)
        self.assertEqual(client.ttl("k"), 100)
        self.assertTrue(99_000 < client.pttl("k") <= 100_000)
        self.assertTrue(client.persist("k"))
        self.assertEqual(client.ttl("k"), -1)
        self.assertEqual(client.ttl("none"), -2)
        self.assertTrue(client.expire("k", 50))
        self.assertTrue(client.pexpire("k", 70_000))
        self.assertEqual(client.ttl("k"), 70)
        client.set("k", "w", keepttl=True)
        self.assertEqual(client.ttl("k"), 70)
        client.set("k", "v", px=1)
        while client.exists("k"):
            pass
        self.assertIsNone(client.get("k"))

    def test_binary_keys_and_values(self):
        for value in [b"", bytes(range(256)), b"\r\n" * 1000, b"\x00" * 70_000]:
            self.client.set(bytes(range(255, -1, -1)), value)
            self.assertEqual(self.client.get(bytes(range(255, -1, -1))), value)

    def test_a_value_of_20_megabytes(self):
        value = os.urandom(1 << 20) * 20
        self.assertTrue(self.client.set("large", value))
        self.assertEqual(self.client.strlen("large"), len(value))
        self.assertTrue(self.client.get("large") == value)

    def test_a_pipeline_without_a_transaction(self):
        with self.client.pipeline(transaction=False) as pipeline:
            for number in range(10_000):
                pipeline.set(f"k{number}", number)
                pipeline.get(f"k{number}")
            replies = pipeline.execute()
        self.assertEqual(replies[1::2], [b"%d" % number for number in range(10_000)])
        self.assertTrue(all(replies[::2]))

    def test_a_pipeline_with_an_error(self):
        with self.client.pipeline(transaction=False) as pipeline:
            pipeline.set("k", "v").incr("k").get("k")
            replies = pipeline.execute(raise_on_error=False)
        self.assertIs(replies[0], True)
        self.assertIsInstance(replies[1], redis.ResponseError)
        self.assertEqual(replies[2], b"v")

    def test_scan_iter_finds_every_key_once_gathered(self):
        names = {b"key:%d" % number for number in range(5000)}
        self.client.mset({name: 1 for name in names})
        self.assertEqual(set(self.client.scan_iter(count=100)), names)
        self.assertEqual(set(self.client.scan_iter(match="key:1*")), {name for name in names if name.startswith(b"key:1")})
        self.assertEqual(len(self.client.keys("key:?")), 10)

    def test_decoded_responses(self):
        with self.connect(decode_responses=True) as client:
            client.set("ключ", "значение")
            self.assertEqual(client.get("ключ"), "значение")
            self.assertEqual(client.keys(), ["ключ"])

    def test_a_pool_shared_by_threads(self):
        pool = redis.BlockingConnectionPool(host="127.0.0.1", port=self.daemon.port, max_connections=5, **self.options)
        failures = []

        def work(number):
            try:
                client = redis.Redis(connection_pool=pool)
                for step in range(100):
                    client.set(f"t{number}", step)
                    assert client.get(f"t{number}") == b"%d" % step
                    client.incr("shared")
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pool.disconnect()
        self.assertEqual(failures, [])
        self.assertEqual(self.client.get("shared"), b"1000")

    def test_introspection(self):
        client = self.client
        info = client.info()
        self.assertEqual(info["redis_mode"], "standalone")
        self.assertEqual(info["loading"], 0)
        self.assertEqual(info["redis_version"].count("."), 2)
        self.assertIn("maxmemory", client.config_get("max*"))
        self.assertTrue(client.client_setname("me"))
        self.assertIn(client.client_getname(), ("me", b"me"))
        self.assertTrue(any(line["name"] == "me" for line in client.client_list()))
        self.assertIsInstance(client.client_id(), int)
        self.assertGreater(client.command_count(), 30)
        self.assertIn("get", client.command())
        self.assertEqual(len(client.time()), 2)

    def test_a_connection_with_name_and_database(self):
        with self.connect(client_name="named", db=0) as client:
            self.assertIn(client.client_getname(), ("named", b"named"))
        with self.connect(db=15) as other:
            other.set("only:there", "15")
            self.assertIsNone(self.client.get("only:there"))
            self.assertEqual(other.info("keyspace")["db15"]["keys"], 1)
            other.flushdb()
        with self.assertRaises(redis.ResponseError):
            self.connect(db=16).ping()

    def test_unknown_commands_are_errors_and_the_connection_lives(self):
        with self.assertRaisesRegex(redis.ResponseError, "unknown command"):
            self.client.execute_command("PFADD", "k", "v")
        self.assertTrue(self.client.ping())


class DefaultProtocol(Session, unittest.TestCase):
    """Whatever this redis-py opens with: HELLO 3 in the current one."""

    def test_the_default_is_as_expected(self):
        protocol = self.client.execute_command("CLIENT INFO")
        text = protocol if isinstance(protocol, str) else protocol.decode() if isinstance(protocol, bytes) else str(protocol)
        expected = 3 if VERSION >= (8, 0) else 2
        self.assertTrue(f"resp={expected}" in text or f"'resp': '{expected}'" in text, text)


@unittest.skipUnless(HAS_RESP3, "this redis-py has no protocol to choose")
class Resp2(Session, unittest.TestCase):
    options = {"protocol": 2}


@unittest.skipUnless(HAS_RESP3, "this redis-py has no protocol to choose")
class Resp3(Session, unittest.TestCase):
    options = {"protocol": 3}


class Password(unittest.TestCase):
    def test_the_right_one_is_let_in(self):
        with Redistill(environment={"REDIS_PASSWORD": "s3cret"}) as daemon:
            def connect(**options):
                return redis.Redis(host="127.0.0.1", port=daemon.port, **options)
            self.assertTrue(connect(password="s3cret").ping())
            self.assertTrue(connect(username="default", password="s3cret").ping())
            with self.assertRaises((redis.AuthenticationError, redis.ResponseError)):
                connect(password="wrong").ping()
            with self.assertRaises((redis.AuthenticationError, redis.ResponseError)):
                connect().ping()


if __name__ == "__main__":
    print("redis-py", redis.__version__)
    unittest.main()
