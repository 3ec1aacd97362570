"""The same commands to Debian's redis-server and to redistilld: the replies must be the same bytes.

A fixed seed makes every run the same run; DIFFERENTIAL_SEED and DIFFERENTIAL_SEQUENCES change it.
"""

import os
import random
import re
import socket
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, request

SEED = int(os.environ.get("DIFFERENTIAL_SEED", "20261123"))
SEQUENCES = int(os.environ.get("DIFFERENTIAL_SEQUENCES", "600"))
COMMANDS_IN_SEQUENCE = 60

KEYS = [b"a", b"b", b"c", b"counter", b"", b"key\r\n", b"\x00\xff", b"{x}y", b"long" * 100]
VALUES = [
    b"", b"v", b"value", b"0", b"1", b"-1", b"10", b"9", b"99", b"-100", b"+1", b"01", b"-0", b" 1", b"1 ", b"1.5",
    b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"99999999999999999999999", b"nan",
    b"\x00", b"\r\n", b"\xff\xfe", b"x" * 44, b"x" * 45, b"x" * 1100, b"y" * 70000,
]
INTEGERS = [b"0", b"1", b"-1", b"5", b"-7", b"1000", b"9223372036854775807", b"-9223372036854775808",
            b"9223372036854775808", b"x", b"", b"1.0", b" 1", b"1 ", b"+1", b"01", b"-0", b"1e3", b"\x00"]
# Far away or long past, so that no key dies between the two servers.
TIMES = [b"1000", b"5000", b"100000", b"0", b"-1", b"-100", b"9223372036854775807", b"-9223372036854775807",
         b"9223372036854775", b"9223372036854776", b"-9223372036854775808", b"x", b"", b"1.5", b"+1", b"9223372036854775808"]
PATTERNS = [b"*", b"a", b"?", b"[a-c]", b"[^a]", b"c*", b"*\r\n", b"\\a", b"", b"[", b"[a", b"*[^", b"{*", b"**g", b"\x00*",
            b"[c-a]", b"[a-]", b"[]a]", b"[^]", b"[\\]]", b"a\\", b"long*g"]
WORDS = [b"NX", b"XX", b"GT", b"LT", b"GET", b"KEEPTTL", b"EX", b"PX", b"COUNT", b"MATCH", b"WHAT", b"", b"nx", b"\x00"]


def is_short_lived(words):
    """Whether a key might die between the two servers: a time of under a second, or one that is past."""
    first = {b"SET": 4, b"EXPIRE": 2, b"PEXPIRE": 2}.get(words[0].upper())
    return first is not None and any(re.fullmatch(rb"[1-9]\d{0,2}", word) for word in words[first:])


