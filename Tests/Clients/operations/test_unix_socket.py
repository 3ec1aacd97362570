"""Clients of a Unix socket have the names that Redis gives them, wherever clients are named."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from configured import Daemon, over_unix, until


class Names(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="redistill-unix-"))
        self.path = f"{self.directory}/redis.sock"

    def check(self):
        name = f"{self.path}:0"
        with over_unix(self.path) as client, over_unix(self.path) as watcher, over_unix(self.path) as other:
            for one in [client, watcher, other]:
                self.assertIn(f" addr={name} laddr={name} ", one.ask("CLIENT", "INFO").decode())
            self.assertEqual(client.ask("CLIENT", "LIST").decode().count(f" addr={name} "), 3)
            client.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
            self.assertEqual(client.ask("SLOWLOG", "GET", "1")[0][4].decode(), name)
            self.assertEqual(watcher.ask("MONITOR"), b"OK")
            other.ask("PING")
            self.assertRegex(watcher.read().decode(), rf"^[0-9.]+ \[0 unix:{re.escape(self.path)}\] \"PING\"")
            self.assertEqual(client.ask("CLIENT", "KILL", "ADDR", "unix:0"), 0)
            # All of them go by one name.
            self.assertEqual(client.ask("CLIENT", "KILL", "ADDR", name), 2)

    def test_redistill(self):
        with Daemon(server={"unix_socket": self.path}, security={"password": "p"}) as daemon:
            with over_unix(self.path) as client:
                client.ask("AUTH", "wrong")
            daemon.wait_for_line(f"a client gave a wrong password client={self.path}:0")
        with Daemon(server={"unix_socket": self.path}):
            self.check()

    @unittest.skipUnless(shutil.which("redis-server"), "redis-server is not installed")
    def test_the_model(self):
        server = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--dir", self.directory],
            stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        until(lambda: pathlib.Path(self.path).exists())
        self.check()


if __name__ == "__main__":
    unittest.main()
