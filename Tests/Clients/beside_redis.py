"""What tests share that ask Redistill and Debian's redis-server the same: a server of each, and a connection to each, empty."""

import unittest

from daemon import DebianRedis, Redistill
from resp import Connection


@unittest.skipUnless(DebianRedis.version(), "needs Debian's redis-server")
class BesideRedis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "4"))
        cls.theirs = cls.enterClassContext(DebianRedis())

    def setUp(self):
        self.here, self.there = Connection(self.ours), Connection(self.theirs)
        for connection in (self.here, self.there):
            self.addCleanup(connection.__exit__)
            connection.ask("FLUSHALL")
