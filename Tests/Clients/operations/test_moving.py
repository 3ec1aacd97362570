"""docs/moving-from-redis.md, from its first command to the last: Debian's Redis on one side, the daemon on the
other."""

import contextlib
import io
import os
import subprocess
import sys
import unittest

from configured import ROOT  # noqa: F401
from daemon import DebianRedis
from machine import Machine
from pages import Page
from resp import Connection

PAGE = Page.named("docs/moving-from-redis.md")
STRINGS = {b"plain": b"1", b"with space": b"two words", b"binary": bytes(range(256)), b"large": b"x" * 50_000}
SHAPED = (("RPUSH", "a list", "x"), ("HSET", "a hash", "field", "value"), ("SADD", "a set", "1", "2"),
          ("ZADD", "scores", "1.5", "x"))


@unittest.skipUnless(DebianRedis.version(), "needs Debian's redis-server")
class Moving(unittest.TestCase):
    def setUp(self):
        self.theirs = self.enterContext(DebianRedis())
        self.machine = self.enterContext(Machine())
        self.machine.ports["6379"] = self.theirs.port
        self.machine.config.write_text(self.machine.localised("[server]\nport = 6390\n"))
        self.machine.run("systemctl start redistill")
        self.there = self.enterContext(Connection(self.theirs))
        self.here = self.enterContext(Connection(self.machine))
        for key, value in STRINGS.items():
            self.there.ask("SET", key, value, "EX", 1000)
        for index in range(250):
            self.there.ask("SET", f"many:{index}", index)
        for words in SHAPED:
            self.there.ask(*words)
        self.there.ask("XADD", "a stream", "*", "field", "x")

    def section(self, title):
        return self.machine.run("".join(PAGE.section(title).blocks()))

    def test_what_does_not_fit_is_found(self):
        printed = self.section("Does it fit").splitlines()
        self.assertIn('Biggest stream found \'"a stream"\' has 1 entries', printed)
        self.assertTrue(any(line.startswith("1 streams with 1 entries") for line in printed), printed)
        self.assertIn("xadd", printed)
        self.assertFalse({"set", "rpush", "hset"} & set(printed))

    @unittest.skipUnless(os.access("/etc/redis/redis.conf", os.R_OK), "Debian's redis.conf may be read by root")
    def test_the_configuration_comes_along(self):
        self.assertIn("valid", self.section("The configuration"))

    def test_copies_arrive_with_their_time_and_the_same_is_found_on_both_sides(self):
        by_itself, by_redis = PAGE.section("Warm it").blocks()
        done = self.machine.attempt(by_itself)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("left out: 1 of type stream", done.stdout)
        self.assert_copied()
        self.here.ask("FLUSHALL")
        self.assertIn("OK", self.machine.run(by_redis))
        self.assert_copied()
        self.there.ask("DEL", "a stream")
        self.assertEqual(self.section("Run both").splitlines(), ["258", "258"])
        self.here.ask("DEL", "many:2")
        self.assertEqual(self.section("Run both").splitlines()[:3], ["258", "257", "many:2"])

    def assert_copied(self):
        for key, value in STRINGS.items():
            self.assertEqual(self.here.ask("GET", key), b"$%d\r\n%s\r\n" % (len(value), value))
            self.assertIn(self.here.ask("TTL", key), [b":%d\r\n" % seconds for seconds in range(900, 1001)])
        for words in (("LRANGE", "a list", 0, -1), ("HGETALL", "a hash"), ("SMEMBERS", "a set"), ("ZRANGE", "scores", 0, -1)):
            self.assertEqual(self.here.ask(*words), self.there.ask(*words))
        self.assertEqual(self.there.ask("DBSIZE"), b":259\r\n")
        self.assertEqual(self.here.ask("DBSIZE"), b":258\r\n")

    def test_both_are_changed_and_one_may_be_away(self):
        import redis
        names = {}
        program, = PAGE.section("Run both").blocks("python")
        exec(program, names)
        ours = redis.Redis(port=self.machine.ports["6390"])
        both = names["Both"](redis.Redis(port=self.theirs.port), ours)
        both.set("k", "v", 100)
        self.assertEqual((both.get("k"), ours.get("k"), ours.ttl("k") > 90), (b"v", b"v", True))
        both.delete("k")
        self.assertEqual((both.get("k"), ours.get("k")), (None, None))
        self.machine.run("systemctl stop redistill")
        with contextlib.redirect_stdout(io.StringIO()) as told:
            both.set("k", "again", 100)
        self.assertIn("the second cache: ", told.getvalue())
        self.assertEqual(both.get("k"), b"again")

    def test_the_new_one_is_watched(self):
        printed = self.section("Cut over")
        self.assertIn("keyspace_hits:0", printed)

    def test_the_way_back_takes_every_key(self):
        program, = PAGE.section("Go back").blocks("python")
        for key, value in STRINGS.items():
            self.here.ask("SET", b"new " + key, value, "EX", 1000)
        self.here.ask("SET", b"line\nfeed", "v")
        self.here.ask("HSET", "a new hash", "field", "value")
        addresses = [f"redis://127.0.0.1:{port}/0" for port in (self.machine.ports["6390"], self.theirs.port)]
        done = subprocess.run([sys.executable, "-c", program, *addresses], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("6 keys copied, 0 refused\n", ""))
        for key, value in STRINGS.items():
            self.assertEqual(self.there.ask("GET", b"new " + key), b"$%d\r\n%s\r\n" % (len(value), value))
            self.assertNotEqual(self.there.ask("TTL", b"new " + key), b":-1\r\n")
        self.assertEqual(self.there.ask("TTL", b"line\nfeed"), b":-1\r\n")
        self.assertEqual(self.there.ask("HGET", "a new hash", "field"), b"$5\r\nvalue\r\n")


if __name__ == "__main__":
    unittest.main()
