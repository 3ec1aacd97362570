"""This file owns hit ratios: a cache filled on each miss, by a trace or by a Zipf load, and exact simulation."""

import random
import struct
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

from harness.client import Client, encode
from harness.errors import BenchError
from harness.servers import BENCH, ROOT, RunningServer, ServerKind, started

# A real one where it is, which is not in the repository; else a made-up one that is (traces/make says of what).
LARGE_TRACE = ROOT.parent / "shared" / "traces" / "cloudPhysicsIO.oracleGeneral.bin"
SMALL_TRACE = BENCH / "traces" / "drift.oracleGeneral.bin"

RECORD = struct.Struct("<IQIq")  # libCacheSim's oracleGeneral: second, object, bytes, next access
BATCH_REQUESTS, BATCH_BYTES = 64, 1 << 20

# Our policy: its name in libcachesim. The others of Redis have no counterpart there.
SIMULATED = {
    "allkeys-lru": "LRU", "allkeys-random": "Random", "allkeys-lfu": "LFU", "allkeys-s3fifo": "S3FIFO",
}

# Of these policies Redis has no counterpart.
OURS_ALONE = {"allkeys-s3fifo"}

Request = tuple[bytes, int]  # key, bytes of the value


@dataclass(frozen=True)
class Load:
    name: str
    requests: list[Request]

    def footprint(self) -> int:
        return sum(dict(self.requests).values())


def default_trace() -> Path:
    return LARGE_TRACE if LARGE_TRACE.exists() else SMALL_TRACE


def trace_load(path: Path) -> Load:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror}") from None
    if not data or len(data) % RECORD.size:
        raise BenchError(f"{path} is no oracleGeneral trace: {len(data):,} bytes, not a multiple of {RECORD.size}")
    return Load(path.name, [(b"%x" % key, size) for _, key, size, _ in RECORD.iter_unpack(data)])


def zipf_load(keys: int, requests: int, exponent: float, value_size: int, seed: int) -> Load:
    generator = random.Random(seed)
    names = [b"%016x" % (number * 0x9e3779b97f4a7c15 % 2**64) for number in range(keys)]
    weights = list(accumulate((rank + 1) ** -exponent for rank in range(keys)))
    drawn = (min(bisect(weights, generator.random() * weights[-1]), keys - 1) for _ in range(requests))
    return Load(f"Zipf {exponent:g}", [(names[rank], value_size) for rank in drawn])


def batches(requests: Iterable[Request]) -> Iterator[list[Request]]:
    batch, size = [], 0
    for request in requests:
        batch.append(request)
        size += request[1]
        if len(batch) == BATCH_REQUESTS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def hit_ratio(server: RunningServer, load: Load, policy: str) -> float:
    """GET each, and SET what was missed. A key that comes twice in a batch is there for the second time."""
    expires = (b"EX", b"86400") if policy.startswith("volatile") else ()
    value = bytes(max(size for _, size in load.requests))
    hits = refused = 0
    with Client(server) as client:
        for batch in batches(load.requests):
            replies = client.pipeline([encode(b"GET", key) for key, _ in batch])
            missed = {}
            for (key, size), reply in zip(batch, replies):
                if reply is None and key not in missed:
                    missed[key] = size
                else:
                    hits += 1
            stored = client.pipeline([encode(b"SET", key, value[:size], *expires) for key, size in missed.items()])
            refused += sum(reply != b"OK" for reply in stored)
    if refused:
        raise BenchError(f"{server.kind.name}, {policy}: {refused} SETs were refused")
    return hits / len(load.requests)


def can_simulate() -> bool:
    return find_spec("libcachesim") is not None


def has_policy(kind: ServerKind, policy: str) -> bool:
    return policy not in OURS_ALONE or kind.name == "redistill"


def fresh_hit_ratio(kind: ServerKind, load: Load, policy: str, limit: int) -> float:
    """That of a server of its own with so many bytes."""
    with started(kind, arguments=kind.limit_arguments(limit, policy)) as server:
        return hit_ratio(server, load, policy)


def simulated_hit_ratio(path: Path, policy: str, cache_bytes: int) -> float | None:
    """By PyPI's libcachesim, of the whole trace; None where that is missing or has no such policy."""
    if policy not in SIMULATED or not can_simulate():
        return None
    import libcachesim
    reader = libcachesim.TraceReader(str(path), libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    cache = getattr(libcachesim, SIMULATED[policy])(cache_size=cache_bytes)
    return 1 - cache.process_trace(reader)[0]
