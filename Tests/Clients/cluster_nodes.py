"""This file owns what tests of clusters share: daemons with one map, changes of it, and a load that notes what goes wrong."""

import binascii
import pathlib
import signal
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent / "operations"))

from configured import Client, Daemon, ErrorReply, free_port, until  # noqa: E402, F401  (for the tests)

SLOTS, RANGE = 16384, 16


def slot_of(key):
    return binascii.crc_hqx(key.encode(), 0) % SLOTS


def key_of_each_range():
    """As slots are dealt out in ranges, of these keys as many move as of slots, without chance."""
    keys, number = {}, 0
    while len(keys) < SLOTS // RANGE:
        keys.setdefault(slot_of(f"key:{number}") // RANGE, f"key:{number}")
        number += 1
    return list(keys.values())


class Nodes:
    """Daemons on ports of their own, each of which is told of all."""

    def __init__(self, count=3, **sections):
        self.sections = sections
        self.daemons = {}
        for port in [free_port() for _ in range(count)]:
            self.daemons[port] = None
        for port in self.daemons:
            self.start(port, list(self.daemons))

    def start(self, port, ports):
        sections = {section: dict(keys) for section, keys in self.sections.items()}
        server = {"port": port, "workers": 2, **sections.pop("server", {})}
        self.daemons[port] = Daemon(server=server, cluster={"nodes": names(ports)}, **sections)

    @property
    def ports(self):
        return list(self.daemons)

    def reload(self, port, ports):
        """Another map for one node, which has it when this returns."""
        daemon = self.daemons[port]
        before = daemon.info("server")["config_reloads"]
        daemon.sections["cluster"]["nodes"] = names(ports)
        daemon.write()
        daemon.reload()
        until(lambda: daemon.info("server")["config_reloads"] != before, 20, "no reload")

    def join(self, meanwhile=lambda: None):
        """One more node: it starts with the map that has it, and then the others are told. `meanwhile` before each of them."""
        port, others = self.start_one_more()
        for other in others:
            meanwhile()
            self.reload(other, self.ports)
        return port

    def start_one_more(self):
        """
        One that moves some ranges between old nodes as well, as two in three do, and in which order these are told so that it
        is hardest: who gives some away before who gets them.
        """
        old = self.ports
        before = self.owners(old[0])
        for port in (free_port() for _ in range(100)):
            self.start(port, [*old, port])
            between = [(was, now) for was, now in zip(before, self.owners(port)) if was != now != port]
            if between:
                return port, sorted(old, key=lambda other: (other == between[0][1]) - (other == between[0][0]))
            self.daemons.pop(port).__exit__()
        raise AssertionError("no node moves ranges between others")

    def die(self, port):
        """A node is gone without a word, and is taken out of the others' maps."""
        daemon = self.daemons.pop(port)
        daemon.stop(signal.SIGKILL)
        for other in self.ports:
            self.reload(other, self.ports)
        daemon.__exit__()

    def ask(self, port, *arguments):
        return self.daemons[port].ask(*arguments)

    def owners(self, port):
        """The port of each slot's node, as one of the daemons tells it."""
        owners = [None] * SLOTS
        for first, last, (_, owner, *_) in self.ask(port, "CLUSTER", "SLOTS"):
            owners[first:last + 1] = [owner] * (last + 1 - first)
        return owners

    def close(self):
        for daemon in self.daemons.values():
            if daemon:
                daemon.__exit__()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def names(ports):
    return [f"127.0.0.1:{port}" for port in ports]


class Load(threading.Thread):
    """Gets one key after the other, sets what is missing as a cache's client does, and looks at every value."""

    def __init__(self, client, keys):
        super().__init__()
        self.client, self.keys = client, keys
        self.missed, self.errors, self.rounds = set(), [], 0
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            for key in self.keys:
                try:
                    self.touch(key)
                except Exception as error:  # whatever the client lets through reaches the application
                    self.errors.append((key, repr(error)))
                if self.ending.is_set():
                    return
            self.rounds += 1

    def touch(self, key):
        value = self.client.get(key)
        if value is None:
            self.missed.add(key)
            self.client.set(key, key)
        elif value != key.encode():
            self.errors.append((key, value))

    def wait_for_rounds(self, count):
        until(lambda: self.rounds >= count or len(self.errors) > 100, 60, "the load stands still")

    def after(self, change):
        """What is missed, and which errors come, by a change and two rounds after it."""
        self.missed, self.errors = set(), []
        change()
        self.wait_for_rounds(self.rounds + 2)
        return self.missed, self.errors

    def __enter__(self):
        self.start()
        self.wait_for_rounds(1)
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()
