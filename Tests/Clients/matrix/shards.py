"""This file owns what tests of proxies share: three daemons, a load that notes what it misses, a proxy's process."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from peer import HERE

sys.path.append(str(HERE.parent / "operations"))

from certificates import Authority  # noqa: E402, F401  (for the tests)
from configured import ROOT, Client, Daemon, ErrorReply, free_port, until  # noqa: E402, F401  (for the tests)
from harness.placement import Keys  # noqa: E402

COUNT = 3


class Shards:
    """The daemons, each on ports that it keeps when it is ended and started again."""

    def __init__(self, databases=16, **security):
        self.security, self.databases = security, databases
        self.ports = [(free_port(), free_port()) for _ in range(COUNT)]
        self.daemons = [self.start(number) for number in range(COUNT)]

    def start(self, number):
        plain, tls = self.ports[number]
        with_tls = {"tls_port": tls} if "tls_cert_path" in self.security else {}
        return Daemon(server={"port": plain, "workers": 1, "databases": self.databases}, security={**self.security, **with_tls})

    def kill(self, number):
        self.daemons[number].stop(signal.SIGKILL)

    def restart(self, number):
        self.daemons[number].__exit__()
        self.daemons[number] = self.start(number)

    def ask(self, number, *arguments):
        """Of a daemon itself, past the proxy."""
        with self.daemons[number].connect() as client:
            if password := self.security.get("password"):
                client.ask("AUTH", password)
            return client.ask(*arguments)

    def add(self):
        """One more daemon, started."""
        self.ports.append((free_port(), free_port()))
        self.daemons.append(self.start(len(self.daemons)))

    def remove(self):
        self.ports.pop()
        self.daemons.pop().__exit__()

    @contextlib.contextmanager
    def stopped(self, number):
        """A daemon that hangs: its connections are there, and nothing is answered."""
        os.kill(self.daemons[number].process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.daemons[number].process.pid, signal.SIGCONT)

    def sizes(self):
        return [self.ask(number, "DBSIZE") for number in range(COUNT)]

    def flush(self):
        for number in range(COUNT):
            self.ask(number, "FLUSHALL")

    def holds(self, number, keys):
        """Which of these keys a daemon has."""
        with self.daemons[number].connect() as client:
            if password := self.security.get("password"):
                client.ask("AUTH", password)
            return {key for key in keys if client.ask("EXISTS", key)}

    def close(self):
        for daemon in self.daemons:
            daemon.__exit__()


class Load(threading.Thread):
    """A client that asks for one key after the other, and notes what was not a hit and when."""

    def __init__(self, connect, keys):
        super().__init__()
        self.connect, self.keys = connect, keys
        self.errors, self.misses = [], []  # (time, key), of errors with what was said
        self.asked = 0
        self.ending = threading.Event()

    def run(self):
        client = self.connect()
        while not self.ending.is_set():
            for key in self.keys:
                try:
                    reply = client.ask("GET", key)
                    self.note(key, reply)
                    if reply is None:
                        client.ask("SET", key, key)  # as a cache's client does
                except (OSError, EOFError) as error:
                    self.errors.append((time.monotonic(), key, repr(error)))
                    client.close()
                    client = self.connect()
        client.close()

    def note(self, key, reply):
        self.asked += 1
        if reply is None:
            self.misses.append((time.monotonic(), key))
        elif isinstance(reply, ErrorReply):
            self.errors.append((time.monotonic(), key, str(reply)))
        elif reply != key.encode():
            raise AssertionError(f"{key} has {reply}")

    def rounds(self, count):
        """Waits until each key was asked for so often once more."""
        wanted = self.asked + (count + 1) * len(self.keys)
        until(lambda: self.asked >= wanted or not self.is_alive(), 20, "the load does not go on")

    def taken(self):
        """What went wrong since the last call: errors and misses."""
        failed, self.errors = self.errors, []
        missed, self.misses = self.misses, []
        return failed, missed

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()


class ShardTest(unittest.TestCase):
    """A class has its daemons and its proxy in front of them; each test finds them empty and up."""

    @classmethod
    def folder(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="redistill-shards-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        return folder

    @classmethod
    def run_proxy(cls, *command, output):
        with open(output, "ab") as log:
            process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.kill)
        return process

    def check_spread(self, way, names):
        """A third of the keys each, to within 5 %, and each where the simulation of bench/scale-out has it."""
        keys = [f"key:{number:05}" for number in range(30_000)]
        with self.connect() as client:
            self.fill(client, keys)
        for size in self.shards.sizes():
            self.assertAlmostEqual(size, 10_000, delta=500)
        some = keys[::30]
        owners = way(names)(Keys([key.encode() for key in some]))
        for number in range(COUNT):
            expected = {key for key, owner in zip(some, owners) if owner == number}
            self.assertEqual(self.shards.holds(number, some), expected)

    def fill(self, client, keys):
        """In pipelines short enough for a proxy on a busy machine, whose patience with daemons begins with the request."""
        for begin in range(0, len(keys), 500):
            batch = keys[begin:begin + 500]
            for key in batch:
                client.send("SET", key, key)
            for key in batch:
                self.assertEqual(client.read(), b"OK", key)
