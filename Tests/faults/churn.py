"""This file owns the clients of a soak: each goes on with one kind of change until it is told to stop.

A churner is a function of a `Soak`; it makes one round, is called again and again, and counts what it saw that was wrong
by raising. Connections that the daemon closes are none of that.
"""

import random
import shutil
import signal
import ssl
import subprocess
import time
from dataclasses import dataclass, field

from setting import KIB, MIB, Client, Daemon, ErrorReply, connected, request

TRACKED = b"".join(request("GET", f"soak:{number}") for number in range(2000))
SIZES = [[20, 100], [1000], [10, 200, 5000], [10_000, 40_000], [100, 200_000], [1, 1_000_000], [64]]


@dataclass
class Soak:
    daemon: Daemon
    tls_port: int
    authority: object
    directory: object
    dice: random.Random
    shift: float  # seconds until sizes change
    kept: dict = field(default_factory=dict)
    rounds: int = 0

    def client(self):
        if "client" not in self.kept:
            self.kept["client"] = self.daemon.connect(timeout=60)
        return self.kept["client"]

    def drop(self):
        for item in self.kept.values():
            for each in item if isinstance(item, list) else [item]:
                if hasattr(each, "close"):
                    each.close()
        self.kept = {}


def values(soak):
    """Values of sizes that change with time, under a hundred thousand names, most with a time to live."""
    client, sizes = soak.client(), SIZES[int(time.monotonic() / soak.shift) % len(SIZES)]
    requests, keys = [], []
    for _ in range(50):
        key = b"soak:%d" % soak.dice.randrange(100_000)
        size = soak.dice.choice(sizes)
        ttl = soak.dice.choice([(), ("PX", soak.dice.randrange(1, 60_000)), ("EX", 30)])
        requests.append(request("SET", key, (key + b"|" + b"x" * size), *ttl))
        other = b"soak:%d" % soak.dice.randrange(100_000)
        requests.append(request("GET", other))
        keys.append(other)
    client.socket.sendall(b"".join(requests))
    for key in keys:
        stored, value = client.read(), client.read()
        if stored != b"OK" and not str(stored).startswith("OOM"):
            raise AssertionError(f"SET was answered {stored}")
        if value is not None and not value.startswith(key + b"|"):
            raise AssertionError(f"{key} holds {value[:50]}")
    time.sleep(0.005)


def clients(soak):
    """They come, ask, ask half, and go, some without a word."""
    crowd = [connected(soak.daemon) for _ in range(soak.dice.randrange(1, 60))]
    for sock in crowd:
        sock.sendall(soak.dice.choice([b"", b"PING\r\n", b"*2\r\n$3\r\nGET\r\n$100\r\nabc", request("GET", "soak:1") * 50,
                                       b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$300000\r\n" + b"x" * 100_000, b"rubbish\0\r\n$5\r\n"]))
    time.sleep(0.05)
    for sock in crowd:
        if soak.dice.random() < 0.3:
            sock.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER: a reset
        sock.close()


def settings(soak):
    client = soak.client()
    name, choices = soak.dice.choice([
        ("maxmemory", [48 * MIB, 56 * MIB, 64 * MIB]),
        ("maxmemory-policy", ["allkeys-lru", "allkeys-lfu", "volatile-ttl", "allkeys-s3fifo"]),
        ("slowlog-log-slower-than", [100, 10_000]), ("slowlog-max-len", [10, 1000]), ("latency-monitor-threshold", [0, 1]),
        ("timeout", [0, 300]), ("tcp-keepalive", [10, 300])])
    reply = client.ask("CONFIG", "SET", name, soak.dice.choice(choices))
    if reply != b"OK":
        raise AssertionError(f"CONFIG SET {name}: {reply}")
    client.ask(*soak.dice.choice([("CONFIG", "GET", "*"), ("INFO", "everything"), ("CLIENT", "LIST"), ("SLOWLOG", "GET"),
                                  ("CONFIG", "RESETSTAT"), ("MEMORY", "STATS"), ("LATENCY", "HISTOGRAM")]))
    if soak.dice.random() < 0.02:
        client.ask("FLUSHALL")
    time.sleep(0.1)


def certificates(soak):
    """A new pair every so often, written plainly; and clients under TLS whom that must not disturb."""
    if soak.rounds % 40 == 0:
        pair = soak.authority.issue(f"soak{soak.rounds}")
        shutil.copy(pair[0], soak.directory / "live.pem")
        soak.daemon.process.send_signal(signal.SIGHUP)
        shutil.copy(pair[1], soak.directory / "live.key")
        soak.daemon.process.send_signal(signal.SIGHUP)
        for path in pair:
            path.unlink()
    context = ssl.create_default_context(cafile=str(soak.authority.certificate))
    for _ in range(5):
        wrapped = context.wrap_socket(connected(soak.daemon, soak.tls_port), server_hostname="localhost")
        with Client(0, wrapped=wrapped) as client:
            if client.ask("SET", "tls", "x" * 30_000) == b"OK" and client.ask("STRLEN", "tls") not in (0, 30_000):
                raise AssertionError("TLS: STRLEN")
    time.sleep(0.1)


def trackers(soak):
    """Trackers, broadcasts and monitors, of which some do not read; then they are gone."""
    crowd = []
    for _ in range(soak.dice.randrange(1, 10)):
        sock = connected(soak.daemon, window=soak.dice.choice([0, 4 * KIB]))
        sock.sendall(soak.dice.choice([
            request("HELLO", 3) + request("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "soak:1"),
            request("HELLO", 3) + request("CLIENT", "TRACKING", "ON") + TRACKED,
            request("MONITOR")]))
        crowd.append(sock)
    time.sleep(soak.dice.random())
    for sock in crowd:
        sock.close()


def transactions(soak):
    client = soak.client()
    client.ask("WATCH", *[f"soak:{soak.dice.randrange(100_000)}" for _ in range(20)])
    count = soak.dice.choice([1, 10, 3000])
    client.socket.sendall(request("MULTI") + request("INCR", "number") * count)
    for _ in range(count + 1):
        client.read()
    if soak.dice.random() < 0.4:
        client.ask("DISCARD")
    else:
        replies = client.ask("EXEC")
        if replies is not None and not isinstance(replies, ErrorReply):
            numbers = [reply for reply in replies if isinstance(reply, int)]
            if numbers != list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False:
                raise AssertionError(f"EXEC: {numbers[:20]}")
    time.sleep(0.02)


def tools(soak):
    """What people run beside it."""
    scan = ["redis-cli", "-p", str(soak.daemon.port), "--scan", "--pattern", "soak:99*"]
    subprocess.run(scan, capture_output=True, timeout=120)
    with connected(soak.daemon, soak.daemon.http) as sock:
        sock.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        while sock.recv(64 * KIB):
            pass
    time.sleep(1)


CHURNERS = [values, values, clients, settings, certificates, trackers, transactions, tools]
