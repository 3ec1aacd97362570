"""Hashes, sets, lists and sorted sets where memory is short, and where bounds were lowered beneath what is packed."""

import unittest

from daemon import Redistill
from resp import Connection, request

OOM = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"
MEMBERS = [b"%d-" % number + b"m" * 2000 for number in range(500)]
STEP = 256 << 10
# Every command that stores what it finds, with how many members that are.
STORES = {
    ("SUNIONSTORE", "d", "s1", "s2"): 500, ("SINTERSTORE", "d", "s1", "s1"): 300, ("SDIFFSTORE", "d", "s1", "none"): 300,
    ("ZUNIONSTORE", "d", 2, "s1", "s2"): 500, ("ZINTERSTORE", "d", 2, "s1", "s1"): 300, ("ZDIFFSTORE", "d", 2, "s1", "none"): 300,
    ("ZRANGESTORE", "d", "z", 0, -1): 300,
}


class StoredWhole(unittest.TestCase):
    """Whatever room there is: all of it is stored, or what was there stays."""

    def setUp(self):
        server = self.enterContext(Redistill("--workers", "1", "--eviction-policy", "noeviction"))
        self.client = self.enterContext(Connection(server))
        self.client.ask("SADD", "s1", *MEMBERS[:300])
        self.client.ask("SADD", "s2", *MEMBERS[200:])
        self.client.ask("ZADD", "z", *[part for member in MEMBERS[:300] for part in (1, member)])

    def used(self):
        memory = self.client.ask("INFO", "memory")
        return int(memory.split(b"used_memory:")[1].split()[0])

    def attempt(self, words, room):
        """With so many bytes of room, over a set with a time to live: the reply, and what is there then."""
        self.client.pipeline([request("DEL", "d"), request("SADD", "d", "old"), request("EXPIRE", "d", 1000)])
        self.client.ask("CONFIG", "SET", "maxmemory", self.used() + room)
        reply = self.client.ask(*words)
        self.client.ask("CONFIG", "SET", "maxmemory", 0)
        return reply, self.client.pipeline([request("SMEMBERS", "d"), request("TTL", "d"), request("ZCARD", "d"), request("SCARD", "d")])

    def test_what_is_refused_leaves_the_old_value_and_its_time(self):
        for words, count in STORES.items():
            refusals = stored = 0
            for room in range(STEP, 40 * STEP, STEP):
                reply, (members, time, *counts) = self.attempt(words, room)
                if reply == OOM:
                    refusals += 1
                    self.assertEqual((members, time), (b"*1\r\n$3\r\nold\r\n", b":1000\r\n"), (words, room))
                    continue
                stored += 1
                self.assertEqual(reply, b":%d\r\n" % count, (words, room))
                self.assertIn(reply, counts)
                self.assertEqual(time, b":-1\r\n")
                if stored == 2:
                    break
            self.assertTrue(refusals and stored, (words, refusals, stored))


class LoweredBounds(unittest.TestCase):
    def setUp(self):
        flags = ("--workers", "1", "--eviction-policy", "noeviction", "--max-client-memory", "0")
        self.server = self.enterContext(Redistill(*flags))
        self.client = self.enterContext(Connection(self.server))
        self.client.socket.settimeout(20)  # a command that never ends

    def check(self, *steps):
        for words, reply in steps:
            self.assertEqual(self.client.ask(*words.split()), reply, words)

    def lower(self):
        self.client.ask("CONFIG", "SET", "list-max-listpack-size", 2, "hash-max-listpack-entries", 2, "zset-max-listpack-entries", 2,
                        "set-max-listpack-entries", 2, "set-max-intset-entries", 2)

    def test_what_is_packed_beyond_them_can_be_taken_from_and_changed(self):
        numbers = " ".join(map(str, range(20)))
        self.check(("RPUSH l a b a c a d a e", b":8\r\n"), (f"SADD i {numbers}", b":20\r\n"), (f"SADD s {numbers} x", b":21\r\n"),
                   ("HSET h a 1 b 2 c 3 d 4", b":4\r\n"), ("ZADD z 1 a 2 b 3 c 4 d", b":4\r\n"))
        self.lower()
        self.check(("LREM l 0 a", b":4\r\n"), ("LRANGE l 0 -1", b"*4\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n"),
                   ("LREM l -1 e", b":1\r\n"), ("LMOVE l l LEFT RIGHT", b"$1\r\nb\r\n"), ("LSET l 0 y", b"+OK\r\n"),
                   ("LTRIM l 0 1", b"+OK\r\n"), ("LRANGE l 0 -1", b"*2\r\n$1\r\ny\r\n$1\r\nd\r\n"),
                   ("SREM i 3 4 5", b":3\r\n"), ("SREM s x 3", b":2\r\n"), ("SCARD i", b":17\r\n"), ("SCARD s", b":19\r\n"),
                   ("HDEL h a", b":1\r\n"), ("HSET h b 5", b":0\r\n"), ("HMGET h b c d", b"*3\r\n$1\r\n5\r\n$1\r\n3\r\n$1\r\n4\r\n"),
                   ("ZREM z a", b":1\r\n"), ("ZADD z CH 9 b", b":1\r\n"), ("ZRANGE z 0 -1", b"*3\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\nb\r\n"))

    def test_elements_go_while_a_reply_refers_to_them_and_the_limit_was_lowered(self):
        """Each was tried for ever where the copy of its leaf was refused."""
        elements = [b"x" if number % 1000 == 0 else b"%0100d" % number for number in range(100_000)]
        for first in range(0, len(elements), 10_000):
            self.client.ask("RPUSH", "list", *elements[first:first + 10_000])
        self.client.ask("SET", "other", b"o" * (24 << 20))
        reader = self.enterContext(Connection(self.server))
        reader.send(request("LRANGE", "list", 0, -1))
        reader.file.peek(1)
        self.client.ask("CONFIG", "SET", "maxmemory", 1 << 20)
        self.check(("LREM list 0 x", b":100\r\n"), ("LLEN list", b":99900\r\n"))
        items = b"".join(b"$%d\r\n%s\r\n" % (len(element), element) for element in elements)
        self.assertEqual(reader.read(), b"*100000\r\n" + items)


if __name__ == "__main__":
    unittest.main()
