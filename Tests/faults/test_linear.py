"""The checker itself, by histories that are known to be good and to be bad."""

import random
import unittest

import register
import shaped
from linear import FOREVER, UNKNOWN, Operation, TooHard, check


def history(*lines):
    return [Operation(begun, FOREVER if ended is None else ended, kind, argument, result)
            for begun, ended, kind, argument, result in lines]


def judged(*lines, evicts=False):
    return check(history(*lines), register.model(evicts), register.ABSENT)


class Checker(unittest.TestCase):
    def test_good_histories_pass(self):
        for name, lines in {
            "in sequence": [(0, 1, "SET", b"a", b"OK"), (2, 3, "GET", None, b"a")],
            "a read beside a write sees the old value": [(0, 9, "SET", b"a", b"OK"), (1, 2, "GET", None, None)],
            "or the new one": [(0, 9, "SET", b"a", b"OK"), (1, 2, "GET", None, b"a")],
            "and stays with it": [(0, 9, "SET", b"a", b"OK"), (1, 2, "GET", None, None), (3, 4, "GET", None, b"a"),
                                  (5, 6, "GET", None, b"a")],
            "increments beside each other": [(0, 9, "INCR", None, 2), (0, 9, "INCR", None, 1), (0, 9, "INCR", None, 3)],
            "one NX of two": [(0, 5, "SETNX", b"a", None), (1, 6, "SETNX", b"b", b"OK"), (7, 8, "GET", None, b"b")],
            "SET GET chain": [(0, 5, "SETGET", b"a", b"b"), (0, 5, "SETGET", b"b", None), (6, 7, "GETDEL", None, b"a")],
            "APPEND": [(0, 1, "APPEND", b"ab", 2), (2, 5, "APPEND", b"c", 4), (2, 5, "APPEND", b"d", 3),
                       (6, 7, "GET", None, b"abdc")],
            "an answer lost, and done": [(0, None, "SET", b"a", UNKNOWN), (5, 6, "GET", None, b"a")],
            "an answer lost, and not done": [(0, None, "SET", b"a", UNKNOWN), (5, 6, "GET", None, None)],
            "expired": [(0, 1, "SETPX", (b"a", 2), b"OK"), (1.5, 1.6, "GET", None, b"a"), (4, 5, "GET", None, None)],
            "INCR keeps the expiry": [(0, 1, "SETPX", (b"1", 2), b"OK"), (1.1, 1.2, "INCR", None, 2), (4, 5, "GET", None, None)],
        }.items():
            with self.subTest(name):
                self.assertIsNone(judged(*lines))

    def test_bad_histories_are_found(self):
        for name, lines in {
            "stale read": [(0, 1, "SET", b"a", b"OK"), (2, 3, "SET", b"b", b"OK"), (4, 5, "GET", None, b"a")],
            "lost write": [(0, 1, "SET", b"a", b"OK"), (2, 3, "GET", None, None)],
            "new, then old": [(0, 9, "SET", b"a", b"OK"), (1, 2, "GET", None, b"a"), (3, 4, "GET", None, None)],
            "an increment lost": [(0, 9, "INCR", None, 1), (0, 9, "INCR", None, 1)],
            "two winners of NX": [(0, 5, "SETNX", b"a", b"OK"), (1, 6, "SETNX", b"b", b"OK")],
            "two takers of one value": [(0, 1, "SET", b"a", b"OK"), (2, 5, "GETDEL", None, b"a"), (2, 5, "GETDEL", None, b"a")],
            "an APPEND lost": [(0, 1, "APPEND", b"ab", 2), (2, 5, "APPEND", b"c", 3), (2, 5, "APPEND", b"d", 3)],
            "a value out of nowhere": [(0, 1, "GET", None, b"x")],
            "done, though its time was over": [(0, 1, "SET", b"a", b"OK"), (2, 3, "DEL", None, 0)],
            "expired too early": [(0, 1, "SETPX", (b"a", 10), b"OK"), (2, 3, "GET", None, None)],
            "expired too late": [(0, 1, "SETPX", (b"a", 2), b"OK"), (4, 5, "GET", None, b"a")],
            "back from the dead": [(0, 1, "SETPX", (b"a", 2), b"OK"), (2, 2.5, "GET", None, None), (2.6, 2.7, "GET", None, b"a")],
            "PERSIST forgotten": [(0, 1, "SETPX", (b"a", 2), b"OK"), (1, 1.1, "PERSIST", None, 1), (4, 5, "GET", None, None)],
        }.items():
            with self.subTest(name):
                self.assertIsNotNone(judged(*lines))

    def test_what_is_evicted_stays_gone(self):
        written = (0, 1, "SET", b"a", b"OK")
        self.assertIsNone(judged(written, (2, 3, "GET", None, None), evicts=True))
        self.assertIsNotNone(judged(written, (2, 3, "GET", None, None), (4, 5, "GET", None, b"a"), evicts=True))

    def test_halves_of_pairs_are_found(self):
        good = history((0, 1, "SETPAIR", b"a", b"OK"), (2, 5, "SETPAIR", b"b", b"OK"), (3, 4, "GETPAIR", None, (b"b", b"b")))
        torn = history((0, 1, "SETPAIR", b"a", b"OK"), (2, 5, "SETPAIR", b"b", b"OK"), (3, 4, "GETPAIR", None, (b"b", b"a")))
        self.assertIsNone(check(good, register.pair, None))
        self.assertIsNotNone(check(torn, register.pair, None))

    def test_values_with_a_shape(self):
        left, right, no = 0, 1, None
        for name, is_good, lines in (
            ("set", True, [(0, 1, "SADD", (left, b"a"), 1), (2, 5, "SMOVE", (left, b"a"), 1), (3, 4, "SUNION", (left, no), {b"a"}),
                           (6, 7, "SISMEMBER", (right, b"a"), 1), (8, 9, "SREM", (left, b"a"), 0)]),
            ("set", False, [(0, 1, "SADD", (left, b"a"), 1), (2, 5, "SMOVE", (left, b"a"), 1), (3, 4, "SUNION", (left, no), set())]),
            ("set", False, [(0, 1, "SADD", (left, b"a"), 1), (2, 3, "SMOVE", (left, b"a"), 1), (4, 5, "SMEMBERS", (left, no), {b"a"})]),
            ("list", True, [(0, 3, "LPUSH", (left, b"a"), 1), (0, 3, "RPUSH", (left, b"b"), 2), (4, 5, "LRANGE", (left, no), (b"a", b"b")),
                            (6, 7, "LMOVE", (left, no), b"b"), (8, 9, "RPOP", (right, no), b"b"), (8, 9, "RPOP", (right, no), no)]),
            ("list", False, [(0, 1, "LPUSH", (left, b"a"), 1), (2, 5, "RPOP", (left, no), b"a"), (2, 5, "LPOP", (left, no), b"a")]),
            ("list", False, [(0, 1, "LPUSH", (left, b"a"), 1), (2, 3, "LPUSH", (left, b"b"), 2), (4, 5, "RPOP", (left, no), b"b")]),
            ("list", False, [(0, 1, "LPUSH", (left, b"a"), 1), (2, 3, "RPOP", (left, no), no)]),
            ("hash", True, [(0, 1, "HSETBOTH", b"x", 2), (2, 5, "HSETBOTH", b"y", 0), (3, 4, "HMGET", no, (b"y", b"y")),
                            (6, 8, "HINCRBY", 3, 6), (6, 8, "HINCRBY", 3, 3), (9, 10, "HDEL", b"f1", 1), (11, 12, "HGET", b"f1", no)]),
            ("hash", False, [(0, 1, "HSETBOTH", b"x", 2), (2, 5, "HSETBOTH", b"y", 0), (3, 4, "HMGET", no, (b"x", b"y"))]),
            ("hash", False, [(0, 3, "HINCRBY", 3, 3), (0, 3, "HINCRBY", 3, 3)]),
            ("zset", True, [(0, 1, "ZADD", (b"a", 2), 1), (2, 3, "ZINCRBY", (b"b", 1), b"1"), (4, 7, "ZPOPMIN", no, (b"a", b"2")),
                            (4, 7, "ZPOPMIN", no, (b"b", b"1")), (8, 9, "ZPOPMIN", no, ())]),
            ("zset", False, [(0, 1, "ZADD", (b"a", 2), 1), (2, 3, "ZADD", (b"b", 1), 1), (4, 5, "ZPOPMIN", no, (b"a", b"2"))]),
            ("zset", False, [(0, 1, "ZADD", (b"a", 2), 1), (2, 5, "ZREM", (b"a", no), 1), (2, 5, "ZPOPMIN", no, (b"a", b"2"))]),
        ):
            with self.subTest(name, lines=lines):
                self.assertEqual(check(history(*lines), shaped.step, shaped.EMPTY[name]) is None, is_good)

    def test_random_histories_of_one_register_pass_until_one_answer_is_changed(self):
        for seed in range(30):
            dice = random.Random(seed)
            lines, value, now = [], None, 0.0
            for number in range(300):  # each takes effect at `now`, somewhere between its two ends
                now += 1
                begun, ended = now - dice.random() * 3, now + dice.random() * 3
                if dice.random() < 0.4:
                    value = b"%d" % number
                    lines.append((begun, ended, "SET", value, b"OK"))
                else:
                    lines.append((begun, ended, "GET", None, value))
            self.assertIsNone(judged(*lines))
            old = next(line[3] for line in lines if line[2] == "SET")
            at = dice.choice([index for index, line in enumerate(lines) if line[2] == "GET" and index > 100])
            lines[at] = (*lines[at][:4], old)
            self.assertIsNotNone(judged(*lines), f"seed {seed}")

    def test_a_search_too_large_says_so(self):
        lines = [(0, 9, "APPEND", b"%c" % number, UNKNOWN) for number in range(65, 85)] + [(1, 8, "GET", None, b"none")]
        with self.assertRaises(TooHard):
            check(history(*lines), register.model(), register.ABSENT, most=5000)


if __name__ == "__main__":
    unittest.main()
