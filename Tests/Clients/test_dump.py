"""DUMP against Debian's redis-server: the same bytes, and each side takes what the other one wrote."""

import random
import time
import unittest

from beside_redis import BesideRedis
from daemon import DebianRedis

ROUNDS = 150
LENGTHS = [0, 1, 3, 4, 11, 19, 20, 21, 22, 23, 24, 25, 32, 33, 40, 44, 64, 100, 255, 256, 263, 264, 265, 300, 1000, 4000,
           8191, 8192, 8193, 16383, 16384, 20000, 65535, 65536, 100_000]


def value_of(rng):
    """Something that LZF finds much, little or nothing in."""
    length = rng.choice(LENGTHS) if rng.random() < 0.7 else rng.randint(0, 100_000)
    kind = rng.randrange(6)
    if kind == 0:
        return rng.randbytes(length)
    if kind == 1:
        return bytes(rng.choices(rng.randbytes(rng.choice([1, 2, 3, 8])), k=length))
    if kind == 2:  # one piece over and over, around the longest distance
        piece = rng.randbytes(rng.choice([1, 2, 3, 5, 30, 31, 32, 33, 264, 8190, 8191, 8192, 8193, 8194]))
        return (piece * (length // len(piece) + 1))[:length]
    if kind == 3:
        words = [rng.randbytes(rng.randint(1, 12)) for _ in range(rng.choice([2, 20, 200]))]
        return b" ".join(rng.choices(words, k=length // 4 + 1))[:length]
    if kind == 4:  # random bytes with repetitions in between
        text = bytearray(rng.randbytes(length))
        for _ in range(rng.randint(1, 40)):
            if length > 50:
                count, to = rng.randint(3, min(300, length - 1)), rng.randint(0, length - 1)
                start = rng.randint(0, length - count)
                text[to:to + count] = text[start:start + count][:length - to]
        return bytes(text[:length])
    return b'{"id":%d,"name":"user %d","tags":["a","b"],"score":%d},' % (length, length // 7, length) * (length // 40)


def expired_keys(connection):
    lines = connection.ask("INFO", "stats").decode().splitlines()
    return int(dict(line.split(":", 1) for line in lines if ":" in line)["expired_keys"])


class DumpTest(BesideRedis):
    def test_what_is_restored_past_its_time_is_not_there_and_counts_as_expired(self):
        self.here.ask("SET", "key", "value")
        payload = self.here.ask("DUMP", "key")
        payload = payload[payload.index(b"\n") + 1:-2]
        before, past = expired_keys(self.here), int(time.time() * 1000) - 3000
        self.assertEqual(self.here.ask("RESTORE", "key", past, payload, "ABSTTL", "REPLACE"), b"+OK\r\n")
        self.assertEqual(self.here.ask("DBSIZE"), b":0\r\n")
        self.assertEqual(expired_keys(self.here), before + 1)

    def test_payloads_are_the_same_byte_for_byte(self):
        rng = random.Random(7)
        # LibLZF does not clear its table of places, and what an earlier DUMP left there may be taken for a place in
        # this value. After a large value of noise, no place that it knows lies in a smaller one.
        self.there.ask("SET", "noise", rng.randbytes(2 << 20))
        packed = 0
        for number in range(ROUNDS):
            value = value_of(rng)
            self.there.ask("DUMP", "noise")
            answers = []
            for connection in (self.here, self.there):
                connection.ask("SET", "key", value)
                answers.append(connection.ask("DUMP", "key"))
            # 7.0's version and checksum stand in the last ten bytes before CRLF.
            ours, theirs = (answer[:-12] for answer in answers)
            self.assertEqual(ours, theirs, (number, len(value), value[:80]))
            if DebianRedis.version()[:2] == (7, 0):
                self.assertEqual(*answers)
            packed += len(ours) < len(value)
        self.assertGreater(packed, ROUNDS // 4)

    def test_integers_are_dumped_as_there(self):
        numbers = [0, 1, -1, 127, 128, -128, -129, 32767, 32768, -32768, -32769, 2**31 - 1, 2**31, -2**31, -2**31 - 1,
                   2**63 - 1, -2**63, 12345678901]
        for text in [b"%d" % number for number in numbers] + [b"01", b"+1", b"-0", b" 1", b"1.0", b""]:
            for append in (False, True):  # an appended number is raw, and dumped as one all the same
                answers = []
                for connection in (self.here, self.there):
                    connection.ask("DEL", "key")
                    connection.ask("APPEND" if append else "SET", "key", text)
                    answers.append(connection.ask("DUMP", "key"))
                self.assertEqual(answers[0][:-12], answers[1][:-12], (text, append))

    def test_each_restores_what_the_other_dumped(self):
        rng = random.Random(8)
        for _ in range(100):
            value = value_of(rng)
            for source, target in ((self.here, self.there), (self.there, self.here)):
                source.ask("SET", "from", value)
                payload = source.ask("DUMP", "from")
                payload = payload[payload.index(b"\n") + 1:-2]
                self.assertEqual(target.ask("RESTORE", "to", 0, payload, "REPLACE"), b"+OK\r\n")
                self.assertEqual(target.ask("GET", "to"), b"$%d\r\n%s\r\n" % (len(value), value))


if __name__ == "__main__":
    unittest.main()
