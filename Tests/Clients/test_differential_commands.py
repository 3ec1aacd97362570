"""The same random commands to Redistill and to Debian's redis-server must get byte-identical replies.

DIFFERENTIAL_SEED and DIFFERENTIAL_COMMANDS (for each protocol) change the run; a long one has a million commands. A
failure prints the seed and the shortest sequence that still fails.

Differences that are meant, and how they are allowed for:
- Times left (TTL, PTTL) may differ by the time between the two executions: compared with a tolerance, and so are
  EXPIRETIME and PEXPIRETIME, which follow from relative times too.
- DUMP of a string above 20 bytes: both pack it, but LibLZF keeps its table of places, so that what it finds depends on
  what was dumped before (test_dump.py sees to that). RESTORE gets payloads of both.
- OBJECT ENCODING after INCRBYFLOAT: "embstr" in Redis, "int" where the result is a whole number here; REFCOUNT likewise,
  and within MULTI the queued argument counts as one there.
- DBSIZE: a SET with a time that is past leaves no key behind here, and one that waits for its removal in Redis.
- BITCOUNT and BITPOS of a missing key with wrong arguments: 0 or -1 in 7.0, the error since 7.2.
- GETRANGE with an end before the string: its first byte in 7.0, nothing since 7.4.
- RESTORE of a string whose length reaches into the payload's checksum: Redis stores those bytes, Redistill refuses.
- HELP texts end "Print this help." since 7.2, and a cursor of SCAN is strict: neither is sent.
- RANDOMKEY, and the order of KEYS: by chance, so only whether there is a key, and the sorted list, are compared.
- What came after Redis 7.0 is not sent; COMMAND, INFO and the like differ by nature.
"""

import unittest

from daemon import DebianRedis, Redistill
from differential import Maker
from differential_run import DifferentialRun, same_keys, same_time


def same(command, ours, theirs):
    """Are the two replies equal, but for what is meant to differ?"""
    if ours == theirs:
        return True
    name = command[0].upper()
    if same_time(name, ours, theirs):
        return True
    if name == "RANDOMKEY":
        return ours[:1] == theirs[:1] == b"$" and b"$-1" not in (ours[:3], theirs[:3])
    if name == "KEYS":
        return same_keys(ours, theirs)
    if name in ("GETRANGE", "SUBSTR") and command[3].startswith(b"-"):
        return ours == b"$0\r\n\r\n" and theirs.startswith(b"$1\r\n")
    if name == "DUMP":
        return all(reply.split(b"\r\n", 1)[1].startswith(b"\x00\xc3") for reply in (ours, theirs))
    if name == "OBJECT":
        if command[1].upper() == "REFCOUNT":
            return {ours, theirs} <= {b":1\r\n", b":2\r\n", b":2147483647\r\n"}
        return (ours, theirs) == (b"$3\r\nint\r\n", b"$6\r\nembstr\r\n")
    if name == "DBSIZE":
        return int(ours[1:]) < int(theirs[1:])
    if name in ("BITCOUNT", "BITPOS") and theirs in (b":0\r\n", b":-1\r\n"):
        return ours in (b"-ERR syntax error\r\n", b"-ERR value is not an integer or out of range\r\n")
    return False


@unittest.skipUnless((DebianRedis.version() or (0,))[:2] == (7, 0), "needs Debian's redis-server 7.0")
class DifferentialCommandsTest(DifferentialRun, unittest.TestCase):
    same = staticmethod(same)

    @classmethod
    def setUpClass(cls):
        cls.servers = [
            cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "4")), cls.enterClassContext(DebianRedis())]

    def test_random_commands_get_the_same_replies_in_resp2(self):
        self.compare(2, Maker)

    def test_random_commands_get_the_same_replies_in_resp3(self):
        self.compare(3, Maker)


if __name__ == "__main__":
    unittest.main()
