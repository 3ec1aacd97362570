"""Fields with a time to live, as Redis 7.4 and 8.0 have them: Debian's redis-server has none to compare with.

What is expected is what tests/unit/type/hash-field-expire.tcl of Redis expects. Each test runs on a packed hash, and on one
that is indexed since one of its values is long.
"""

import re
import time
import unittest

from daemon import Redistill
from resp import Connection, decode, request

NO_FIELD, NO_TIME = -2, -1
REFUSED, SET, DELETED = 0, 1, 2
LAST = (1 << 46) - 1
FAR = 4102444800
LONG = "v" * 100


def on_both(*pairs):
    """Runs a test with the name of a hash that has these fields and values, a packed one and then an indexed one."""
    def runs(test):
        def run(self):
            for key in ("packed", "indexed"):
                with self.subTest(key):
                    self.words(f"HSET {key} {' '.join(pairs)}")
                    if key == "indexed":
                        self.ask("HSET", key, "long", LONG)
                    test(self, key)
        return run
    return runs


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "1"))

    def setUp(self):
        self.connection = self.enterContext(Connection(self.server))
        self.ask("HELLO", 3)
        self.words("FLUSHALL")

    def ask(self, *words):
        return decode(self.connection.ask(*words))

    def words(self, text):
        return self.ask(*text.split())

    def refuses(self, text, error):
        self.assertEqual(self.words(text), error, text)

    def wait(self, holds):
        until = time.monotonic() + 20
        while not holds():
            self.assertLess(time.monotonic(), until)

    def now(self):
        seconds, microseconds = self.words("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000


class HashTimes(WithServer):
    def test_what_is_not_there_has_no_time(self):
        for name in ("HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT"):
            self.assertEqual(self.words(f"{name} absent 1000 FIELDS 2 a b"), [NO_FIELD, NO_FIELD])
        for name in ("HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME", "HPERSIST"):
            self.assertEqual(self.words(f"{name} absent FIELDS 2 a b"), [NO_FIELD, NO_FIELD])
        self.assertEqual(self.words("EXISTS absent"), 0)

    @on_both("f1", "v1", "f2", "v2")
    def test_times_are_told_in_seconds_rounded_up_and_milliseconds(self, key):
        self.assertEqual(self.words(f"HTTL {key} FIELDS 2 f1 f3"), [NO_TIME, NO_FIELD])
        self.assertEqual(self.words(f"HPEXPIREAT {key} {FAR}001 FIELDS 2 f1 f3"), [SET, NO_FIELD])
        self.assertEqual(self.words(f"HPEXPIRETIME {key} FIELDS 3 f1 f2 f3"), [FAR * 1000 + 1, NO_TIME, NO_FIELD])
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 1 f1"), [FAR + 1])
        self.assertEqual(self.words(f"HEXPIREAT {key} {FAR} FIELDS 1 f1"), [SET])
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 1 f1"), [FAR])
        before = self.now()
        self.assertEqual(self.words(f"HPEXPIRE {key} 100500 FIELDS 1 f2"), [SET])
        [left], [time] = self.words(f"HPTTL {key} FIELDS 1 f2"), self.words(f"HPEXPIRETIME {key} FIELDS 1 f2")
        self.assertTrue(90000 < left <= 100500 and before <= time - 100500 <= self.now())
        self.assertEqual(self.words(f"HEXPIRE {key} 1000 FIELDS 1 f2"), [SET])
        self.assertIn(self.words(f"HTTL {key} FIELDS 1 f2")[0], range(990, 1001))
        self.assertEqual(self.words(f"HMGET {key} f1 f2"), ["v1", "v2"])

    @on_both("f1", "v1", "f2", "v2", "f3", "v3")
    def test_conditions_hold_as_in_redis(self, key):
        self.assertEqual(self.words(f"HPEXPIRE {key} 1000000 NX FIELDS 1 f1"), [SET])
        self.assertEqual(self.words(f"HPEXPIRE {key} 2000000 NX FIELDS 2 f1 f2"), [REFUSED, SET])
        self.assertEqual(self.words(f"HPEXPIRE {key} 1500000 gt FIELDS 3 f1 f2 f3"), [SET, REFUSED, REFUSED])
        self.assertEqual(self.words(f"HPEXPIRE {key} 1800000 LT FIELDS 3 f1 f2 f3"), [REFUSED, SET, SET])
        self.words(f"HPERSIST {key} FIELDS 1 f3")
        self.assertEqual(self.words(f"HPEXPIRE {key} 9000000 XX FIELDS 2 f1 f3"), [SET, REFUSED])
        self.words(f"HPEXPIREAT {key} {FAR}000 FIELDS 1 f1")
        for condition in ("GT", "LT"):
            self.assertEqual(self.words(f"HPEXPIREAT {key} {FAR}000 {condition} FIELDS 1 f1"), [REFUSED])

    @on_both("f1", "v1", "f2", "v2", "f4", "v4")
    def test_time_that_is_past_deletes(self, key):
        self.words(f"HEXPIRE {key} 1000 FIELDS 1 f4")
        past = self.now() - 1000
        self.assertEqual(self.words(f"HPEXPIREAT {key} {past} NX FIELDS 4 f1 f2 f3 f4"),
                         [DELETED, DELETED, NO_FIELD, REFUSED])
        self.assertEqual(self.words(f"HEXPIRE {key} 0 FIELDS 2 f4 f4"), [DELETED, NO_FIELD])
        self.assertEqual(self.words(f"HKEYS {key}"), ["long"] if key == "indexed" else [])
        self.words(f"HEXPIRE {key} 0 FIELDS 1 long")
        self.assertEqual(self.words(f"EXISTS {key}"), 0)

    @on_both("f1", "v1", "f2", "v2")
    def test_persist_takes_the_time(self, key):
        self.assertEqual(self.words(f"HPERSIST {key} FIELDS 2 f1 absent"), [NO_TIME, NO_FIELD])
        self.words(f"HEXPIRE {key} 1000 FIELDS 1 f1")
        self.assertEqual(self.words(f"HPERSIST {key} FIELDS 4 f1 absent f2 f1"), [SET, NO_FIELD, NO_TIME, NO_TIME])
        self.assertEqual(self.words(f"HTTL {key} FIELDS 1 f1"), [NO_TIME])
        self.assertEqual(self.words(f"HGET {key} f1"), "v1")

    def test_field_whose_time_is_over_is_not_there(self):
        asked = {
            "HGET {} f1": None, "HMGET {} f1 f2": [None, "v2"], "HEXISTS {} f1": 0, "HSTRLEN {} f1": 0, "HLEN {}": 1,
            "HKEYS {}": ["f2"], "HVALS {}": ["v2"], "HGETALL {}": {"f2": "v2"}, "HRANDFIELD {} 5": ["f2"], "HRANDFIELD {}": "f2",
            "HSCAN {} 0": ["0", ["f2", "v2"]], "HTTL {} FIELDS 2 f1 f2": [NO_FIELD, NO_TIME],
            "HPERSIST {} FIELDS 1 f1": [NO_FIELD], "HEXPIRE {} 100 FIELDS 1 f1": [NO_FIELD], "HDEL {} f1": 0,
            "HGETDEL {} FIELDS 1 f1": [None], "HGETEX {} FIELDS 1 f1": [None], "HSETNX {} f1 v": 1, "HSET {} f1 v": 1,
            "HINCRBY {} f1 5": 5, "HINCRBYFLOAT {} f1 5.5": "5.5", "HSETEX {} FXX FIELDS 1 f1 v": 0,
            "HSETEX {} FNX FIELDS 1 f1 v": 1,
        }
        for length in (2, 100):
            value = "v2" if length == 2 else "v2" + "x" * length
            for number, (text, expected) in enumerate(asked.items()):
                key = f"h{length}-{number}"
                self.ask("HSET", key, "f1", "10", "f2", value)
                self.words(f"HPEXPIRE {key} 1 FIELDS 1 f1")
                self.wait(lambda: self.words(f"HPTTL {key} FIELDS 1 f1") == [NO_FIELD])
                with self.subTest(text, length=length):
                    shown = repr(self.words(text.format(key))).replace(value, "v2")
                    self.assertEqual(shown, repr(expected))

    def test_first_command_after_the_time_does_not_see_the_field(self):
        """Asked again and again across the moment: never the old value, and then none of the field."""
        for name, over in (("HGETALL", {"f2": "v2"}), ("HLEN", 1), ("HKEYS", ["f2"])):
            for rest in ("", "x" * 100):
                self.words("DEL h")
                self.ask("HSET", "h", "f1", "v1", "f2", "v2" + rest)
                self.words("HPEXPIRE h 3 FIELDS 1 f1")
                self.wait(lambda: repr(self.ask(name, "h")).replace(rest or "-", "") == repr(over))

    def test_hash_of_nothing_but_fields_that_are_over_is_gone(self):
        self.ask("HSET", "packed", "f1", "v")
        self.ask("HSET", "indexed", "f1", LONG)
        self.ask("HSET", "many", *[word for i in range(700) for word in (f"f{i}", i)])
        self.words("HPEXPIRE packed 1 FIELDS 1 f1")
        self.words("HPEXPIRE indexed 1 FIELDS 1 f1")
        self.ask("HPEXPIRE", "many", 1, "FIELDS", 700, *[f"f{i}" for i in range(700)])
        self.wait(lambda: self.words("EXISTS packed indexed many") == 0)
        self.assertEqual(self.words("HSET packed f1 new"), 1)
        self.wait(lambda: self.words("DBSIZE") == 1)

    def test_fields_nobody_asks_for_are_removed(self):
        for key in ("packed", "indexed"):
            self.ask("HSET", key, "f1", "v" if key == "packed" else LONG)
            self.words(f"HPEXPIRE {key} 1 FIELDS 1 f1")
        self.wait(lambda: self.words("DBSIZE") == 0)

    @on_both("f1", "1", "f2", "1", "f3", "1", "f4", "1", "f5", "1")
    def test_setting_a_field_takes_its_time_and_counting_keeps_it(self, key):
        fields = "FIELDS 5 f1 f2 f3 f4 f5"
        self.words(f"HEXPIREAT {key} {FAR} {fields}")
        self.assertEqual(self.words(f"HSET {key} f1 2"), 0)
        self.assertEqual(self.words(f"HMSET {key} f2 2 f6 2"), "OK")
        self.assertEqual(self.words(f"HINCRBY {key} f3 1"), 2)
        self.assertEqual(self.words(f"HINCRBYFLOAT {key} f4 0.5"), "1.5")
        self.assertEqual(self.words(f"HSETNX {key} f5 9"), 0)
        self.assertEqual(self.words(f"HEXPIRETIME {key} {fields}"), [NO_TIME, NO_TIME, FAR, FAR, FAR])

    @on_both("f1", "v1", "f2", "v2")
    def test_times_follow_the_key(self, key):
        self.words(f"HEXPIREAT {key} {FAR} FIELDS 1 f1")
        copied, renamed = f"{key}-copied", f"{key}-renamed"
        self.words(f"COPY {key} {copied}")
        self.words(f"RENAME {key} {renamed}")
        for other in (copied, renamed):
            self.assertEqual(self.words(f"HEXPIRETIME {other} FIELDS 2 f1 f2"), [FAR, NO_TIME])
        self.words(f"HEXPIREAT {copied} 1 FIELDS 1 f1")
        self.assertEqual(self.words(f"HGET {renamed} f1"), "v1")
        self.words(f"MOVE {renamed} 1")
        self.words("SELECT 1")
        self.assertEqual(self.words(f"HEXPIRETIME {renamed} FIELDS 2 f1 f2"), [FAR, NO_TIME])
        self.words("SELECT 0")

    def test_time_stays_when_the_hash_becomes_large(self):
        self.words("DEL h")
        self.words("HSET h f1 v1 f2 v2")
        self.words(f"HEXPIREAT h {FAR} FIELDS 1 f2")
        self.ask("HSET", "h", *[word for i in range(1000) for word in (f"n{i}", i)])
        self.assertEqual(self.words("OBJECT ENCODING h"), "hashtable")
        self.assertEqual(self.words("HEXPIRETIME h FIELDS 3 f1 f2 n999"), [NO_TIME, FAR, NO_TIME])
        self.ask("HEXPIREAT", "h", FAR, "FIELDS", 1000, *[f"n{i}" for i in range(1000)])
        self.assertEqual(self.words("HEXPIRETIME h FIELDS 2 n0 n999"), [FAR, FAR])
        self.ask("HPERSIST", "h", "FIELDS", 500, *[f"n{i}" for i in range(500)])
        self.assertEqual(self.words("HEXPIRETIME h FIELDS 2 n0 n999"), [NO_TIME, FAR])
        self.assertEqual(self.words("HLEN h"), 1002)

    @on_both("f1", "v1", "f2", "v2", "f3", "v3")
    def test_hgetex_reads_and_changes_the_time(self, key):
        self.assertEqual(self.words(f"HGETEX {key} FIELDS 3 f1 absent f2"), ["v1", None, "v2"])
        self.assertEqual(self.words(f"HGETEX {key} EXAT {FAR} FIELDS 2 f1 absent"), ["v1", None])
        self.assertEqual(self.words(f"HGETEX {key} pxat {FAR}000 FIELDS 1 f2"), ["v2"])
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 3 f1 f2 f3"), [FAR, FAR, NO_TIME])
        self.assertEqual(self.words(f"HGETEX {key} PERSIST FIELDS 2 f1 f3"), ["v1", "v3"])
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 2 f1 f2"), [NO_TIME, FAR])
        self.words(f"HGETEX {key} EX 1000 FIELDS 1 f1")
        self.words(f"HGETEX {key} PX 500000 FIELDS 1 f2")
        first, second = self.words(f"HTTL {key} FIELDS 2 f1 f2")
        self.assertTrue(990 <= first <= 1000 and 490 <= second <= 500)
        self.assertEqual(self.words(f"HGETEX {key} EX 0 FIELDS 2 f1 f1"), ["v1", None])
        self.assertEqual(self.words(f"HGETEX {key} PXAT 1 FIELDS 2 f2 f3"), ["v2", "v3"])
        self.assertEqual(self.words(f"HLEN {key}"), int(key == "indexed"))

    def test_hgetex_of_what_is_not_there(self):
        self.assertEqual(self.words("HGETEX absent EX 100 FIELDS 2 a b"), [None, None])
        self.assertEqual(self.words("EXISTS absent"), 0)

    @on_both("f1", "v1")
    def test_hsetex_sets_with_a_time(self, key):
        self.assertEqual(self.words(f"HSETEX {key} EXAT {FAR} FIELDS 2 f1 new f2 v2"), 1)
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 2 f1 f2"), [FAR, FAR])
        self.assertEqual(self.words(f"HSETEX {key} KEEPTTL FIELDS 2 f1 newer f3 v3"), 1)
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 2 f1 f3"), [FAR, NO_TIME])
        self.assertEqual(self.words(f"HSETEX {key} FIELDS 1 f2 newer"), 1)
        self.assertEqual(self.words(f"HEXPIRETIME {key} FIELDS 1 f2"), [NO_TIME])
        self.assertEqual(self.words(f"HSETEX {key} FNX FIELDS 2 f4 x f1 x"), 0)
        self.assertEqual(self.words(f"HSETEX {key} PX 100000 fxx FIELDS 2 f4 x f1 x"), 0)
        self.assertEqual(self.words(f"HSETEX {key} FXX PX 100000 FIELDS 1 f1 x"), 1)
        self.assertEqual(self.words(f"HSETEX {key} FNX EX 100 FIELDS 1 f4 x"), 1)
        self.assertEqual(self.words(f"HMGET {key} f1 f2 f3 f4"), ["x", "newer", "v3", "x"])
        self.assertEqual(self.words(f"HSETEX {key} PXAT 1 FIELDS 4 f1 1 f2 1 f4 1 f5 1"), 1)
        self.assertEqual(self.words(f"HMGET {key} f1 f2 f3 f4 f5"), [None, None, "v3", None, None])

    def test_hsetex_of_what_is_not_there(self):
        self.assertEqual(self.words("HSETEX absent FXX FIELDS 1 f v"), 0)
        self.assertEqual(self.words("HSETEX absent EX 0 FIELDS 1 f v"), 1)
        self.assertEqual(self.words("EXISTS absent"), 0)

    @on_both("f1", "v1", "f2", "v2")
    def test_hgetdel_reads_and_deletes(self, key):
        self.words(f"HEXPIREAT {key} {FAR} FIELDS 1 f1")
        self.assertEqual(self.words(f"HGETDEL {key} FIELDS 3 f1 f1 absent"), ["v1", None, None])
        self.assertEqual(self.words(f"HGETDEL {key} FIELDS 1 f2"), ["v2"])
        self.assertEqual(self.words(f"HGETDEL {key} FIELDS 1 long"), [LONG if key == "indexed" else None])
        self.assertEqual(self.words(f"EXISTS {key}"), 0)

    def test_what_is_wrong_is_told_as_in_redis(self):
        self.words("HSET h f1 v1")
        self.words("SET s v")
        fields = "ERR Mandatory argument FIELDS is missing or not at the right position"
        match = "ERR The `numfields` parameter must match the number of arguments"
        positive = "ERR Number of fields must be a positive integer"
        wrong_type = "WRONGTYPE Operation against a key holding the wrong kind of value"
        for name in ("HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT"):
            lower = name.lower()
            self.refuses(f"{name} h 1 FIELDS 1", f"ERR wrong number of arguments for '{lower}' command")
            self.refuses(f"{name} h x FIELDS 1 f1", "ERR value is not an integer or out of range")
            self.refuses(f"{name} h -1 FIELDS 1 f1", "ERR invalid expire time, must be >= 0")
            self.refuses(f"{name} h 9223372036854775807 FIELDS 1 f1", f"ERR invalid expire time in '{lower}' command")
            self.refuses(f"{name} h 1000 ZZ FIELDS 1 f1", fields)
            self.refuses(f"{name} h 1000 NX 1 f1 f2", fields)
            for count in ("0", "-1", "x"):
                self.refuses(f"{name} h 1000 NX FIELDS {count} f1", "ERR Parameter `numFields` should be greater than 0")
            self.refuses(f"{name} h 1000 FIELDS 2 f1", match)
            self.refuses(f"{name} h 1000 LT FIELDS 1 f1 f2", match)
            self.refuses(f"{name} s x FIELDS 1 f1", wrong_type)
        for name in ("HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME", "HPERSIST", "HGETDEL", "HGETEX"):
            self.refuses(f"{name} h FIELDS 1", f"ERR wrong number of arguments for '{name.lower()}' command")
            self.refuses(f"{name} h x 1 f1", fields)
            self.refuses(f"{name} h FIELDS 0 f1", positive)
            self.refuses(f"{name} h FIELDS x f1", positive)
            self.refuses(f"{name} h FIELDS 1 f1 f2", match)
            self.refuses(f"{name} s x 1 f1", wrong_type)
        self.refuses(f"HPEXPIREAT h {LAST + 1} FIELDS 1 f1", "ERR invalid expire time in 'hpexpireat' command")
        self.assertEqual(self.words(f"HPEXPIREAT h {LAST} FIELDS 1 f1"), [SET])
        self.assertEqual(self.words("HPEXPIRETIME h FIELDS 1 f1"), [LAST])
        self.refuses("HGETEX h EX x FIELDS 1 f1", "ERR value is not an integer or out of range")
        self.refuses("HGETEX h EX -1 FIELDS 1 f1", "ERR invalid expire time, must be >= 0")
        self.refuses("HGETEX h PERSIST x 1 f1", fields)
        self.refuses("HGETEX h EX 1 FIELDS", positive)

    def test_what_is_wrong_with_hsetex_is_told_as_in_redis(self):
        arity = "ERR wrong number of arguments for 'hsetex' command"
        one_time = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
        for text, error in {
            "FIELDS 1 f": arity, "FIELDS 2 f v": arity, "FIELDS 1 f v g": arity, "FXX EX 1 FIELDS 1": arity,
            "FIELDS 0 f v": "ERR invalid number of fields", "FIELDS x f v": "ERR invalid number of fields",
            "FIELDS 2147483648 f v": "ERR invalid number of fields",
            "EX 1 PX 1 FIELDS 1 f v": one_time, "EX 1 KEEPTTL FIELDS 1 f v": one_time, "KEEPTTL KEEPTTL FIELDS 1 f v": one_time,
            "FNX FXX FIELDS 1 f v": "ERR Only one of FXX or FNX arguments can be specified",
            "FXX KEEPTTL x EX": "ERR unknown argument: x", "x FIELDS 1 f v": "ERR unknown argument: x",
            "EX -1 FIELDS 1 f v": "ERR invalid expire time, must be >= 0",
            "FXX EX x FIELDS 1": "ERR value is not an integer or out of range",
            "FNX FIELDS EX PX": arity,
        }.items():
            self.refuses(f"HSETEX absent {text}", error)
        self.words("SET s v")
        self.refuses("HSETEX s FIELDS 1 f v", "WRONGTYPE Operation against a key holding the wrong kind of value")

    @on_both("f1", "v1", "f2", "v2")
    def test_scan_gives_names_alone_when_asked(self, key):
        cursor, found = self.words(f"HSCAN {key} 0 NOVALUES")
        self.assertEqual((cursor, {*found} - {"long"}), ("0", {"f1", "f2"}))
        self.assertEqual(self.words(f"HSCAN {key} 0 MATCH *2 novalues COUNT 100"), ["0", ["f2"]])

    def test_scan_of_a_set_has_no_values_to_leave_out(self):
        self.words("SADD s a")
        self.refuses("SSCAN s 0 NOVALUES", "ERR NOVALUES option can only be used in HSCAN")

    def test_scan_of_a_large_hash_finds_each_field(self):
        self.words("DEL h")
        self.ask("HSET", "h", *[word for i in range(3000) for word in (f"f{i}", i)])
        found, cursor, calls = [], "0", 0
        while calls == 0 or cursor != "0":
            cursor, part = self.ask("HSCAN", "h", cursor, "COUNT", 100, "NOVALUES")
            found += part
            calls += 1
        self.assertEqual({*found}, {f"f{i}" for i in range(3000)})
        self.assertGreater(calls, 10)

    @on_both(*[word for i in range(10) for word in (f"f{i}", "v")])
    def test_random_fields_come_equally_often(self, key):
        """Of 10 fields, 3 at a time, 3,000 times: each some 900 times, which has a deviation of 25."""
        if key == "indexed":
            self.words(f"HDEL {key} f9")
        for text, times, share in ((f"HRANDFIELD {key} 3", 3000, 900), (f"HRANDFIELD {key} -9000", 1, 900),
                                   (f"HRANDFIELD {key} 8", 500, 400)):
            counts = {}
            for _ in range(times):
                for field in self.words(text):
                    counts[field] = counts.get(field, 0) + 1
            self.assertEqual(len(counts), 10)
            self.assertTrue(all(abs(count - share) < 6 * share ** 0.5 for count in counts.values()), counts)


class Counts(WithServer):
    """What INFO says of them: subexpiry, of each database, and expired_subkeys."""

    def timed(self, database=0):
        found = re.search(rb"db%d:.*subexpiry=(\d+)" % database, self.connection.ask("INFO", "keyspace"))
        return int(found[1]) if found else 0

    def expired(self):
        return int(re.search(rb"expired_subkeys:(\d+)", self.connection.ask("INFO", "stats"))[1])

    @on_both("f1", "1", "f2", "2", "f3", "3")
    def test_hash_is_timed_while_a_field_has_a_time(self, key):
        before = self.timed()
        for text in (f"HPERSIST {key} FIELDS 2 f1 f2", f"HDEL {key} f1 f2", f"HSET {key} f1 1 f2 2", f"HGETDEL {key} FIELDS 2 f1 f2",
                     f"HGETEX {key} PERSIST FIELDS 2 f1 f2", f"HSETEX {key} FIELDS 2 f1 1 f2 2", f"HPEXPIREAT {key} 1 FIELDS 2 f1 f2",
                     f"DEL {key}", f"SET {key} v", f"UNLINK {key}", "FLUSHALL", "FLUSHDB", f"PEXPIREAT {key} 1"):
            with self.subTest(text):
                self.ask("DEL", key)
                self.ask("HSET", key, "f1", 1, "f2", 2, "f3", 3, *(["long", LONG] if key == "indexed" else []))
                self.words(f"HEXPIREAT {key} {FAR} FIELDS 1 f1")
                self.words(f"HEXPIREAT {key} {FAR} FIELDS 2 f1 f2")
                self.assertEqual(self.timed(), before + 1)
                self.words(text)
                self.assertEqual(self.timed(), 0)
                before = 0

    @on_both("f1", "1", "f2", "2")
    def test_count_goes_with_the_key(self, key):
        self.words(f"HEXPIREAT {key} {FAR} FIELDS 1 f1")
        self.words(f"COPY {key} other")
        self.assertEqual(self.timed(), 2)
        self.words(f"RENAME {key} other")
        self.assertEqual(self.timed(), 1)
        payload = self.connection.ask("DUMP", "other").split(b"\r\n", 1)[1][:-2]
        self.ask("RESTORE", "other", 0, payload, "REPLACE")
        self.ask("RESTORE", key, 0, payload)
        self.assertEqual(self.timed(), 2)
        self.words("PEXPIRE other 100000")
        self.words("MOVE other 1")
        self.assertEqual((self.timed(), self.timed(1)), (1, 1))
        self.words(f"COPY {key} {key} DB 1")
        self.words("SWAPDB 0 1")
        self.assertEqual((self.timed(), self.timed(1)), (2, 1))
        self.words("FLUSHDB")
        self.assertEqual((self.timed(), self.timed(1)), (0, 1))
        self.words("FLUSHALL")
        self.assertEqual((self.timed(), self.timed(1)), (0, 0))

    @on_both("f1", "1", "f2", "2", "f3", "3")
    def test_fields_that_expire_are_counted(self, key):
        before = self.expired()
        self.words(f"HPEXPIRE {key} 1 FIELDS 2 f1 f2")
        self.wait(lambda: self.expired() == before + 2)
        self.assertEqual(self.timed(), 0)
        self.words(f"HPEXPIREAT {key} 1 FIELDS 2 f3 none")  # to Redis it has expired
        self.assertEqual(self.expired(), before + 3)
        self.ask("CONFIG", "RESETSTAT")
        self.assertEqual(self.expired(), 0)

    def test_timed_hashes_that_are_evicted_are_counted_no_more(self):
        self.words("CONFIG SET maxmemory 8mb maxmemory-policy allkeys-random")
        self.addCleanup(self.words, "CONFIG SET maxmemory 0")
        for first in range(0, 20_000, 500):
            requests = [request("HSETEX", i, "EX", 10_000, "FIELDS", 2, "f1", "v" * 400, "f2", 2) for i in range(first, first + 500)]
            self.connection.socket.sendall(b"".join(requests))
            for _ in requests:
                self.connection.read()
        self.assertLess(self.words("DBSIZE"), 20_000)
        self.assertEqual(self.timed(), self.words("DBSIZE"))


if __name__ == "__main__":
    unittest.main()
