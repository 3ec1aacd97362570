"""
This file owns which node has which key: the ways of twemproxy, Envoy, the cluster map and rendezvous hashing, by
their own hash functions. Tests/Clients/matrix asks the real proxies and daemons where a key is, and compares.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import md5, sha1

import numpy
from xxhash import xxh64_intdigest

KETAMA_POINTS = 160
SLOTS = 16384
RANGES = 1024
MAGLEV_TABLE, LARGE_MAGLEV_TABLE = 65537, 655373  # primes, as Envoy wants
RING = 65536

Array = numpy.ndarray
Find = Callable[["Keys"], Array]


@dataclass(frozen=True)
class Way:
    """Of the names of nodes it makes what finds the number of each key's node."""

    name: str
    build: Callable[[list[str]], Find]


class Keys:
    """Keys of one length, and the hashes that proxies make of them."""

    def __init__(self, keys: list[bytes]) -> None:
        characters = numpy.frombuffer(b"".join(keys), dtype=numpy.uint8).reshape(len(keys), -1)
        self.murmur32 = murmur32(characters)
        self.murmur64 = murmur64(characters)
        self.slot = crc16(characters) % SLOTS


def words(keys: Array, size: int) -> tuple[Array, Array | None]:
    """The keys as little-endian numbers of so many bytes, a column for each, and what is left over as one more."""
    whole = keys.shape[1] // size * size
    kind = numpy.dtype(f"<u{size}")
    columns = numpy.ascontiguousarray(keys[:, :whole]).view(kind)
    if whole == keys.shape[1]:
        return columns, None
    rest = numpy.zeros((len(keys), size), dtype=numpy.uint8)
    rest[:, :keys.shape[1] - whole] = keys[:, whole:]
    return columns, rest.view(kind)[:, 0]


def murmur64(keys: Array) -> Array:
    """MurmurHash2 of 64 bits with the seed of C++'s library, which is what Envoy takes of a key."""
    multiplier = numpy.uint64(0xC6A4A7935BD1E995)
    columns, rest = words(keys, 8)

    def mix(value: Array) -> Array:
        return value ^ value >> numpy.uint64(47)

    seed = 0xC70F6907 ^ keys.shape[1] * int(multiplier) % 2**64
    value = numpy.full(len(keys), seed, dtype=numpy.uint64)
    for column in columns.T:
        value = (value ^ mix(column * multiplier) * multiplier) * multiplier
    if rest is not None:
        value = (value ^ rest) * multiplier
    return mix(mix(value) * multiplier)


def murmur32(keys: Array) -> Array:
    """MurmurHash2 of 32 bits, seeded by the length, as twemproxy's `hash: murmur` has it."""
    multiplier, length = numpy.uint32(0x5BD1E995), keys.shape[1]
    columns, rest = words(keys, 4)
    value = numpy.full(len(keys), 0xDEADBEEF * length % 2**32 ^ length, dtype=numpy.uint32)
    for column in columns.T:
        mixed = column * multiplier
        value = value * multiplier ^ (mixed ^ mixed >> numpy.uint32(24)) * multiplier
    if rest is not None:
        value = (value ^ rest) * multiplier
    value = (value ^ value >> numpy.uint32(13)) * multiplier
    return value ^ value >> numpy.uint32(15)


def crc16(keys: Array) -> Array:
    """CRC-16/XMODEM, of which a cluster's slot is made."""
    table = numpy.arange(256, dtype=numpy.uint16) << numpy.uint16(8)
    for _ in range(8):
        table = numpy.where(table & 0x8000, table << numpy.uint16(1) ^ numpy.uint16(0x1021), table << numpy.uint16(1))
    value = numpy.zeros(len(keys), dtype=numpy.uint16)
    for column in keys.T:
        value = value << numpy.uint16(8) ^ table[(value >> numpy.uint16(8)).astype(numpy.uint8) ^ column]
    return value


def on_ring(points: Array, owners: Array, hashes: Array) -> Array:
    """The owner of the first point at or after each hash, and behind the last one the first."""
    order = numpy.argsort(points, kind="stable")
    places = numpy.searchsorted(points[order], hashes)
    return owners[order][places % len(points)]


def twemproxy(nodes: list[str]) -> Find:
    """Ketama: 160 points for each node, four of each MD5."""
    points = numpy.concatenate([ketama_points(node) for node in nodes])
    owners = numpy.repeat(numpy.arange(len(nodes)), KETAMA_POINTS)
    return lambda keys: on_ring(points, owners, keys.murmur32)


