"""This file owns histories: several clients work on few keys at once, and what each saw is put together and checked.

    Tests/faults/run histories                      a minute of each mix
    Tests/faults/run histories --seconds 600 --clients 8 --workers 4

A value names its key and its write, and is padded to a size that follows from its name: a reader knows what it has to
see from the first bytes.
"""

import argparse
import multiprocessing
import random
import sys
import time
import zlib
from dataclasses import dataclass, field

import register
import shaped
from linear import FOREVER, UNKNOWN, Operation, check
from setting import MIB, Client, Daemon, ErrorReply, request

KEYS = 6
PAIRS = 2
# Above the borders at which a value lies elsewhere: within the entry, in slabs, in pages of its own.
SIZES = [0, 0, 10, 250, 1100, 5000, 33_000, 70_000]


@dataclass(frozen=True)
class Mix:
    name: str
    kinds: dict  # of plain commands, with weights
    memory: dict = field(default_factory=dict)
    filler: bool = False  # one client writes other keys until some of these are evicted
    transactions: float = 0.1
    scripts: float = 0
    shaped: float = 0  # commands on hashes, sets, lists and sorted sets


# What one command does, done by several of a script: whoever looks between them sees what no order explains. The second of
# each names its key so that nobody can tell beforehand which shards it will want.
SCRIPTS = {
    "SETGET": "local old = redis.call('get', {key}) redis.call('set', {key}, ARGV[1]) return old",
    "GETDEL": "local old = redis.call('get', {key}) redis.call('del', {key}) return old",
    "SETNX": "if redis.call('exists', {key}) == 1 then return false end return redis.call('set', {key}, ARGV[1])",
    "INCR": "local n = (redis.call('get', {key}) or 0) + 1 redis.call('set', {key}, string.format('%d', n)) return n",
    "SETPAIR": "redis.call('set', {key}, ARGV[1]) return redis.call('set', KEYS[2], ARGV[1])",
    "GETPAIR": "return {{redis.call('get', {key}), redis.call('get', KEYS[2])}}",
}
NAMED_KEYS = ("KEYS[1]", "table.concat({KEYS[1]})")

PLAIN = {"GET": 6, "SET": 3, "SETNX": 2, "SETGET": 2, "GETDEL": 2, "DEL": 1, "APPEND": 1, "INCR": 3}
MIXES = [
    Mix("plain", PLAIN),
    Mix("expiry", {"GET": 6, "SETPX": 4, "SETNX": 2, "SETGET": 1, "PERSIST": 1, "INCR": 1}),
    Mix("eviction", PLAIN, {"max_memory": 8 * MIB, "eviction_policy": "allkeys-random"}, filler=True, transactions=0.05),
    Mix("transactions", PLAIN, transactions=0.6),
    Mix("scripts", PLAIN, scripts=0.6),
    Mix("shaped", PLAIN, shaped=0.95),
]


