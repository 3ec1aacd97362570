"""Commands that came after Redis 7.0, or from Valkey and redis-cell: what their documentation promises."""

import time
import unittest

from daemon import Redistill
from resp import Connection

OK, NIL, ONE, ZERO = b"+OK\r\n", b"$-1\r\n", b":1\r\n", b":0\r\n"
SYNTAX = b"-ERR syntax error\r\n"
DIGESTS = {b"": b"2d06800538d394c2", b"a": b"e6c632b61e964e1f", b"abc": b"78af5f94892f3950"}
DIGESTS_BY_LENGTH = {  # of the bytes 0, 167, 334 ... modulo 251, by libxxhash 0.8.1: both sides of each of its branches
    4: b"2ac92bdf0cad01ca", 8: b"a44e08799d1ee462", 9: b"8f41141cc3648c10", 16: b"09291bb775803264",
    17: b"f98ba6d9068f258e", 32: b"da348554d5fee834", 33: b"14758efb80341fcb", 64: b"fcadeb46fb5169a5",
    65: b"57b8165b5f146c22", 96: b"8a27e266c106a968", 97: b"a4ad10d84d2467d5", 128: b"c8b7296ef02ecdc4",
    129: b"092292b7dfb446aa", 143: b"e2bccebf3533d415", 144: b"42ae69964092991a", 240: b"34eb445e884439bc",
    241: b"4d35e2c72d2b0e11", 1024: b"2daacae92b95ed3f", 1025: b"d009800faa11e5b5", 1088: b"eb7eac2849e80ae7",
    1089: b"c14daab5c91d3f0d", 5000: b"709459703c4b67cc",
}


def bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text), text)


class NewerCommandsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "2"))

    def setUp(self):
        self.connection = self.enterContext(Connection(self.server))
        self.connection.ask("FLUSHALL")

    def converse(self, *exchanges):
        for line, expected in exchanges:
            words = line.split(" ") if isinstance(line, str) else line
            self.assertEqual(self.connection.ask(*words), expected, line)

    def test_set_stores_if_the_value_is_or_is_not_this(self):
        self.converse(
            ("SET k v IFEQ v", NIL), ("GET k", NIL), ("SET k v IFNE v", OK), ("SET k w IFEQ x", NIL), ("GET k", bulk(b"v")),
            ("SET k w IFEQ v", OK), ("GET k", bulk(b"w")), ("SET k x IFNE w", NIL), ("SET k x IFNE v", OK),
            ("SET k y IFEQ x GET", bulk(b"x")), ("SET k z IFEQ x GET", bulk(b"y")), ("GET k", bulk(b"y")),
            ("SET k v IFEQ", SYNTAX), ("SET k v IFEQ y NX", SYNTAX), ("SET k v XX IFEQ y", SYNTAX),
            ("SET k v IFEQ y IFNE z", SYNTAX), ("SET k v IFEQ y EX 100", OK), ("TTL k", b":100\r\n"),
            ("SET k w IFEQ v KEEPTTL", OK), ("TTL k", b":100\r\n"))

    def test_digest_is_xxh3_in_hexadecimal(self):
        self.assertEqual(self.connection.ask("DIGEST", "none"), NIL)
        for value, digest in DIGESTS.items():
            self.connection.ask("SET", "k", value)
            self.assertEqual(self.connection.ask("DIGEST", "k"), bulk(digest))
        for length, digest in DIGESTS_BY_LENGTH.items():
            self.connection.ask("SET", "k", bytes(i * 167 % 251 for i in range(length)))
            self.assertEqual(self.connection.ask("DIGEST", "k"), bulk(digest), length)

    def test_conditions_are_checked_as_redis_checks_them(self):
        error = b"-ERR must be exactly 16 hexadecimal characters\r\n"
        condition = b"-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE\r\n"
        self.converse(  # of a key that is not there, the digest is not read
            ("SET k v IFDEQ x", NIL), ("SET k v IFDEQ x GET", NIL), ("DELEX k IFDEQ x", ZERO), ("DELEX k WHAT x", ZERO),
            ("SET k v IFDNE x", OK), ("SET k w IFDNE x", error), ("SET k w IFDEQ x GET", error), ("GET k", bulk(b"v")),
            ("DELEX k IFDNE x", error), ("DELEX k WHAT x", condition),
            ("SET k w IFDEQ x EX 0", b"-ERR invalid expire time in 'set' command\r\n"),
            ("SET k w IFEQ x IFEQ v", OK), ("SET k x IFEQ w IFEQ v", NIL), ("SET k x IFEQ w IFNE v", SYNTAX))
        digest = DIGESTS[b"abc"]
        for changed in (digest[:-1] + b"x", bytes(byte & ~0x20 if 0x30 <= byte < 0x3a else byte for byte in digest)):
            self.converse(("SET k abc", OK), (["SET", "k", "w", "IFDEQ", changed], NIL), (["DELEX", "k", "IFDNE", changed], ONE))

    def test_increx_adds_within_bounds(self):
        def pair(value, applied):
            return b"*2\r\n:%d\r\n:%d\r\n" % (value, applied)

        most, least = 2**63 - 1, -2**63
        overflow = b"-ERR applied increment would overflow\r\n"
        self.converse(
            ("INCREX k", pair(1, 1)), ("INCREX k BYINT 4 UBOUND 5", pair(5, 4)), ("INCREX k UBOUND 5", pair(5, 0)),
            ("INCREX k BYINT 9 SATURATE UBOUND 7", pair(7, 2)), ("INCREX k BYINT -9 LBOUND 0", pair(7, 0)),
            ("INCREX k BYINT -9 LBOUND 0 SATURATE", pair(0, -7)), ("GET k", bulk(b"0")), ("OBJECT ENCODING k", bulk(b"int")),
            ("INCREX none UBOUND 0", pair(0, 0)), ("EXISTS none", ZERO), ("INCREX k UBOUND -3 SATURATE", pair(-3, -3)),
            (f"SET k {most - 1}", OK), ("INCREX k BYINT 2", pair(most - 1, 0)), ("INCREX k BYINT 2 SATURATE", pair(most, 1)),
            (f"INCREX k SATURATE UBOUND {least}", overflow), (f"SET k {least}", OK), ("INCREX k BYINT -1 SATURATE", pair(least, 0)),
            ("SET k x", OK), ("INCREX k", b"-ERR value is not an integer or out of range\r\n"),
            ("INCREX k BYFLOAT 1", b"-ERR value is not a valid float\r\n"))

    def test_increx_adds_fractions(self):
        def pair(value, applied):
            return b"*2\r\n" + bulk(value) + bulk(applied)

        self.converse(
            ("INCREX k BYFLOAT 1.5", pair(b"1.5", b"1.5")), ("INCREX k BYFLOAT 2 UBOUND 3", pair(b"1.5", b"0")),
            ("INCREX k BYFLOAT 2 UBOUND 3 SATURATE", pair(b"3", b"1.5")), ("GET k", bulk(b"3")), ("INCREX k", b"*2\r\n:4\r\n:1\r\n"),
            ("INCREX k BYFLOAT -inf", b"-ERR BYFLOAT increment cannot be Infinity\r\n"), ("SET k inf", OK),
            ("INCREX k BYFLOAT 1", b"-ERR value cannot be Infinity\r\n"), ("SET k 1", OK))
        self.connection.ask("HELLO", 3)
        self.converse(("INCREX k BYFLOAT 0.25", b"*2\r\n,1.25\r\n,0.25\r\n"), ("INCREX n BYINT 2", b"*2\r\n:2\r\n:2\r\n"))

    def test_increx_sets_the_time_to_live_that_it_is_told(self):
        up = [b"*2\r\n:%d\r\n:1\r\n" % n for n in range(10)]
        self.converse(
            ("INCREX k EX 100 ENX", up[1]), ("TTL k", b":100\r\n"), ("INCREX k EX 200 ENX", up[2]), ("TTL k", b":100\r\n"),
            ("INCREX k", up[3]), ("TTL k", b":100\r\n"), ("INCREX k PX 300000", up[4]), ("TTL k", b":300\r\n"),
            ("INCREX k UBOUND 4 EX 7", b"*2\r\n:4\r\n:0\r\n"), ("TTL k", b":300\r\n"), ("INCREX k PERSIST", up[5]),
            ("TTL k", b":-1\r\n"), ("INCREX k EXAT 4102444800", up[6]), ("EXPIRETIME k", b":4102444800\r\n"),
            ("INCREX k PXAT 1 ENX", up[7]), ("EXISTS k", ONE), ("INCREX k PXAT 1", up[8]), ("EXISTS k", ZERO),
            ("INCREX none PXAT 1", up[1]), ("EXISTS none", ZERO))

    def test_increx_refuses_what_contradicts_itself(self):
        for options in ("WHAT", "BYINT", "BYINT 1 BYFLOAT 1", "BYFLOAT 1 BYINT 1", "BYINT 1 BYINT 1", "LBOUND 0 LBOUND 0", "EX 1 PX 1",
                        "EX 1 EX 1", "PERSIST EX 1", "EX 1 PERSIST", "ENX PERSIST", "PERSIST PERSIST", "ENX ENX EX 1", "SATURATE SATURATE"):
            self.converse((f"INCREX k {options}", SYNTAX))
        for options, error in (
                ("ENX", "ENX flag requires an expiration"), ("LBOUND 2 UBOUND 1", "LBOUND can't be greater than UBOUND"),
                ("BYINT 1.5", "Increment is not an integer or out of range"), ("BYFLOAT x", "Increment is not a valid float"),
                ("LBOUND 1.5", "LBOUND is not an integer or out of range"), ("UBOUND x BYFLOAT 1", "UBOUND is not a valid float"),
                ("EX 0", "invalid expire time in 'increx' command")):
            self.converse((f"INCREX k {options}", b"-ERR %s\r\n" % error.encode()))
        self.converse(("INCREX", b"-ERR wrong number of arguments for 'increx' command\r\n"), ("EXISTS k", ZERO))

    def test_a_config_set_of_the_slow_log_is_measured_by_what_it_sets(self):
        self.converse(("CONFIG SET slowlog-log-slower-than 10000", OK), ("SLOWLOG RESET", OK),
                      ("CONFIG SET slowlog-log-slower-than 0", OK), ("SLOWLOG LEN", ONE),
                      ("CONFIG SET slowlog-log-slower-than 10000", OK), ("SLOWLOG LEN", b":2\r\n"))
        self.assertIn(b"CONFIG\r\n$3\r\nSET\r\n$23\r\nslowlog-log-slower-than\r\n$1\r\n0\r\n", self.connection.ask("SLOWLOG", "GET"))

    def test_getrange_takes_an_end_before_the_first_byte_for_the_first_byte(self):
        self.converse(
            ("SET k foo", OK), ("GETRANGE k 0 -100", bulk(b"f")), ("GETRANGE k -100 -100", bulk(b"f")),
            ("GETRANGE k -100 -99", bulk(b"f")), ("GETRANGE k -99 -100", bulk(b"")), ("GETRANGE k 1 -100", bulk(b"")),
            ("SUBSTR k 0 -4", bulk(b"f")), ("GETRANGE none 0 -4", bulk(b"")), ("SET k 1", OK), ("GETRANGE k 0 -100", bulk(b"1")),
            (["SET", "k", ""], OK), ("GETRANGE k 0 -1", bulk(b"")), ("GETRANGE k 0 0", bulk(b"")))

    def test_set_and_delex_compare_digests(self):
        abc = DIGESTS[b"abc"].decode()
        other = "0" * 16
        self.converse(
            ("SET k abc", OK), (f"SET k abc IFDEQ {other}", NIL), (f"SET k abc IFDEQ {abc}", OK),
            (f"SET k abc IFDEQ {abc.upper()}", OK), (f"SET k abc IFDNE {abc}", NIL), (f"SET k abc IFDNE {other}", OK),
            ("SET k v IFDEQ 12", b"-ERR must be exactly 16 hexadecimal characters\r\n"),
            (f"DELEX k IFDEQ {other}", ZERO), (f"DELEX k IFDNE {abc}", ZERO), (f"DELEX k IFDEQ {abc}", ONE),
            ("EXISTS k", ZERO))

    def test_delifeq_and_delex_delete_what_has_this_value(self):
        self.converse(
            ("DELIFEQ k v", ZERO), ("SET k v", OK), ("DELIFEQ k w", ZERO), ("DELIFEQ k v", ONE), ("EXISTS k", ZERO),
            ("DELEX k", ZERO), ("SET k v", OK), ("DELEX k IFEQ w", ZERO), ("DELEX k IFNE v", ZERO), ("DELEX k IFNE w", ONE),
            ("SET k v", OK), ("DELEX k", ONE), ("DELEX k IFEQ", b"-ERR wrong number of arguments for 'delex' command\r\n"))

    def test_msetex_sets_all_or_none_with_one_time_to_live(self):
        self.converse(
            ("MSETEX 2 a 1 b 2 EX 100", ONE), ("TTL a", b":100\r\n"), ("TTL b", b":100\r\n"),
            ("MSETEX 2 a 3 c 3 NX", ZERO), ("GET a", bulk(b"1")), ("EXISTS c", ZERO), ("MSETEX 2 a 3 c 3 XX", ZERO),
            ("MSETEX 2 a 3 b 3 XX KEEPTTL", ONE), ("TTL a", b":100\r\n"), ("GET b", bulk(b"3")),
            ("MSETEX 1 a 4", ONE), ("TTL a", b":-1\r\n"), ("MSETEX 0 a 1", b"-ERR invalid numkeys value\r\n"),
            ("MSETEX 2 a 1 b", b"-ERR wrong number of key-value pairs\r\n"), ("MSETEX 1 a 1 EX 0", b"-ERR invalid expire time in 'msetex' command\r\n"),
            ("MSETEX 1 a 1 EX 1 PX 1", SYNTAX), ("COMMAND GETKEYS MSETEX 2 a 1 b 2 NX", b"*2\r\n$1\r\na\r\n$1\r\nb\r\n"))

    def test_bitop_has_the_operations_of_redis_8(self):
        self.converse(
            (["SET", "x", b"\xf0\x0f"], OK), (["SET", "y", b"\x3c"], OK), (["SET", "z", b"\x0c\x01\xff"], OK),
            ("BITOP DIFF d x y z", b":3\r\n"), ("GET d", bulk(b"\xc0\x0e\x00")),
            ("BITOP DIFF1 d x y z", b":3\r\n"), ("GET d", bulk(b"\x0c\x00\xff")),
            ("BITOP ANDOR d x y z", b":3\r\n"), ("GET d", bulk(b"\x30\x01\x00")),
            ("BITOP ONE d x y z", b":3\r\n"), ("GET d", bulk(b"\xc0\x0e\xff")),
            ("BITOP DIFF d x", b"-ERR BITOP DIFF must be called with at least two source keys.\r\n"))

    def test_throttle_lets_a_burst_in_and_then_the_rate(self):
        for left in (2, 1, 0):
            reply = self.connection.ask("CL.THROTTLE", "k", 2, 1, 3600)
            self.assertEqual(reply.split(b"\r\n")[1:5], [b":0", b":3", b":%d" % left, b":-1"])
        limited, capacity, left, retry, reset = self.connection.ask("CL.THROTTLE", "k", 2, 1, 3600).split(b"\r\n")[1:6]
        self.assertEqual((limited, capacity, left), (b":1", b":3", b":0"))
        self.assertTrue(3590 <= int(retry[1:]) <= 3600 and 10790 <= int(reset[1:]) <= 10800, (retry, reset))
        self.converse(("CL.THROTTLE k 2 1", b"-ERR wrong number of arguments for 'cl.throttle' command\r\n"),
                      ("CL.THROTTLE q 2 1 3600 4", b"*5\r\n:1\r\n:3\r\n:3\r\n:-1\r\n:0\r\n"))

    def test_throttle_takes_the_largest_numbers(self):
        most = 2**63 - 1
        self.converse(
            (f"CL.THROTTLE t {most - 1} 1 1099511627776", b"*5\r\n:0\r\n:%d\r\n:%d\r\n:-1\r\n:1099511627776\r\n"
             % (most, most - 1)),
            (f"CL.THROTTLE u 0 1 {most}", b"*5\r\n:0\r\n:1\r\n:0\r\n:-1\r\n:%d\r\n" % most),
            (f"CL.THROTTLE v {most - 1} 1 {most} {most}", b"*5\r\n:0\r\n:%d\r\n:0\r\n:-1\r\n:%d\r\n" % (most, most)),
            (f"CL.THROTTLE w 5 {most} 1 {most}", b"*5\r\n:1\r\n:6\r\n:6\r\n:-1\r\n:0\r\n"))

    def test_throttle_holds_a_rate_whose_times_need_more_than_64_bits(self):
        period = 10**12  # seconds, as 10^21 nanoseconds
        for left in (1, 0):
            reply = self.connection.ask("CL.THROTTLE", "k", 1, 1, period)
            self.assertEqual(reply.split(b"\r\n")[1:5], [b":0", b":2", b":%d" % left, b":-1"])
        limited, _, left, retry, reset = self.connection.ask("CL.THROTTLE", "k", 1, 1, period).split(b"\r\n")[1:6]
        self.assertEqual((limited, left), (b":1", b":0"))
        self.assertTrue(0 <= period - int(retry[1:]) < 60 and 0 <= 2 * period - int(reset[1:]) < 60, (retry, reset))
        self.converse((f"SET k {10**38}", OK), (f"CL.THROTTLE k 1 1 {period}", b"-ERR value is not an integer or out of range\r\n"),
                      (f"SET k {10**38 - 1}", OK), ("STRLEN k", b":38\r\n"))
        self.assertTrue(self.connection.ask("CL.THROTTLE", "k", 1, 1, period).startswith(b"*5\r\n:1\r\n:2\r\n:0"))

    def test_throttle_lets_in_again_once_the_time_has_passed(self):
        self.converse(("CL.THROTTLE k 0 1000 1", b"*5\r\n:0\r\n:1\r\n:0\r\n:-1\r\n:1\r\n"))
        deadline = time.monotonic() + 10
        while self.connection.ask("CL.THROTTLE", "k", 0, 1000, 1).startswith(b"*5\r\n:1"):
            self.assertLess(time.monotonic(), deadline)

    def test_restore_takes_what_dump_gives(self):
        for value in (b"", b"1", b"-129", b"70000", b"99999999999", b"x" * 63, b"x" * 64, b"y" * 20000, bytes(range(256))):
            self.connection.ask("SET", "k", value)
            dumped = self.connection.ask("DUMP", "k")
            payload = dumped[dumped.index(b"\r\n") + 2:-2]
            self.converse((["RESTORE", "copy", 0, payload, "REPLACE"], OK), ("GET copy", bulk(value)),
                          (["RESTORE", "copy", 0, payload], b"-BUSYKEY Target key name already exists.\r\n"))

    def test_command_tells_keys_and_flags(self):
        self.converse(
            ("COMMAND GETKEYSANDFLAGS RENAME a b",
             b"*2\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+delete\r\n*2\r\n$1\r\nb\r\n*2\r\n+OW\r\n+update\r\n"),
            ("COMMAND GETKEYSANDFLAGS GET a", b"*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n"),
            ("COMMAND GETKEYSANDFLAGS PING", b"-ERR The command has no key arguments\r\n"))

    def test_command_list_names_subcommands_too(self):
        self.converse(
            ("COMMAND LIST FILTERBY PATTERN memory|u*", b"*1\r\n$12\r\nmemory|usage\r\n"),
            ("COMMAND LIST FILTERBY PATTERN ?et", b"*2\r\n$3\r\nget\r\n$3\r\nset\r\n"))

    def test_debug_is_refused_unless_it_is_allowed(self):
        self.assertTrue(self.connection.ask("DEBUG", "SLEEP", 0).startswith(b"-ERR DEBUG command not allowed."))
        with Redistill("--enable-debug-command", "local") as server, Connection(server) as connection:
            self.assertEqual(connection.ask("DEBUG", "SLEEP", 0), OK)
            self.assertEqual(connection.ask("DEBUG", "POPULATE", 3, "k", 5), OK)
            self.assertEqual(connection.ask("MGET", "k:0", "k:2"), b"*2\r\n$5\r\nvalue\r\n$5\r\nvalue\r\n")
            first = connection.ask("DEBUG", "DIGEST")
            connection.ask("SET", "k:0", "other")
            self.assertNotEqual(connection.ask("DEBUG", "DIGEST"), first)
            connection.ask("HELLO", 3)
            for kind, expected in {"double": b",3.141\r\n", "null": b"_\r\n", "set": b"~3\r\n:0\r\n:1\r\n:2\r\n",
                                   "map": b"%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n", "true": b"#t\r\n",
                                   "push": b">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n",
                                   "verbatim": b"=29\r\ntxt:This is a verbatim\nstring\r\n"}.items():
                self.assertEqual(connection.ask("DEBUG", "PROTOCOL", kind), expected)
            self.assertTrue(connection.ask("DEBUG", "NOPE").startswith(b"-ERR unknown subcommand"))

    def test_memory_tells_of_a_key_and_of_everything(self):
        self.connection.ask("SET", "k", b"x" * 1000)
        self.assertGreater(int(self.connection.ask("MEMORY", "USAGE", "k")[1:]), 1000)
        self.converse(("MEMORY USAGE none", NIL), ("MEMORY USAGE k SAMPLES", SYNTAX), ("MEMORY PURGE", OK))
        self.assertIn(b"$10\r\nkeys.count\r\n:1\r\n", self.connection.ask("MEMORY", "STATS"))
        self.assertTrue(self.connection.ask("MEMORY", "DOCTOR").startswith(b"$"))
        self.assertIn(b"Redis ver.", self.connection.ask("LOLWUT"))


if __name__ == "__main__":
    unittest.main()