class Generator:
    """Random commands; most are valid, so that there is something to get wrong."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, values):
        return self.random.choice(values)

    def some(self, values, least=1, most=4):
        return [self.pick(values) for _ in range(self.random.randint(least, most))]

    def command(self):
        words = self.pick(self.RECIPES)(self)
        if self.random.random() < 0.06:
            words = self.spoil(words)
        if self.random.random() < 0.2:
            words[0] = bytes(self.pick([byte, byte ^ 0x20]) if chr(byte).isalpha() else byte for byte in words[0])
        return words

    def sequence(self, count):
        commands = (self.command() for _ in range(count))
        return [words for words in commands if not is_short_lived(words)]

    def spoil(self, words):
        """One word more, one less, or another one."""
        words = list(words)
        how = self.random.randrange(4)
        if how == 0 and len(words) > 1:
            words.pop(self.random.randrange(1, len(words)))
        elif how == 1:
            words.insert(self.random.randint(1, len(words)), self.pick(WORDS + VALUES[:8]))
        elif how == 2 and len(words) > 1:
            words[self.random.randrange(1, len(words))] = self.pick(WORDS + VALUES)
        else:
            words[0] = self.pick([words[0] + b"x", words[0][:-1], b"nonsense", b"", b"'quoted'", b"\r\nX", b"x" * 200])
        return words

    def set(self):
        words = [b"SET", self.pick(KEYS), self.pick(VALUES)]
        options = [[b"NX"], [b"XX"], [b"GET"], [b"KEEPTTL"], [b"EX", self.pick(TIMES)], [b"PX", self.pick(TIMES)],
                   [b"EXAT", self.pick([b"99999999999", b"0", b"x"])],
                   [b"PXAT", self.pick([b"99999999999999", b"-5", b"x"])]]
        # Each at most once: a second EX is a syntax error here, where Redis 7.0 lets the last one win.
        for option in self.random.sample(options, self.pick([0, 0, 1, 1, 1, 2, 2, 3])):
            words += option
        return words

    def scan(self):
        words = [b"SCAN", self.pick([b"x", b"1x", b"99999999999999999999", b"1.5", b"0x1", b"-"])]
        for option in self.random.sample([b"COUNT", b"MATCH", b"TYPE"], self.random.randint(0, 2)):
            words += [option, self.pick(INTEGERS)]
        return words

    def expire(self, name):
        words = [name, self.pick(KEYS), self.pick(TIMES)]
        if self.random.random() < 0.5:
            words += self.some([b"NX", b"XX", b"GT", b"LT", b"nx", b"FOO"], 1, 2)
        return words

    def pairs(self):
        words = [b"MSET"]
        for _ in range(self.random.randint(1, 3)):
            words += [self.pick(KEYS), self.pick(VALUES)]
        return words

    RECIPES = [
        set, set, set, set,
        lambda g: [b"GET", g.pick(KEYS)], lambda g: [b"GET", g.pick(KEYS)],
        lambda g: [g.pick([b"DEL", b"UNLINK", b"EXISTS", b"MGET"])] + g.some(KEYS),
        pairs,
        lambda g: [g.pick([b"INCR", b"DECR"]), g.pick(KEYS)],
        lambda g: [g.pick([b"INCRBY", b"DECRBY"]), g.pick(KEYS), g.pick(INTEGERS)],
        lambda g: [b"APPEND", g.pick(KEYS), g.pick(VALUES)],
        lambda g: [b"STRLEN", g.pick(KEYS)],
        lambda g: g.expire(b"EXPIRE"), lambda g: g.expire(b"PEXPIRE"),
        lambda g: [g.pick([b"TTL", b"PTTL", b"PERSIST", b"TYPE"]), g.pick(KEYS)],
        lambda g: [b"KEYS", g.pick(PATTERNS)],
        scan,
        lambda g: [b"DBSIZE"],
        lambda g: [g.pick([b"FLUSHALL", b"FLUSHDB"])] + g.pick([[], [b"SYNC"], [b"ASYNC"], [b"NOW"]]),
        lambda g: [b"PING"] + g.some(VALUES, 0, 2),
        lambda g: [b"ECHO", g.pick(VALUES)],
        lambda g: [b"SELECT", g.pick([b"0", b"0", b"1", b"-1", b"x", b"", b"16", b"99999999999999999999"])],
        lambda g: [b"AUTH"] + g.some([b"default", b"x", b""], 1, 3),
        lambda g: [b"CLIENT", g.pick([b"GETNAME", b"getname", b"NOPE", b"SETNAME", b"ID", b""])] + g.some([b"n", b"a b", b"\xff", b""], 0, 2),
        lambda g: [b"COMMAND", g.pick([b"COUNT", b"GETKEYS", b"INFO", b"NOPE", b"DOCS"])] + g.some([b"set", b"mget", b"k", b"nope"], 0, 3),
        lambda g: [g.pick([b"TIME", b"INFO", b"CONFIG"])] + g.some([b"x", b"get", b"NOPE"], 1, 2),
        lambda g: [b"HELLO"] + g.some([b"2", b"3", b"4", b"x", b"AUTH", b"default", b"FOO"], 0, 4),
    ]


def comparable(words, reply):
    """The reply without what must differ: order of KEYS, milliseconds that have passed, ids and versions."""
    name = words[0].upper()
    if reply.startswith(b"-ERR Unsupported option"):
        return reply[:100]  # a long one is cut here
    if name == b"COMMAND" and words[1:2] and words[1].upper() == b"GETKEYS" and len(words) < 4:
        return b"-"  # one argument less is allowed since Redis 7.2
    if name == b"SCAN" and len(words) > 1 and (reply.startswith(b"*") or not re.fullmatch(rb"0|[1-9]\d*", words[1])):
        # Cursors and order are the server's own, and 7.0 takes "01", "-1" and "" for cursors, as strtoul does.
        return b"*"
    if name == b"KEYS" and reply.startswith(b"*"):
        return sorted(re.findall(rb"\$\d+\r\n.*?\r\n(?=\$\d+\r\n|$)", reply, re.S))
    if name in (b"PTTL", b"TTL") and reply.startswith(b":"):
        # The servers are asked a moment apart; far from a boundary nothing shows.
        value = int(reply[1:])
        return value // 1000 if name == b"PTTL" and value > 0 else value
    if name == b"HELLO" and reply[:1] in b"*%":
        return re.sub(rb"(\$7\r\nversion\r\n)\$\d+\r\n[^\r]*|(\$2\r\nid\r\n):\d+", rb"\1\2", reply)
    if name == b"TIME" and reply.startswith(b"*"):
        return b"time"
    if name == b"CLIENT" and reply.startswith(b":"):
        return b"id"
    if name == b"COMMAND" and reply[:1] in b":*%" and words[1:2] != [b"GETKEYS"]:
        return reply[:1]
    if name == b"INFO" and reply[:1] in b"$=":
        return reply[:1]
    if name == b"CONFIG" and reply[:1] in b"*%":
        return reply[:1]
    return reply


def near(words, ours, theirs):
    """TTLs that lie on two sides of a boundary."""
    return words[0].upper() in (b"PTTL", b"TTL") and isinstance(ours, int) and isinstance(theirs, int) \
        and min(ours, theirs) >= 0 and abs(ours - theirs) <= 1


@unittest.skipUnless((DebianRedis.version() or (0,))[:2] == (7, 0), "needs Debian's redis-server 7.0")
class DifferentialTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "4"))
        cls.theirs = cls.enterClassContext(DebianRedis())

    def test_random_sequences_get_the_same_replies(self):
        for number in range(SEQUENCES):
            commands = Generator(SEED * 1_000_003 + number).sequence(COMMANDS_IN_SEQUENCE)
            self.compare(commands, pipelined=number % 2 == 0)

    def test_random_inline_lines_are_split_alike(self):
        chance = random.Random(SEED)
        parts = [b'"', b"'", b"\\", b" ", b"a", b"\\x41", b"\\n", b"\\x4", b"\t", b"\\'", b'\\"', b"b ", b"\xff", b"\\\\"]
        for _ in range(1000):
            line = b"ECHO " + b"".join(chance.choice(parts) for _ in range(chance.randint(0, 10)))
            self.compare_streams(line + chance.choice([b"\r\n", b"\n"]) + b"PING\r\n")

    def test_random_lengths_are_refused_alike(self):
        chance = random.Random(SEED)
        # No NUL, where Redis stops looking for the end of a line; no length below the word's, since a bulk must end
        # with CRLF here, where Redis skips two bytes unseen.
        bulks = [b"4", b"04", b"+4", b" 4", b"4 ", b"-4", b"-1", b"0x4", b"", b"536870913", b"99999999999999999999", b"-"]
        counts = [b"1", b"0", b"-1", b"-2", b"01", b"+1", b" 1", b"1 ", b"-0", b"", b"2147483648", b"99999999999999999999", b"x"]
        for _ in range(300):
            before = chance.choice([b"", b"PING\r\n", request("SET", "k", "v"), b"\r\n", b"*0\r\n"])
            kind = chance.choice([b"$", b"$", b"$", b"$", b"*", b":", b"x"])
            self.compare_streams(
                before + b"*" + chance.choice(counts) + b"\r\n" + kind + chance.choice(bulks) + b"\r\nPING\r\n")

    def compare_streams(self, stream):
        answers = []
        for server in (self.ours, self.theirs):
            with Connection(server) as connection:
                connection.socket.sendall(stream)
                connection.socket.shutdown(socket.SHUT_WR)
                answers.append(connection.read_to_end())
        self.assertEqual(*answers, stream)

    def compare(self, commands, pipelined):
        with Connection(self.ours) as ours, Connection(self.theirs) as theirs:
            for connection in (ours, theirs):
                connection.ask("FLUSHALL")
            if pipelined:
                requests = [request(*words) for words in commands]
                replies = zip(commands, ours.pipeline(requests), theirs.pipeline(requests))
            else:
                replies = ((words, ours.ask(*words), theirs.ask(*words)) for words in commands)
            done = []
            for words, our_reply, their_reply in replies:
                done.append(words)
                our_part, their_part = comparable(words, our_reply), comparable(words, their_reply)
                if our_part != their_part and not near(words, our_part, their_part):
                    self.fail(f"{words!r}\n  ours   {our_reply[:300]!r}\n  theirs {their_reply[:300]!r}\n"
                              f"  after  {done[-8:-1]!r}")


if __name__ == "__main__":
    unittest.main()
