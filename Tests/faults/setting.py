"""This file owns what every test of faults stands on: the daemon of Tests/Clients, raw connections, what /proc says."""

import os
import pathlib
import resource
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = HERE.parent / "Clients"
sys.path[1:1] = [str(CLIENTS / "operations"), str(CLIENTS)]

from configured import Client, Daemon, ErrorReply, executable, free_port, until  # noqa: E402, F401  (for the tests)
from resp import request  # noqa: E402, F401

KIB, MIB = 1 << 10, 1 << 20


def allow_descriptors(count=20_000):
    """As many descriptors as an attack needs; what the hard limit allows where that is less."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def connected(daemon, port=None, timeout=30, window=0):
    """A connected socket; with a window of its own the kernel takes no more than that of replies that nobody reads."""
    sock = socket.socket()
    try:
        if window:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        sock.settimeout(timeout)
        sock.connect(("127.0.0.1", port or daemon.port))
    except BaseException:
        sock.close()
        raise
    return sock


def resident(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Sampler:
    """The most that `read` said while the block ran, asked every `pause` seconds from a thread."""

    def __init__(self, read, pause=0.01):
        self.read, self.pause = read, pause
        self.most = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.most = self.read()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _run(self):
        while not self.stopping.wait(self.pause):
            try:
                self.most = max(self.most, self.read())
            except (FileNotFoundError, ProcessLookupError):
                return


def settled(read, good, seconds):
    """The first value of `read` that is good, or the last one when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = read()
        if good(value) or time.monotonic() > end:
            return value
        time.sleep(0.05)
