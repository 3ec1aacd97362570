"""DUMP and RESTORE of lists, sets, hashes and sorted sets against Debian's redis-server, and forms of other versions."""

import random
import time
import unittest

from beside_redis import BesideRedis
from daemon import DebianRedis, Redistill
from payloads import MALFORMED, MALFORMED_NEWER, NEWER, OLDER, SOON, body_of, length, of_reply, seal
from resp import Connection

OK = b"+OK\r\n"
BAD = b"-ERR Bad data format\r\n"
SCORES = [b"0", b"1", b"-1", b"3.14", b"0.1", b"1e17", b"5e18", b"-5e18", b"1e300", b"inf", b"-inf", b"4503599627370497"]
INTEGERS = [0, 1, 12, 13, 127, 128, -1, -128, -129, 4095, 4096, -4096, -4097, 32767, 32768, -32768, -32769, 2**23 - 1, 2**23,
            -2**23, -2**23 - 1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63 - 1, -2**63]
LENGTHS = [0, 1, 5, 20, 21, 63, 64, 65]
# Around what is packed: a set of integers or a hash up to 512, a sorted set up to 128.
COUNTS = [1, 2, 30, 128, 129, 512, 513, 2000]
# What one element has: as much as is packed, too much, and much more.
LONGEST = [64, 65, 4095, 4096, 70_000]
ADD = {"list": "RPUSH", "set": "SADD", "integers": "SADD", "hash": "HSET", "zset": "ZADD"}


