"""This file owns what every test of the matrix shares: a daemon, one with a password, and waiting with a deadline."""

import logging
import os
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from daemon import DebianRedis, Redistill, free_port  # noqa: E402, F401  (for the tests)

# Every byte, then what trips up text handling: CRLF, a NUL at the end.
BINARY = bytes(range(256)) + b"\r\n$-1\r\n\xff\x00"
PASSWORD = "a password of the matrix"


# unittest turns on asyncio's debugging, which tells of every step that took long on a busy machine.
logging.getLogger("asyncio").setLevel(logging.ERROR)

# MATRIX_PEER=redis-server runs the same tests against Debian's Redis, which tells whose fault a failure is.
AGAINST_REDIS = os.environ.get("MATRIX_PEER") == "redis-server"


def start(password=None):
    if AGAINST_REDIS:
        server = DebianRedis()
        if password:
            with server.connect() as connection:
                connection.sendall(f'CONFIG SET requirepass "{password}"\r\n'.encode())
                assert connection.recv(100) == b"+OK\r\n"
        return server
    return Redistill("--workers", "2", environment={"REDIS_PASSWORD": password} if password else None)


def wait_until(happens, deadline=20):
    """Polls until `happens()` is true and returns what it returned."""
    end = time.monotonic() + deadline
    while not (result := happens()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {happens}")
        time.sleep(0.01)
    return result


class DaemonTest(unittest.TestCase):
    """Each class has a daemon of its own, empty at the start of each test."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = start()
        cls.port = cls.daemon.port
        cls.addClassCleanup(cls.daemon.__exit__)

    @classmethod
    def locked_port(cls):
        """The port of a second daemon, which asks for PASSWORD."""
        locked = start(PASSWORD)
        cls.addClassCleanup(locked.__exit__)
        return locked.port

    def setUp(self):
        self.assertEqual(self.command("FLUSHALL"), b"+OK\r\n")

    def url(self, port=None):
        return f"redis://127.0.0.1:{port or self.port}/0"

    def command(self, line):
        """One inline command past any client, for looking over its shoulder; the first bytes of the reply."""
        with self.daemon.connect() as connection:
            connection.sendall(line.encode() + b"\r\n")
            return connection.recv(65536)

    def command_in(self, database, line):
        """The same in another database."""
        with self.daemon.connect() as connection, connection.makefile("rb") as replies:
            connection.sendall(f"SELECT {database}\r\n".encode())
            self.assertEqual(replies.readline(), b"+OK\r\n")
            connection.sendall(line.encode() + b"\r\n")
            return connection.recv(65536)

    def count_keys(self):
        return int(self.command("DBSIZE")[1:])

    def tearDown(self):
        self.assertIsNone(self.daemon.process.poll(), "the daemon ended")

    def program(self, *arguments, **options):
        """Runs a program to its end and returns its output; fails with all it said when it fails."""
        if not shutil.which(str(arguments[0])):
            self.fail(f"{arguments[0]} is not installed; Tests/Clients/matrix/run says what is needed")
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(
            [str(part) for part in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=120, **options)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout


class AsyncDaemonTest(DaemonTest, unittest.IsolatedAsyncioTestCase):
    """The same for tests that are coroutines."""