def ketama_points(node: str) -> Array:
    digests = b"".join(md5(b"%s-%d" % (node.encode(), number)).digest() for number in range(KETAMA_POINTS // 4))
    return numpy.frombuffer(digests, dtype="<u4")


def envoy_ring(minimum: int, cache: dict[str, Array]) -> Callable[[list[str]], Find]:
    """
    Envoy's ring: as many points for each node as make up its least size, so each has more when there are fewer nodes.
    `cache` keeps the points of a name: there is a table for each number of nodes, and most names are in several.
    """
    def points_of(node: str, count: int) -> Array:
        known = cache.get(node, numpy.empty(0, dtype=numpy.uint64))
        if len(known) < count:
            more = [xxh64_intdigest(b"%s_%d" % (node.encode(), number)) for number in range(len(known), count)]
            cache[node] = known = numpy.concatenate([known, numpy.array(more, dtype=numpy.uint64)])
        return known[:count]

    def build(nodes: list[str]) -> Find:
        count = -(-minimum // len(nodes))
        points = numpy.concatenate([points_of(node, count) for node in nodes])
        owners = numpy.repeat(numpy.arange(len(nodes)), count)
        return lambda keys: on_ring(points, owners, keys.murmur64)
    return build


def envoy_maglev(size: int, nodes: list[str]) -> Find:
    """Envoy's Maglev: nodes take places of one table in turn, each in an order of its own."""
    numbers = sorted(range(len(nodes)), key=nodes.__getitem__)
    names = [nodes[number].encode() for number in numbers]
    place = [xxh64_intdigest(name, 0) % size for name in names]
    step = [xxh64_intdigest(name, 1) % (size - 1) + 1 for name in names]
    table = [-1] * size
    for turn in range(size):
        which = turn % len(nodes)
        at = place[which]
        while table[at] >= 0:
            at = (at + step[which]) % size
        table[at] = numbers[which]
        place[which] = at
    found = numpy.array(table)
    return lambda keys: found[(keys.murmur64 % numpy.uint64(size)).astype(numpy.int64)]


def scores(node: str, hashes: Array) -> Array:
    return scramble(hashes ^ numpy.uint64(xxh64_intdigest(node.encode())))


class Contest:
    """Who has the highest score of each hash, kept for lists of nodes that grow."""

    def __init__(self, hashes: Array) -> None:
        self.hashes = hashes
        self.nodes: list[str] = []
        self.best = numpy.zeros(len(hashes), dtype=numpy.uint64)
        self.owners = numpy.zeros(len(hashes), dtype=numpy.int64)

    def won_by(self, nodes: list[str]) -> Array:
        """The names so far must be the first of these."""
        if nodes[:len(self.nodes)] != self.nodes:
            raise ValueError("nodes went, or changed places")
        for number in range(len(self.nodes), len(nodes)):
            score = scores(nodes[number], self.hashes)
            higher = score > self.best
            self.best[higher] = score[higher]
            self.owners[higher] = number
        self.nodes = list(nodes)
        return self.owners.copy()


def scramble(value: Array) -> Array:
    """The finalizer of SplitMix64: each bit of the result hangs on each bit of the value."""
    value = (value ^ value >> numpy.uint64(30)) * numpy.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ value >> numpy.uint64(27)) * numpy.uint64(0x94D049BB133111EB)
    return value ^ value >> numpy.uint64(31)


def rendezvous() -> Callable[[list[str]], Find]:
    """Of each key by itself. Each node is asked once, as long as lists of nodes grow and the keys stay the same."""
    last: tuple[Keys, Contest] | None = None

    def find(nodes: list[str], keys: Keys) -> Array:
        nonlocal last
        if last is None or last[0] is not keys or nodes[:len(last[1].nodes)] != last[1].nodes:
            last = keys, Contest(keys.murmur64)
        return last[1].won_by(nodes)

    return lambda nodes: lambda keys: find(nodes, keys)


def cluster_map(nodes: list[str]) -> Find:
    """
    The map of `[cluster] nodes`, as the daemon deals it (Sources/Redistill/Cluster/SlotDeal.swift): each node ranks all ranges
    of slots, a range goes to who ranks it highest, and who would have more than 1.05 times its share keeps the best.
    """
    ids = [sha1(node.encode()).hexdigest() for node in nodes]
    hashes = range_hashes(ids)
    ranks = numpy.empty_like(hashes, dtype=numpy.int64)
    numpy.put_along_axis(ranks, numpy.argsort(hashes, axis=1, kind="stable"), numpy.arange(RANGES)[None, :], axis=1)
    most = -(-RANGES * 105 // (len(nodes) * 100))
    choices = [preferences(ranks[:, number], hashes[:, number]) for number in range(RANGES)]
    held: list[list[int]] = [[] for _ in nodes]
    free = list(range(RANGES))
    while free:
        number = free.pop()
        node = next(choices[number])
        held[node].append(number)
        if len(held[node]) > most:
            least = min(held[node], key=ranks[node].__getitem__)
            held[node].remove(least)
            free.append(least)
    found = numpy.empty(RANGES, dtype=numpy.int64)
    for node, mine in enumerate(held):
        found[mine] = node
    return lambda keys: found[keys.slot // (SLOTS // RANGES)]


def range_hashes(ids: list[str]) -> Array:
    """SplitMix64 of each node and range, a row for each node."""
    seeds = numpy.array([int(text[:16], 16) for text in ids], dtype=numpy.uint64)
    steps = numpy.arange(1, RANGES + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
    return scramble(seeds[:, None] + steps[None, :])


def preferences(ranks: Array, hashes: Array) -> Iterator[int]:
    """The nodes from the one that ranks a range highest; of two alike the hash decides."""
    return map(int, numpy.lexsort((hashes, ranks))[::-1])


def named_nodes(count: int, number: int = 0) -> list[str]:
    """Names of nodes, the same for the same number; as addresses, since proxies go by these if nothing else is said."""
    order = numpy.random.default_rng(number).permutation(1 << 16)[:count]
    return [f"10.{number}.{address >> 8}.{address & 255}:6379" for address in map(int, order)]


def ways() -> list[Way]:
    return [
        Way("twemproxy, ketama", twemproxy),
        Way("Envoy, ring of 65,536", envoy_ring(RING, cache := {})),
        Way("Envoy, ring of 1,048,576", envoy_ring(16 * RING, cache)),
        Way("Envoy, Maglev of 65,537", partial(envoy_maglev, MAGLEV_TABLE)),
        Way("Envoy, Maglev of 655,373", partial(envoy_maglev, LARGE_MAGLEV_TABLE)),
        Way("cluster map", cluster_map),
        Way("rendezvous, each key", rendezvous()),
    ]
