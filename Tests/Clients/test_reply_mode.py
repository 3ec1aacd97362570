"""CLIENT REPLY within transactions, against Debian's redis-server: the same bytes come, and no others."""

import itertools
import socket
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, request

MODES = [("CLIENT", "REPLY", mode) for mode in ("ON", "OFF", "SKIP")]
STREAMS = [
    *([("MULTI",), ("SET", "k", "1"), first, ("GET", "k"), second, ("INCR", "k"), ("EXEC",), ("ECHO", "a"), ("ECHO", "b")]
      for first, second in itertools.product(MODES, MODES)),
    *([before, ("MULTI",), ("PING",), within, ("ECHO", "in"), ("EXEC",), ("ECHO", "a"), ("ECHO", "b")]
      for before, within in itertools.product(MODES, MODES)),
    *([("MULTI",), ("PING",), before, ("GET", "k"), ("EXEC", "odd"), ("ECHO", "a"), ("EXEC",), ("ECHO", "b")]
      for before in MODES),
    [("MULTI",), ("CLIENT", "REPLY", "OFF"), ("DISCARD",), ("ECHO", "a")],
    [("MULTI",), ("ECHO", "1"), ("CLIENT", "REPLY", "SKIP"), ("EXEC",), ("CLIENT", "REPLY", "SKIP"), ("ECHO", "a"), ("ECHO", "b")],
    [("CLIENT", "REPLY", "OFF"), ("EXEC",), ("MULTI",), ("NOPE",), ("EXEC",), ("CLIENT", "REPLY", "ON"), ("ECHO", "a")],
    [("CLIENT", "REPLY", "SKIP"), ("EXEC",), ("EXEC",), ("ECHO", "a")],
    [("WATCH", "k"), ("SET", "k", "2"), ("MULTI",), ("CLIENT", "REPLY", "OFF"), ("CLIENT", "REPLY", "SKIP"), ("EXEC",), ("ECHO", "a")],
    [("MULTI",), ("CLIENT", "REPLY", "OFF"), ("CLIENT", "REPLY", "ON"), ("ECHO", "x" * 100_000), ("CLIENT", "REPLY", "OFF"),
     ("ECHO", "y" * 100_000), ("EXEC",), ("ECHO", "a")],
    [("SET", "large", "z" * 100_000), ("MULTI",), ("GET", "large"), ("CLIENT", "REPLY", "OFF"), ("GET", "large"), ("EXEC",)],
    [("MULTI",), ("CLIENT", "REPLY", "OFF"), ("ECHO", "1"), ("EXEC",), ("RESET",), ("ECHO", "a")],
    [("CLIENT", "REPLY", "SKIP"), ("RESET",), ("ECHO", "a")],
    [("CLIENT", "REPLY", "OFF"), ("RESET",), ("ECHO", "a")],
    [("MULTI",), ("CLIENT", "REPLY", "NONE"), ("ECHO", "1"), ("EXEC",), ("ECHO", "a")],
]


@unittest.skipUnless(DebianRedis.version(), "needs Debian's redis-server")
class ReplyModeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = cls.enterClassContext(Redistill("--workers", "2"))
        cls.theirs = cls.enterClassContext(DebianRedis())

    def replies(self, server, stream, in_one):
        with Connection(server) as connection:
            connection.ask("FLUSHALL")
            for part in [b"".join(stream)] if in_one else stream:
                connection.socket.sendall(part)
            connection.socket.shutdown(socket.SHUT_WR)
            return connection.read_to_end()

    def test_what_is_silent_in_a_transaction_is_silent_there(self):
        for words in STREAMS:
            stream = [request(*command) for command in words]
            for in_one in (True, False):
                ours, theirs = (self.replies(server, stream, in_one) for server in (self.ours, self.theirs))
                self.assertEqual(ours, theirs, words)


if __name__ == "__main__":
    unittest.main()
