"""This file owns the attacks on time: what a client does so that others wait.

An attack is a function of a `Field`. It makes one round, and is called again until the time is over; `prepare` runs
before anybody is measured. It runs in a process of its own, with less right to a processor than the daemon.
"""

import os
import ssl
import time
from dataclasses import dataclass, field

from prober import placed
from setting import KIB, MIB, Client, connected, request

PASSWORD = "correct-horse"


@dataclass
class Field:
    """A running daemon, and what an attack keeps from one round to the next."""

    daemon: object
    tls_port: int = 0
    scale: float = 1
    kept: dict = field(default_factory=dict)

    def client(self, password=""):
        """The attacker's client, on worker 0."""
        if "client" not in self.kept:
            self.kept["client"] = placed(self.daemon, 0, password)
        return self.kept["client"]

    def count(self, number):
        return max(int(number * self.scale), 1)

    def ask(self, *words):
        return self.client().ask(*words)

    def drain(self, count):
        """Reads that many replies."""
        for _ in range(count):
            self.client().read()


@dataclass(frozen=True)
class TimeAttack:
    name: str
    run: object
    ceiling: float  # milliseconds that somebody else may wait at most
    prepare: object = None
    settings: dict = field(default_factory=dict)
    short: float = 0.2  # its size in a short form


TIME_ATTACKS = []


def attack(name, ceiling=20, prepare=None, short=0.2, **settings):
    def keep(function):
        TIME_ATTACKS.append(TimeAttack(name, function, ceiling, prepare, settings, short))
        return function
    return keep


def fill(field, count, size=16, prefix="key:", ttl=()):
    client = field.client()
    for start in range(0, count, 2000):
        numbers = range(start, min(start + 2000, count))
        value = b"v" * size
        client.socket.sendall(b"".join(request("SET", f"{prefix}{number}", value, *ttl) for number in numbers))
        field.drain(len(numbers))


def million_keys(field):
    fill(field, field.count(1_000_000))


def large_value(size):
    def store(field):
        field.ask("SET", "large", os.urandom(field.count(size)))
    return store


@attack("nothing")
def nothing(_):
    time.sleep(0.1)


@attack("a pipeline of a million GETs in one write")
def pipeline(field):
    count = field.count(1_000_000)
    sock = field.client().socket
    data = request("GET", "absent")
    reader = field.kept.setdefault("reader", sock.makefile("rb"))
    pid = os.fork()
    if not pid:  # reads while the parent writes
        left = count * len(b"$-1\r\n")
        while left > 0:
            left -= len(sock.recv(min(left, MIB)))
        os._exit(0)
    sock.sendall(data * count)
    os.waitpid(pid, 0)
    assert reader


@attack("MGET of a million keys", ceiling=150)
def many_keys(field):
    field.ask("MGET", *range(field.count(1_000_000)))


@attack("DEL of a million keys", ceiling=300, prepare=million_keys)
def delete_many(field):
    field.ask("DEL", *(f"key:{number}" for number in range(field.count(1_000_000))))


@attack("KEYS * over a million", ceiling=200, prepare=million_keys)
def all_keys(field):
    field.client().send("KEYS", "*")
    sock, seen = field.client().socket, 0
    count = int(field.client().file.readline()[1:])
    while seen < count:
        field.client().read()
        seen += 1
    assert sock


def long_keys(field):
    client = field.client()
    for start in range(0, 2000, 100):
        client.socket.sendall(b"".join(request("SET", "a" * 4000 + str(number), "v") for number in range(start, start + 100)))
        field.drain(100)


@attack("KEYS a*a*a*a*a*b against keys of 4000 times a", ceiling=60, prepare=long_keys)
def pattern(field):
    field.ask("KEYS", "a*a*a*a*a*b")


@attack("SCAN COUNT 1000000 MATCH none", ceiling=150, prepare=million_keys)
def whole_scan(field):
    field.ask("SCAN", 0, "MATCH", "none", "COUNT", field.count(1_000_000))


@attack("WATCH of 50000 keys, UNWATCH", ceiling=60)
def watch(field):
    field.ask("WATCH", *range(field.count(50_000)))
    field.ask("UNWATCH")


def crowd(count):
    def connect(field):
        field.kept["crowd"] = [connected(field.daemon) for _ in range(field.count(count))]
    return connect


