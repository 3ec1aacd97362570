"""What tests of keys that outlive a process share: systemd's part in it, and keys of every kind."""

import array
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

from configured import executable


class Manager:
    """What systemd does of a service: takes messages and descriptors, and gives these to the next process."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(20)
        self.stored = []

    def until(self, part):
        """Takes messages until one that says so."""
        while True:
            text = self.take()
            if part in text:
                return text

    def take(self):
        text, ancillary, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(16))
        for _, _, data in ancillary:
            descriptors = array.array("i", data[:4])
            self.stored.append(descriptors[0])
        if b"FDSTOREREMOVE=1" in text:
            self.forget()
        return text

    def take_all(self):
        """Of a process that has ended, so that nothing more comes."""
        self.socket.settimeout(0)
        try:
            while True:
                self.take()
        except BlockingIOError:
            self.socket.settimeout(20)

    def forget(self):
        for descriptor in self.stored:
            os.close(descriptor)
        self.stored = []

    def environment(self):
        return {"NOTIFY_SOCKET": self.path}

    def start(self, daemon):
        """As systemd starts a process: descriptors from 3 on, and their names."""
        stored = list(self.stored)

        def prepare():
            for place, descriptor in enumerate(stored):
                os.dup2(descriptor, 100 + place)
            for place in range(len(stored)):
                os.dup2(100 + place, 3 + place)
        code = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"
        return subprocess.Popen(
            ["python3", "-c", code, executable(), "--config", str(daemon.config)], stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, preexec_fn=prepare, close_fds=False,
            env={**os.environ, **self.environment(), "LISTEN_FDS": str(len(stored)),
                 "LISTEN_FDNAMES": ":".join(["redistill-store"] * len(stored))})


class ManagedTest(unittest.TestCase):
    """A test with a manager, and a directory."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="redistill-manager-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.manager = Manager(self.directory)
        self.addCleanup(self.manager.socket.close)


def fill(client):
    client.ask("SET", "timed", "x", "PX", "3000000")
    client.ask("SELECT", "3")
    client.ask("SET", "elsewhere", "y")
    client.ask("SELECT", "0")
    client.ask("HSET", "small", "a", "1", "b", "2")
    client.ask("HEXPIRE", "small", "1000", "FIELDS", "1", "a")
    client.ask("HSET", "large", *[str(word) for i in range(2000) for word in (f"field-{i}", i)])
    client.ask("RPUSH", "list", *[str(i) for i in range(3000)])
    client.ask("SADD", "set", *[f"member-{i}" for i in range(1500)])
    client.ask("ZADD", "zset", *[str(word) for i in range(1500) for word in (i / 2, f"member-{i}")])


def digest(client):
    found = [client.ask("DEBUG", "DIGEST-VALUE", "small", "large", "list", "set", "zset")]
    client.ask("SELECT", "3")
    found.append(client.ask("GET", "elsewhere"))
    client.ask("SELECT", "0")
    return found


def is_loading(daemon):
    try:
        return str(daemon.ask("GET", "k")).startswith("LOADING")
    except OSError:  # it does not listen yet
        return False