def text_of(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return b"%d" % rng.choice(INTEGERS)
    if kind == 1:
        return b"%d" % rng.randrange(-10**6, 10**6)
    if kind == 2:
        return rng.randbytes(rng.choice(LENGTHS))
    if kind == 3:
        return rng.choice([b"01", b"-0", b"+1", b" 1", b"1.5", b"9223372036854775808"]) + b"%d" % rng.randrange(1000)
    return rng.choice([b"field:%d", b"some words, again and again: %d"]) % rng.randrange(10**5)


def words_of(kind, count, longest, rng):
    """What is added to a key: its items, one of which has a part of that length."""
    words = []
    for number in range(count):
        text = b"L" * longest if longest and number == count // 2 else text_of(rng)
        if kind == "hash":
            words += [text, text_of(rng)]
        elif kind == "zset":
            words += [rng.choice(SCORES) if rng.random() < 0.5 else b"%r" % rng.uniform(-1000, 1000), text]
        elif kind == "integers":
            words.append(b"%d" % rng.randrange(-10 ** (1 + number % 17), 10 ** (1 + number % 17)))
        else:
            words.append(text)
    return words


def bulks(reply):
    """The bulk strings in an array's reply."""
    found, at = [], reply.index(b"\n") + 1
    while at < len(reply):
        end = reply.index(b"\r\n", at)
        count = int(reply[at + 1:end])
        found.append(reply[end + 2:end + 2 + count])
        at = end + 4 + count
    return found


def value_of(connection, key):
    """All of a key, whatever its type, so that it can be compared."""
    kind = connection.ask("TYPE", key)[1:-2].decode()
    if kind == "list":
        return kind, bulks(connection.ask("LRANGE", key, 0, -1))
    if kind == "set":
        return kind, sorted(bulks(connection.ask("SMEMBERS", key)))
    if kind == "hash":
        words = bulks(connection.ask("HGETALL", key))
        return kind, sorted(zip(words[::2], words[1::2]))
    if kind == "zset":
        words = bulks(connection.ask("ZRANGE", key, 0, -1, "WITHSCORES"))
        return kind, [(member, float(score)) for member, score in zip(words[::2], words[1::2])]
    return kind, connection.ask("GET", key)


class DumpCollectionsTest(BesideRedis):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.there.ask("CONFIG", "SET", "sanitize-dump-payload", "yes"), OK)

    def is_settled(self, payload):
        """Is there one way to write it? The order of what is hashed is everybody's own, and so are packed sets of text."""
        return payload[0] not in (2, 4)

    def assert_travels(self, kind, count, longest, rng):
        words = words_of(kind, count, longest, rng)
        payloads = []
        for connection in (self.here, self.there):
            connection.ask("DEL", "from")
            reply = connection.ask(ADD[kind], "from", *words)
            self.assertEqual(reply[:1], b":", reply)
            payloads.append(of_reply(connection.ask("DUMP", "from")))
        name = (kind, count, longest)
        if DebianRedis.version()[:2] == (7, 0):
            self.assertEqual(payloads[0][0], payloads[1][0], name)
            if self.is_settled(payloads[0]):
                self.assertTrue(payloads[0] == payloads[1], name)
        for payload, target in zip(payloads, (self.there, self.here)):
            self.assertEqual(target.ask("RESTORE", "to", 0, payload, "REPLACE"), OK, name)
            self.assertTrue(value_of(target, "to") == value_of(target, "from"), name)

    def test_lists_are_dumped_as_there_and_travel_both_ways(self):
        self.assert_all_travel("list")

    def test_sets_travel_both_ways(self):
        self.assert_all_travel("set")

    def test_sets_of_integers_are_dumped_as_there_and_travel_both_ways(self):
        rng = random.Random(3)
        for count in COUNTS:
            self.assert_travels("integers", count, 0, rng)

    def test_hashes_are_dumped_as_there_and_travel_both_ways(self):
        self.assert_all_travel("hash")

    def test_sorted_sets_are_dumped_as_there_and_travel_both_ways(self):
        self.assert_all_travel("zset")

    def assert_all_travel(self, kind):
        rng = random.Random(kind)
        for count in COUNTS:
            self.assert_travels(kind, count, 0, rng)
        for longest in LONGEST:
            self.assert_travels(kind, 7, longest, rng)
            self.assert_travels(kind, 700, longest, rng)

    def test_elements_of_megabytes_travel_both_ways(self):
        rng = random.Random(4)
        for kind in ("list", "set", "hash", "zset"):
            words = [b"1", rng.randbytes(1_500_000)] if kind in ("hash", "zset") else [b"a", b"long" * 400_000, b"b"]
            for source, target in ((self.here, self.there), (self.there, self.here)):
                source.ask("DEL", "from")
                source.ask(ADD[kind], "from", *words)
                payload = of_reply(source.ask("DUMP", "from"))
                self.assertEqual(target.ask("RESTORE", "to", 0, payload, "REPLACE"), OK)
                self.assertTrue(value_of(target, "to") == value_of(source, "from"), kind)

    def test_each_form_of_earlier_versions_is_what_it_is_there(self):
        for name, body in OLDER.items():
            with self.subTest(name):
                for connection in (self.here, self.there):
                    self.assertEqual(connection.ask("RESTORE", "key", 0, seal(body), "REPLACE"), OK)
                self.assertEqual(value_of(self.here, "key"), value_of(self.there, "key"))

    def test_forms_of_later_versions_are_read(self):
        for name, (version, body) in NEWER.items():
            self.assertEqual(self.here.ask("RESTORE", name, 0, seal(body, version)), OK, name)
        self.assertEqual(value_of(self.here, "set listpack"), ("set", [b"5", b"a", b"b"]))
        for name in ("hash metadata", "hash listpack ex", "hash of valkey"):
            self.assertEqual(value_of(self.here, name), ("hash", [(b"f", b"v"), (b"g", b"w"), (b"h", b"x")]))
            times = self.here.ask("HPEXPIRETIME", name, "FIELDS", 3, "f", "g", "h")
            self.assertEqual(times, b"*3\r\n:-1\r\n:%d\r\n:%d\r\n" % (SOON, SOON + 50_000))
            # It is written as Redis 7.4 writes it where it is not packed.
            version, body = NEWER["hash metadata"]
            self.assertEqual(of_reply(self.here.ask("DUMP", name)), seal(body, version))

    def test_times_of_fields_travel_and_without_any_the_payload_is_an_older_one(self):
        for count in (3, 600):
            fields = [b"field%d" % number for number in range(count)]
            self.here.ask("DEL", "from")
            self.here.ask("HSET", "from", *[word for field in fields for word in (field, b"value")])
            self.here.ask("HPEXPIREAT", "from", SOON, "FIELDS", 2, fields[0], fields[2])
            payload = of_reply(self.here.ask("DUMP", "from"))
            self.assertEqual((payload[0], payload[-10]), (24, 12))
            self.assertEqual(self.here.ask("RESTORE", "to", 0, payload, "REPLACE"), OK)
            for command in ("HPEXPIRETIME", "HMGET"):
                options = ["FIELDS", count] if command == "HPEXPIRETIME" else []
                replies = [self.here.ask(command, key, *options, *fields) for key in ("from", "to")]
                self.assertEqual(*replies)
            self.here.ask("HPERSIST", "from", "FIELDS", 2, fields[0], fields[2])
            payload = of_reply(self.here.ask("DUMP", "from"))
            self.assertEqual((payload[0], payload[-10]), (16 if count == 3 else 4, 10))

    def test_fields_that_are_over_are_left_out_and_with_the_last_one_the_key(self):
        past, body = int(time.time() * 1000) - 5000, NEWER["hash metadata"][1]
        gone = body.replace(SOON.to_bytes(8, "little"), past.to_bytes(8, "little"))
        self.assertEqual(self.here.ask("RESTORE", "key", 0, seal(gone, 12)), OK)
        # The third has 50 s more.
        self.assertEqual(value_of(self.here, "key"), ("hash", [(b"f", b"v"), (b"h", b"x")]))
        nothing = b"\x18" + past.to_bytes(8, "little") + b"\x01\x01\x01f\x01v"
        self.assertEqual(self.here.ask("RESTORE", "key", 0, seal(nothing, 12), "REPLACE"), OK)
        self.assertEqual(self.here.ask("EXISTS", "key"), b":0\r\n")

    def test_malformed_payloads_are_refused_and_change_nothing(self):
        self.here.ask("RPUSH", "key", "kept")
        for cases, version in ((MALFORMED, 10), (MALFORMED_NEWER, 12)):
            for name, body in cases.items():
                with self.subTest(name):
                    self.assertEqual(self.here.ask("RESTORE", "key", 0, seal(body, version), "REPLACE"), BAD)
                    if version == 10:
                        self.assertEqual(self.there.ask("RESTORE", "key", 0, seal(body), "REPLACE"), BAD)
        self.assertEqual(value_of(self.here, "key"), ("list", [b"kept"]))

    def test_what_is_broken_anywhere_is_refused_or_a_value(self):
        rng = random.Random(5)
        for body in [*OLDER.values(), *(body for _, body in NEWER.values())]:
            for _ in range(40):
                broken = bytearray(body)
                for _ in range(rng.randint(1, 3)):
                    broken[rng.randrange(1, len(broken))] = rng.randrange(256)
                if rng.random() < 0.3:
                    del broken[rng.randrange(1, len(broken)):]
                reply = self.here.ask("RESTORE", "key", 0, seal(bytes(broken), 12), "REPLACE")
                self.assertIn(reply, (OK, BAD))
                if reply == OK and self.here.ask("EXISTS", "key") == b":1\r\n":
                    payload = of_reply(self.here.ask("DUMP", "key"))
                    self.assertEqual(self.here.ask("RESTORE", "key", 0, payload, "REPLACE"), OK)

    def test_what_does_not_fit_is_refused_and_what_was_there_stays(self):
        with Redistill("--max-memory", "16mb", "--eviction-policy", "noeviction") as small, Connection(small) as here:
            here.ask("RPUSH", "list", *[b"a" * 50] * 5000)
            body = body_of(of_reply(here.ask("DUMP", "list")))
            pieces, rest = body[1], body[2:]  # fewer than 64: their number is one byte
            self.assertLess(pieces, 64)
            much = seal(b"\x12" + length(100 * pieces) + rest * 100)
            self.assertLess(len(much), 1_000_000)
            here.ask("SET", "key", "kept")
            for _ in range(3):
                refusal = here.ask("RESTORE", "key", 0, much, "REPLACE")
                self.assertEqual(refusal, b"-OOM command not allowed when used memory > 'maxmemory'.\r\n")
                self.assertEqual(here.ask("GET", "key"), b"$4\r\nkept\r\n")
            self.assertEqual(here.ask("RESTORE", "key", 0, seal(body), "REPLACE"), OK)
            self.assertEqual(here.ask("LLEN", "key"), b":5000\r\n")

    def test_options_are_for_every_type(self):
        for kind in ADD:
            self.there.ask("DEL", "key")
            self.there.ask(ADD[kind], "key", *words_of(kind, 5, 0, random.Random(6)))
            payload = of_reply(self.there.ask("DUMP", "key"))
            self.assertEqual(self.here.ask("SET", "key", "string"), OK)
            self.assertEqual(self.here.ask("RESTORE", "key", 0, payload), b"-BUSYKEY Target key name already exists.\r\n")
            self.assertEqual(self.here.ask("RESTORE", "key", SOON, payload, "REPLACE", "ABSTTL"), OK)
            self.assertEqual(self.here.ask("PEXPIRETIME", "key"), b":%d\r\n" % SOON)
            self.assertEqual(value_of(self.here, "key"), value_of(self.there, "key"))
            # And a string over it, and one that is over.
            self.here.ask("SET", "string", "text")
            string = of_reply(self.here.ask("DUMP", "string"))
            self.assertEqual(self.here.ask("RESTORE", "key", 0, string, "REPLACE"), OK)
            self.assertEqual(self.here.ask("GET", "key"), b"$4\r\ntext\r\n")
            self.assertEqual(self.here.ask("RESTORE", "key", 1, payload, "REPLACE", "ABSTTL"), OK)
            self.assertEqual(self.here.ask("EXISTS", "key"), b":0\r\n")

    def test_versions_that_there_are_none_of_and_wrong_checksums_are_refused(self):
        body = OLDER["hash"]
        wrong = b"-ERR DUMP payload version or checksum are wrong\r\n"
        self.assertEqual(self.here.ask("RESTORE", "key", 0, seal(body, 100)), wrong)
        self.assertEqual(self.here.ask("RESTORE", "key", 0, seal(body)[:-1] + b"\x00"), wrong)
        self.assertEqual(body_of(seal(body)), body)


if __name__ == "__main__":
    unittest.main()