def content(name):
    """The whole value of a write's name."""
    size = SIZES[zlib.crc32(name) % len(SIZES)]
    return name if size < len(name) else name + b"|" + (name * (size // len(name) + 1))[:size]


def name_of(key, value):
    """The write that a value came from; raises where the value is not wholly that of one write to that key."""
    if value is None:
        return None
    name = value.split(b"|", 1)[0]
    if not name.startswith(key + b"="):
        raise AssertionError(f"{key} holds {value[:60]!r}")
    if value != content(name) and b"+" not in value:  # what APPEND made is compared by the check
        raise AssertionError(f"{key} holds a damaged value of {name}: {len(value)} bytes")
    return name


class Worker:
    """One client, its own process: it asks, and keeps what it asked and saw."""

    def __init__(self, port, number, mix, seconds, seed, pipeline):
        self.client = Client(port, timeout=30)
        self.number, self.mix, self.pipeline = number, mix, pipeline
        self.end = time.monotonic() + seconds
        self.random = random.Random(f"{seed} {number}")
        self.writes = 0
        self.history = []  # (key, operation's fields)

    def run(self):
        while time.monotonic() < self.end:
            if self.random.random() < self.mix.shaped:
                self.shaped()
            elif self.random.random() < self.mix.scripts:
                self.script()
            elif self.random.random() < self.mix.transactions:
                self.several()
            else:
                self.plain()
        return self.history

    def fresh(self, key):
        self.writes += 1
        return b"%s=%d.%d" % (key, self.number, self.writes)

    def kind_and_key(self):
        kind = self.random.choices(list(self.mix.kinds), list(self.mix.kinds.values()))[0]
        family = {"INCR": b"n", "APPEND": b"a"}.get(kind) or self.random.choice([b"k", b"k", b"a", b"n"])
        if family == b"n" and kind not in ("INCR", "GET", "DEL", "GETDEL"):
            family = b"k"
        return kind, b"%s%d" % (family, self.random.randrange(KEYS))

    def command(self, kind, key):
        """The bytes, and the argument as the model knows it."""
        if kind in ("GET", "DEL", "GETDEL", "INCR", "PERSIST"):
            return request(kind, key), None
        if kind == "APPEND":
            part = self.fresh(b"+")
            return request("APPEND", key, part), part
        name = self.fresh(key)
        value = name if key.startswith(b"a") else content(name)
        if kind == "SETPX":
            milliseconds = self.random.choice([1, 5, 20, 100])
            return request("SET", key, value, "PX", milliseconds), (name, milliseconds / 1000)
        options = {"SET": [], "SETNX": ["NX"], "SETGET": ["GET"]}[kind]
        return request("SET", key, value, *options), name

    def seen(self, kind, key, reply):
        """A reply as the model knows it; the content is checked here."""
        if isinstance(reply, ErrorReply):
            if kind == "INCR":
                return register.ERROR
            raise AssertionError(f"{kind} {key}: {reply}")
        if shaped.is_shaped(key):
            return shaped.seen(kind, reply)
        if kind in ("GET", "SETGET", "GETDEL") and key.startswith(b"k"):
            return name_of(key, reply)
        return reply

    def keep(self, key, begun, ended, kind, argument, result):
        self.history.append((key, (begun, ended, kind, argument, result)))

    def plain(self):
        """A pipeline of commands on keys that differ, so that their order among themselves does not matter."""
        chosen = {}
        for _ in range(self.random.randrange(1, self.pipeline + 1)):
            kind, key = self.kind_and_key()
            chosen[key] = (kind, *self.command(kind, key))
        self.exchange([data for _, data, _ in chosen.values()], [
            (key, kind, argument) for key, (kind, _, argument) in chosen.items()])

    def shaped(self):
        """The same of values with a shape; sometimes one by one within a transaction."""
        chosen = {}
        for _ in range(self.random.randrange(1, self.pipeline + 1)):
            key, kind, argument, words = shaped.command(self.random, self.fresh)
            chosen[key] = (kind, argument, request(*words))
        if self.random.random() >= self.mix.transactions:
            self.exchange([data for _, _, data in chosen.values()], [
                (key, kind, argument) for key, (kind, argument, _) in chosen.items()])
            return
        begun = time.monotonic()
        self.client.socket.sendall(b"".join([request("MULTI"), *[data for _, _, data in chosen.values()], request("EXEC")]))
        replies = [self.client.read() for _ in range(len(chosen) + 2)]
        for (key, (kind, argument, _)), reply in zip(chosen.items(), replies[-1]):
            self.keep(key, begun, time.monotonic(), kind, argument, self.seen(kind, key, reply))

    def exchange(self, requests, expected):
        begun = time.monotonic()
        try:
            self.client.socket.sendall(b"".join(requests))
            for key, kind, argument in expected:
                reply = self.client.read()
                self.keep(key, begun, time.monotonic(), kind, argument, self.seen(kind, key, reply))
        except (OSError, EOFError):
            for key, kind, argument in expected:
                self.keep(key, begun, FOREVER, kind, argument, UNKNOWN)
            raise

    def several(self):
        self.random.choice([self.multiple_keys, self.transaction, self.write_pair, self.read_pair])()

    def multiple_keys(self):
        keys = self.random.sample([b"k%d" % number for number in range(KEYS)], 3)
        begun = time.monotonic()
        if self.random.random() < 0.5:
            names = [self.fresh(key) for key in keys]
            reply = self.client.ask("MSET", *[part for key, name in zip(keys, names) for part in (key, content(name))])
            for key, name in zip(keys, names):
                self.keep(key, begun, time.monotonic(), "SET", name, reply)
        else:
            for key, value in zip(keys, self.client.ask("MGET", *keys)):
                self.keep(key, begun, time.monotonic(), "GET", None, self.seen("GET", key, value))

    def transaction(self):
        chosen = {}
        for _ in range(4):
            kind, key = self.kind_and_key()
            chosen[key] = (kind, *self.command(kind, key))
        begun = time.monotonic()
        self.client.socket.sendall(b"".join([request("MULTI"), *[data for _, data, _ in chosen.values()], request("EXEC")]))
        replies = [self.client.read() for _ in range(len(chosen) + 2)]
        ended = time.monotonic()
        for (key, (kind, _, argument)), reply in zip(chosen.items(), replies[-1]):
            self.keep(key, begun, ended, kind, argument, self.seen(kind, key, reply))

    def script(self):
        kind = self.random.choice(list(SCRIPTS))
        text = SCRIPTS[kind].format(key=self.random.choice(NAMED_KEYS))
        if kind.endswith("PAIR"):
            kept, keys = self.pair_keys()
            name = self.fresh(b"pair") if kind == "SETPAIR" else None
        else:
            kept = b"%s%d" % (b"n" if kind == "INCR" else b"k", self.random.randrange(KEYS))
            keys, name = (kept,), self.fresh(kept) if kind.startswith("SET") else None
        begun = time.monotonic()
        reply = self.client.ask("EVAL", text, len(keys), *keys, *([content(name)] if name else []))
        if kind == "GETPAIR":
            reply = tuple(name_of(b"pair", value) for value in reply)
        elif not kind.endswith("PAIR"):
            reply = self.seen(kind, kept, reply)
        self.keep(kept, begun, time.monotonic(), kind, name, reply)

    def pair_keys(self):
        number = self.random.randrange(PAIRS)
        return b"pair%d" % number, (b"left%d" % number, b"right%d" % number)

    def write_pair(self):
        pair, keys = self.pair_keys()
        tag = self.fresh(b"pair")
        begun = time.monotonic()
        if self.random.random() < 0.5:
            reply = self.client.ask("MSET", *[part for key in keys for part in (key, content(tag))])
        else:
            writes = [request("SET", key, content(tag)) for key in keys]
            self.client.socket.sendall(b"".join([request("MULTI"), *writes, request("EXEC")]))
            reply = [self.client.read() for _ in range(4)][-1][-1]
        self.keep(pair, begun, time.monotonic(), "SETPAIR", tag, reply)

    def read_pair(self):
        pair, keys = self.pair_keys()
        begun = time.monotonic()
        if self.random.random() < 0.5:
            values = self.client.ask("MGET", *keys)
        else:
            self.client.socket.sendall(b"".join([request("MULTI"), *[request("GET", key) for key in keys], request("EXEC")]))
            values = [self.client.read() for _ in range(4)][-1]
        self.keep(pair, begun, time.monotonic(), "GETPAIR", None, tuple(name_of(b"pair", value) for value in values))


def fill(port, seconds):
    """Writes other keys of many sizes, so that something always has to go."""
    end, number = time.monotonic() + seconds, 0
    with Client(port, timeout=30) as client:
        while time.monotonic() < end:
            requests = []
            for number in range(number, number + 20):
                requests.append(request("SET", f"filler:{number % 20_000}", b"f" * SIZES[number % len(SIZES)]))
            client.socket.sendall(b"".join(requests))
            for _ in requests:
                client.read()


def _work(results, *arguments):
    worker = Worker(*arguments)
    complaint = None
    try:
        worker.run()
    except Exception as error:  # told by who started it
        complaint = repr(error)
    worker.client.close()
    results.put((complaint, worker.history))


def record(port, mix, clients, seconds, seed, pipeline=3):
    """Lets the clients work; their histories by key, and what they complained of."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    processes = [context.Process(target=_work, args=(results, port, number, mix, seconds, seed, pipeline))
                 for number in range(clients)]
    processes += [context.Process(target=fill, args=(port, seconds))] * mix.filler
    for process in processes:
        process.start()
    keys, complaints = {}, []
    for _ in range(clients):
        complaint, history = results.get(timeout=seconds + 60)
        complaints += [complaint] * (complaint is not None)
        for key, fields in history:
            keys.setdefault(key, []).append(_operation(fields))
    for process in processes:
        process.join()
    return keys, complaints


def _operation(fields):
    begun, ended, kind, argument, result = fields
    return Operation(begun, ended, kind, argument, UNKNOWN if ended == FOREVER else result)


def violations(keys, evicts):
    """The keys whose history no order explains."""
    found = []
    for key, history in sorted(keys.items()):
        # Half a pair may have been evicted, which is no tear.
        if shaped.is_shaped(key):
            violation = check(history, shaped.step, shaped.start(key))
        elif key.startswith(b"pair"):
            violation = None if evicts else check(history, register.pair, None)
        else:
            violation = check(history, register.model(evicts), register.ABSENT)
        if violation:
            found.append((key, violation))
    return found


def run(mix, clients, workers, seconds, seed):
    """The number of operations, and what is wrong with them, of one mix on a daemon of its own."""
    with Daemon(server={"workers": workers}, memory=mix.memory) as daemon:
        keys, complaints = record(daemon.port, mix, clients, seconds, seed)
        evicted = int(daemon.info("stats")["evicted_keys"])
        expired = int(daemon.info("stats")["expired_keys"])
    wrong = complaints + [f"{key.decode()}: {violation}" for key, violation in violations(keys, mix.filler)]
    return sum(map(len, keys.values())), evicted, expired, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of each mix (60)")
    parser.add_argument("--clients", type=int, default=8, help="(8)")
    parser.add_argument("--workers", type=int, default=2, help="of the daemon (2)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    bad = False
    print(f"seed {options.seed}")
    for mix in MIXES:
        # In parts, so that each search stays small and starts from nothing.
        left, operations, wrong = options.seconds, 0, []
        while left > 0 and not wrong:
            part = min(left, 10)
            count, evicted, expired, wrong = run(mix, options.clients, options.workers, part, options.seed + int(left))
            operations, left = operations + count, left - part
        print(f"{mix.name:<14} {operations:>9,} operations, {evicted:,} evicted and {expired:,} expired at the end: "
              f"{'linearizable' if not wrong else 'WRONG'}", flush=True)
        for text in wrong[:3]:
            print(text)
        bad |= bool(wrong)
    return bad


if __name__ == "__main__":
    sys.exit(main())
