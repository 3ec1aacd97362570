"""This file owns hashes, sets and lists as they are measured: how many of which, what fills them, and what is asked of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.client import encode
from harness.workloads import Workload

PAYLOAD_BYTES = 24 << 20  # of all keys of a shape together
KEYS_MOST = 100_000
KEY_SIZE = 16
PIECE = 500  # elements of a command, and about so many of a pipeline
SMALL = 128  # elements, up to which a value is packed by everybody's defaults


@dataclass(frozen=True)
class Shape:
    """Keys that hold one collection each."""

    kind: str  # hash, set, list
    elements: int
    element_size: int = 32  # of a hash's value, a list's element, or a set's member; 0: the members are integers

    @property
    def name(self) -> str:
        of = {"hash": f"8 + {self.element_size} B", "list": f"{self.element_size} B",
              "set": f"{self.element_size} B" if self.element_size else "integers"}[self.kind]
        return f"{self.kind} of {self.elements:,}, {of}"

    def words(self, key: int) -> list[bytes]:
        """What the key holds, as HSET, SADD or RPUSH take it. Integers are of up to seven digits, far apart."""
        numbers = range(self.elements)
        if self.kind == "hash":
            return [word for i in numbers for word in (b"f%07d" % i, b"%0*d" % (self.element_size - 1, i + key) + b"v")]
        if self.kind == "list":
            return [b"%0*d" % (self.element_size - 1, i + key) + b"v" for i in numbers]
        if self.element_size:
            return [b"%0*d" % (self.element_size - 1, i * 7919 + key) + b"m" for i in numbers]
        return [b"%d" % (i * 997 + key % 997) for i in numbers]

    def payload(self) -> int:
        """Bytes of a key: its name, and what it holds."""
        return KEY_SIZE + sum(map(len, self.words(0)))

    def keys(self) -> int:
        return min(KEYS_MOST, max(1, PAYLOAD_BYTES // self.payload()))

    def most_of_redis(self) -> float:
        """The promise: bytes over Redis's."""
        return 0.7 if self.elements <= SMALL else 1.0

    def commands(self) -> Iterator[bytes]:
        """What makes all keys."""
        name = {"hash": b"HSET", "set": b"SADD", "list": b"RPUSH"}[self.kind]
        for key in range(self.keys()):
            words = self.words(key)
            for at in range(0, len(words), 2 * PIECE):
                yield encode(name, b"k%0*d" % (KEY_SIZE - 1, key), *words[at:at + 2 * PIECE])


SHAPES = (
    *(Shape("hash", elements) for elements in (5, 10, 50, 500)),
    *(Shape("set", elements, 16) for elements in (10, 100, 1_000, 10_000)),
    *(Shape("set", elements, 0) for elements in (10, 100, 1_000, 10_000)),
    *(Shape("list", elements) for elements in (10, 1_000)),
)

# bench-load's commands, with their names for a person.
COMMANDS = {"hset": "HSET", "hget": "HGET", "hgetall": "HGETALL of 10", "sadd": "SADD and SREM", "sismember": "SISMEMBER",
            "lpush": "LPUSH and RPOP", "lrange": "LRANGE of 10"}
# The most that CPU per operation may be, over Redis's, by pipeline.
CEILINGS = {1: None, 16: 1 / 2, 64: 1 / 3}


def workloads() -> list[Workload]:
    return [Workload(f"{command}-p{pipeline}", pipeline=pipeline, connections=50, value_size=32, set_share=0.0, keys=100_000,
                     command=command, width=10, ceiling=ceiling, title=f"{title}, P={pipeline}")
            for command, title in COMMANDS.items() for pipeline, ceiling in CEILINGS.items()]
