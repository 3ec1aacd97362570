"""Debian's nutcracker with packaging/twemproxy/nutcracker.yml before three daemons that ask for a password."""

import re
import socket
import time
import unittest

from shards import ROOT, Client, Load, Shards, ShardTest, free_port, until
from test_envoy import replaced

from harness.placement import twemproxy

FILE = ROOT / "packaging/twemproxy/nutcracker.yml"
RETRY = 0.5  # seconds, where the file has ten


class TwemproxyTest(ShardTest):
    @classmethod
    def setUpClass(cls):
        cls.files = cls.folder()
        cls.shards = Shards(password="the-password")
        cls.addClassCleanup(cls.shards.close)
        cls.port = free_port()
        changes = [("0.0.0.0:6379", f"127.0.0.1:{cls.port}"),
                   ("server_retry_timeout: 10000", f"server_retry_timeout: {int(RETRY * 1000)}")]
        for number, (plain, _) in enumerate(cls.shards.ports, 1):
            changes.append((f"10.0.0.{number}:6380:", f"127.0.0.1:{plain}:"))
        (cls.files / "nutcracker.yml").write_text(replaced(FILE.read_text(), changes))
        cls.run_proxy("nutcracker", "-c", cls.files / "nutcracker.yml", "-s", free_port(), "-a", "127.0.0.1",
                      output=cls.files / "log")
        until(cls.listens, 20, "nutcracker does not listen")

    @classmethod
    def listens(cls):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", cls.port)) == 0

    @classmethod
    def connect(cls, password="the-password"):
        client = Client(cls.port)
        if password:
            client.ask("AUTH", password)
        return client

    def setUp(self):
        self.shards.flush()


class Twemproxy(TwemproxyTest):
    def test_keys_spread_within_five_per_cent(self):
        self.check_spread(twemproxy, re.findall(r"^  - \S+ (\S+)$", FILE.read_text(), re.M))

    def test_many_keys_of_several_daemons_are_one_command(self):
        keys = [f"key:{number}" for number in range(300)]
        with self.connect() as client:
            self.assertEqual(client.ask("MSET", *(part for key in keys for part in (key, key))), b"OK")
            self.assertTrue(all(size > 60 for size in self.shards.sizes()))
            self.assertEqual(client.ask("MGET", *keys, "none"), [key.encode() for key in keys] + [None])
            self.assertEqual(client.ask("DEL", *keys, "none"), 300)
        self.assertEqual(self.shards.sizes(), [0, 0, 0])

    def test_a_tag_keeps_keys_together(self):
        with self.connect() as client:
            self.fill(client, [f"{{user:1}}:{number}" for number in range(20)])
        self.assertEqual(sorted(self.shards.sizes()), [0, 0, 20])

    def test_clients_give_the_daemons_password(self):
        with self.connect(None) as client:
            self.assertIn("NOAUTH", client.ask("GET", "key"))
            self.assertIn("invalid password", client.ask("AUTH", "wrong"))

    def test_one_that_is_killed_costs_its_share_until_it_comes_back(self):
        keys = [f"key:{number}" for number in range(600)]
        with self.connect() as client:
            self.fill(client, keys)
        others = set(keys) - self.shards.holds(1, keys)
        with Load(self.connect, keys) as load:
            until(lambda: load.asked > len(keys), 10, "no load")
            self.assertEqual(load.taken(), ([], []))
            killed = time.monotonic()
            self.shards.kill(1)
            until(lambda: time.monotonic() > killed + 3 * RETRY)
            failed, missed = load.taken()
            retries = int((time.monotonic() - killed) / RETRY) + 1
            self.assertTrue(failed)
            # Two failures take it out, at once and after each retry.
            told = [(round(when - killed, 2), text) for when, _, text in failed]
            self.assertLessEqual(len(failed), 2 + 2 * retries, told)
            self.assertFalse({key for _, key, _ in failed} & others)
            self.assertFalse({key for _, key in missed} & others)
            self.shards.restart(1)
            until(lambda: self.shards.ask(1, "DBSIZE") > 150, 5, "it does not come back")
            load.rounds(1)
            load.taken()
            load.rounds(1)
            self.assertEqual(load.taken(), ([], []))


if __name__ == "__main__":
    unittest.main()