@attack("CLIENT LIST ID and KILL of 20000 IDs", prepare=crowd(1000))
def client_ids(field):
    field.ask("CLIENT", "LIST", "ID", *range(1_000_000, 1_000_000 + field.count(20_000)))
    for number in range(2_000_000, 2_000_100):
        field.ask("CLIENT", "KILL", "ID", number)


@attack("CLIENT LIST with 5000 clients", ceiling=60, prepare=crowd(5000))
def client_list(field):
    field.ask("CLIENT", "LIST")


def trackers(field):
    field.kept["crowd"] = crowd = []
    for _ in range(field.count(8000)):
        sock = connected(field.daemon)
        sock.sendall(request("HELLO", 3) + request("CLIENT", "TRACKING", "ON") + request("GET", "tracked"))
        crowd.append(sock)


@attack("SET of a key that 8000 clients track, each then GETs", ceiling=100, prepare=trackers)
def tracked(field):
    field.ask("SET", "tracked", "1")
    data = request("GET", "tracked")
    for sock in field.kept["crowd"]:
        sock.setblocking(False)
        try:
            while sock.recv(64 * KIB):
                pass
        except BlockingIOError:
            pass
        sock.setblocking(True)
        sock.sendall(data)


def context():
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def half_records(field):
    """Four TLS clients that have sent a part of a record and are silent."""
    field.kept["half"] = []
    for length in (1, 5, 12, 100):
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        sock = connected(field.daemon, field.tls_port)
        client = context().wrap_bio(into, out)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(out.read())
                into.write(sock.recv(64 * KIB))
        sock.sendall(out.read())
        client.write(request("PING"))
        sock.sendall(out.read())
        sock.recv(100)
        client.write(request("GET", "x" * 200))
        record = out.read()
        sock.sendall(record[:length])
        field.kept["half"].append(sock)


@attack("TLS clients with a part of a record, silent", prepare=half_records, security={"tls_port": True}, short=1)
def partial_record(_):
    time.sleep(0.2)


@attack("100 TLS handshakes a second", security={"tls_port": True}, short=1)
def handshakes(field):
    begun = time.monotonic()
    for number in range(10):
        with context().wrap_socket(connected(field.daemon, field.tls_port)):
            pass
        time.sleep(max(0, begun + number / 100 - time.monotonic()))


@attack("connections that come and go", short=1)
def come_and_go(field):
    for _ in range(200):
        connected(field.daemon).close()


@attack("a reader of GETs of 1 MB", prepare=lambda field: field.ask("SET", "large", b"v" * MIB), short=1)
def large_reader(field):
    sock = field.client().socket
    sock.sendall(request("GET", "large") * 100)
    left = 100 * (MIB + len(b"$1048576\r\n\r\n"))
    while left:
        left -= len(sock.recv(min(left, MIB)))


@attack("DUMP of 64 MB", ceiling=1000, prepare=large_value(64 * MIB))
def dump(field):
    field.ask("DUMP", "large")


@attack("EXEC of 200 GETRANGE of 1 MB", prepare=lambda field: field.ask("SET", "large", b"v" * MIB), short=1)
def large_transaction(field):
    field.client().socket.sendall(request("MULTI") + request("GETRANGE", "large", 1, -1) * 200 + request("EXEC"))
    field.drain(202)


@attack("SET and DEL of 64 MB")
def large_writer(field):
    field.ask("SET", "large", bytes(field.count(64 * MIB)))
    field.ask("DEL", "large")


@attack("APPEND and SETRANGE to 64 MB", prepare=large_value(64 * MIB))
def append(field):
    field.ask("APPEND", "large", b"x" * 10)
    field.ask("SETRANGE", "large", 5, b"y" * 10)


@attack("BITCOUNT, BITPOS and BITOP of 64 MB", ceiling=200, prepare=large_value(64 * MIB))
def bits(field):
    field.ask("BITCOUNT", "large")
    field.ask("BITPOS", "large", 0)
    field.ask("BITOP", "NOT", "other", "large")


def two_texts(field):
    field.ask("MSET", "one", "abcdefgh" * 500, "two", "hgfedcba" * 500)


@attack("LCS of 4000 by 4000", prepare=two_texts, ceiling=60, short=1)
def common_sequence(field):
    field.ask("LCS", "one", "two", "LEN")


@attack("a reader that stops", prepare=lambda field: field.ask("SET", "large", b"v" * MIB), short=1)
def stopped_reader(field):
    sock = connected(field.daemon, window=4 * KIB)
    sock.sendall(request("GET", "large") * 50)
    time.sleep(0.05)
    sock.close()


