"""Keys move from a real redis-server to the daemon: MIGRATE with its options, and payloads of DUMP."""

import random
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection
from test_dump_collections import ADD, value_of, words_of

OK = b"+OK\r\n"
VALUES = {
    "empty": b"", "integer": b"12345", "negative": b"-7", "long": b"9223372036854775807", "text": b"hello world",
    "packed": b"abcdefgh" * 5000, "noise": random.Random(1).randbytes(50_000), "binary": bytes(range(256)),
    "large": random.Random(2).randbytes(1000) * 2000,
}


def bulk(value):
    return b"$%d\r\n%s\r\n" % (len(value), value)


@unittest.skipUnless(DebianRedis.version(), "needs Debian's redis-server")
class MigrateTest(unittest.TestCase):
    def setUp(self):
        self.theirs = self.enterContext(DebianRedis())
        self.there = self.enterContext(Connection(self.theirs))
        for key, value in VALUES.items():
            self.there.ask("SET", key, value)

    def start(self, *flags, environment=None):
        """The daemon and a connection to it."""
        self.ours = self.enterContext(Redistill(*flags, environment=environment))
        self.here = self.enterContext(Connection(self.ours))

    def migrate(self, key, *options):
        return self.there.ask("MIGRATE", "127.0.0.1", self.ours.port, key, 0, 60_000, *options)

    def test_each_key_is_moved_with_its_value(self):
        self.start("--workers", "2")
        for key, value in VALUES.items():
            self.assertEqual(self.migrate(key), OK)
            self.assertEqual(self.here.ask("GET", key), bulk(value))
            self.assertEqual(self.here.ask("TTL", key), b":-1\r\n")
        self.assertEqual(self.there.ask("DBSIZE"), b":0\r\n")

    def test_many_keys_are_moved_in_one_go(self):
        self.start("--workers", "2")
        self.assertEqual(self.migrate("", "KEYS", *VALUES, "absent"), OK)
        self.assertEqual(self.here.ask("DBSIZE"), b":%d\r\n" % len(VALUES))
        self.assertEqual(self.there.ask("DBSIZE"), b":0\r\n")
        for key, value in VALUES.items():
            self.assertEqual(self.here.ask("GET", key), bulk(value))
        self.assertEqual(self.migrate("absent"), b"+NOKEY\r\n")

    def test_time_to_live_travels(self):
        self.start()
        self.there.ask("PEXPIRE", "text", 100_000)
        self.assertEqual(self.migrate("text"), OK)
        left = int(self.here.ask("PTTL", "text")[1:])
        self.assertTrue(40_000 < left <= 100_000, left)

    def test_a_copy_leaves_the_key_and_an_existing_one_is_only_replaced_when_told_so(self):
        self.start()
        self.assertEqual(self.migrate("text", "COPY"), OK)
        self.assertEqual(self.there.ask("EXISTS", "text"), b":1\r\n")
        self.there.ask("SET", "text", "new")
        refusal = self.migrate("text", "COPY")
        self.assertTrue(refusal.startswith(b"-ERR Target instance replied with error: BUSYKEY"), refusal)
        self.assertEqual(self.here.ask("GET", "text"), bulk(b"hello world"))
        self.assertEqual(self.migrate("text", "REPLACE"), OK)
        self.assertEqual(self.here.ask("GET", "text"), bulk(b"new"))
        self.assertEqual(self.there.ask("EXISTS", "text"), b":0\r\n")

    def test_of_many_only_those_that_were_refused_stay(self):
        self.start()
        self.here.ask("SET", "text", "mine")
        refusal = self.migrate("", "KEYS", "integer", "text", "binary")
        self.assertTrue(refusal.startswith(b"-ERR Target instance replied with error: BUSYKEY"), refusal)
        self.assertEqual(self.there.ask("EXISTS", "integer", "binary"), b":0\r\n")
        self.assertEqual(self.there.ask("EXISTS", "text"), b":1\r\n")

    def test_password_and_name_are_taken(self):
        self.start(environment={"REDIS_PASSWORD": "secret"})
        self.assertEqual(self.here.ask("AUTH", "secret"), OK)
        refusal = self.migrate("text")
        self.assertTrue(refusal.startswith(b"-ERR Target instance replied with error: NOAUTH"), refusal)
        refusal = self.migrate("text", "AUTH", "wrong")
        self.assertTrue(refusal.startswith(b"-ERR Target instance replied with error: WRONGPASS"), refusal)
        self.assertEqual(self.migrate("text", "AUTH", "secret"), OK)
        self.assertEqual(self.migrate("binary", "COPY", "REPLACE", "AUTH2", "default", "secret"), OK)
        self.assertEqual(self.migrate("", "REPLACE", "AUTH2", "default", "secret", "KEYS", "integer", "packed"), OK)
        for key in ("text", "binary", "integer", "packed"):
            self.assertEqual(self.here.ask("GET", key), bulk(VALUES[key]))

    def fill_collections(self):
        """Of each type one that is packed and one that is not; their names."""
        rng, names = random.Random(3), []
        for kind, command in ADD.items():
            for count in (5, 1000):
                names.append(f"{kind} of {count}")
                self.there.ask(command, names[-1], *words_of(kind, count, 0, rng))
        return names

    def test_collections_are_moved_with_all_that_they_have(self):
        self.start("--workers", "2")
        for name in self.fill_collections():
            value = value_of(self.there, name)
            self.assertEqual(self.migrate(name, "COPY"), OK)
            self.assertEqual(value_of(self.here, name), value)
            refusal = self.migrate(name)
            self.assertTrue(refusal.startswith(b"-ERR Target instance replied with error: BUSYKEY"), refusal)
            self.assertEqual(self.here.ask("SET", name, "another"), OK)
            self.assertEqual(self.migrate(name, "REPLACE"), OK)
            self.assertEqual(value_of(self.here, name), value)
            self.assertEqual(self.there.ask("EXISTS", name), b":0\r\n")

    def test_collections_are_moved_in_one_go_by_one_who_has_the_password(self):
        self.start(environment={"REDIS_PASSWORD": "secret"})
        self.assertEqual(self.here.ask("AUTH", "secret"), OK)
        names = self.fill_collections()
        values = [value_of(self.there, name) for name in names]
        self.assertEqual(self.migrate("", "AUTH2", "default", "secret", "KEYS", *names), OK)
        self.assertEqual([value_of(self.here, name) for name in names], values)
        self.assertEqual(self.there.ask("EXISTS", *names), b":0\r\n")

    def test_another_type_is_refused_and_stays(self):
        self.start()
        self.there.ask("XADD", "stream", "*", "field", "value")
        refusal = self.migrate("stream")
        self.assertEqual(refusal, b"-ERR Target instance replied with error: ERR Bad data format\r\n")
        self.assertEqual(self.there.ask("EXISTS", "stream"), b":1\r\n")
        self.assertEqual(self.migrate("text"), OK)

    def test_dumped_keys_are_restored_with_absolute_times_and_replaced(self):
        self.start()
        for key, value in VALUES.items():
            payload = self.there.ask("DUMP", key).split(b"\r\n", 1)[1][:-2]
            self.assertEqual(self.here.ask("RESTORE", key, 4102444800000, payload, "ABSTTL"), OK)
            self.assertEqual(self.here.ask("GET", key), bulk(value))
            self.assertEqual(self.here.ask("PEXPIRETIME", key), b":4102444800000\r\n")
            self.assertTrue(self.here.ask("RESTORE", key, 0, payload).startswith(b"-BUSYKEY "))
            self.assertEqual(self.here.ask("RESTORE", key, 0, payload, "REPLACE", "IDLETIME", 5), OK)
            self.assertEqual(self.here.ask("OBJECT", "ENCODING", key), self.there.ask("OBJECT", "ENCODING", key))


if __name__ == "__main__":
    unittest.main()