@attack("wrong passwords in a loop", security={"password": PASSWORD}, short=1)
def passwords(field):
    for _ in range(20):
        with Client(0, wrapped=connected(field.daemon)) as client:
            client.send("AUTH", "wrong")
    time.sleep(0.01)


@attack("FLUSHALL of a million keys, SYNC and ASYNC in turn")
def flush(field):
    million_keys(field)
    field.kept["sync"] = not field.kept.get("sync")
    field.ask("FLUSHALL", "SYNC" if field.kept["sync"] else "ASYNC")


@attack("a million keys written", short=0.2)
def growth(field):
    million_keys(field)
    field.ask("FLUSHALL", "ASYNC")


@attack("max_memory halved and doubled", memory={"max_memory": 256 * MIB}, prepare=lambda field: fill(field, 100_000, 1024))
def halved(field):
    field.ask("CONFIG", "SET", "maxmemory", 128 * MIB)
    time.sleep(0.2)
    field.ask("CONFIG", "SET", "maxmemory", 256 * MIB)
    fill(field, 50_000, 1024)


@attack("200000 keys expire in the same moment")
def expire(field):
    fill(field, field.count(200_000), ttl=("PXAT", int((time.time() + 1) * 1000)))
    time.sleep(0.5)


@attack("a flood of SETs under eviction, 1 byte to 1 MB", short=1,
        memory={"max_memory": 64 * MIB, "eviction_policy": "allkeys-lru"})
def eviction(field):
    sizes = [1, 10, 100, 1000, 5000, 40_000, 200_000, MIB]
    requests = [request("SET", f"evicted:{number}", b"v" * sizes[number % 8]) for number in range(160)]
    field.client().socket.sendall(b"".join(requests))
    field.drain(len(requests))


@attack("three MONITORs that do not read", short=1)
def monitors(field):
    if "crowd" not in field.kept:
        field.kept["crowd"] = [connected(field.daemon, window=4 * KIB) for _ in range(3)]
        for sock in field.kept["crowd"]:
            sock.sendall(request("MONITOR"))
    fill(field, 2000, prefix="seen:")


@attack("half-sent HTTP requests", short=1)
def http(field):
    crowd = field.kept.setdefault("crowd", [])
    if len(crowd) < 500:
        try:
            sock = connected(field.daemon, field.daemon.http, timeout=1)
            sock.sendall(b"GET /metrics HTTP/1.1\r\nx: y")
            crowd.append(sock)
        except OSError:
            pass
    else:
        time.sleep(0.01)


@attack("100 clients that send a byte at a time", short=1)
def dribble(field):
    crowd = field.kept.setdefault("crowd", None) or [connected(field.daemon) for _ in range(100)]
    field.kept["crowd"] = crowd
    for byte in request("SET", "dribbled", "x" * 20):
        for sock in crowd:
            sock.send(bytes([byte]))
    for sock in crowd:
        sock.recv(100)


@attack("50 clients that pipeline 100 GETs", short=1)
def flood(field):
    crowd = field.kept.get("crowd") or [connected(field.daemon) for _ in range(50)]
    field.kept["crowd"] = crowd
    data = request("GET", "absent") * 100
    for sock in crowd:
        sock.sendall(data)
    for sock in crowd:
        left = 500
        while left:
            left -= len(sock.recv(left))


@attack("INFO, COMMAND DOCS and CONFIG SET in a loop", short=1)
def control(field):
    for number in range(20):
        field.ask("INFO", "everything")
        field.ask("CONFIG", "SET", "slowlog-max-len", 100 + number)
    field.client().send("COMMAND")
    field.drain(1)


@attack("MULTI of 100000 SETs and EXEC", ceiling=60)
def transaction(field):
    count = field.count(100_000)
    field.client().socket.sendall(request("MULTI"))
    field.drain(1)
    for start in range(0, count, 1000):
        field.client().socket.sendall(request("SET", "queued", "v") * 1000)
        field.drain(1000)
    field.ask("EXEC")


@attack("RANDOMKEY, OBJECT, MEMORY USAGE and SLOWLOG GET over a million", prepare=million_keys)
def small_questions(field):
    for _ in range(20):
        field.ask("RANDOMKEY")
        field.ask("MEMORY", "USAGE", "key:1")
        field.ask("SLOWLOG", "GET", -1)


