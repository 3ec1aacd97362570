"""This file owns a load whose value sizes shift, and what a server's memory does meanwhile."""

import math
import os
import random
import time
from dataclasses import dataclass, field

from harness.client import Client, encode
from harness.footprint import resident_bytes
from harness.servers import RunningServer

KEY_SIZE = 16
PIPELINE_BYTES = 128 << 10
PIPELINE_MOST = 256
SAMPLE_SECONDS = 0.25
# Keys whose sizes stand for all where a server does not say how many payload bytes it holds.
SAMPLED_KEYS = 4000
MIXED_LEAST, MIXED_MOST = 50, 20_000
SOURCE = os.urandom(64 << 10)


@dataclass(frozen=True)
class Phase:
    name: str
    sizes: tuple[int, int]  # drawn evenly on a logarithmic scale

    def draw(self, generator: random.Random) -> int:
        least, most = self.sizes
        return least if least == most else int(math.exp(generator.uniform(math.log(least), math.log(most))))


PHASES = (
    Phase("100 B", (100, 100)),
    Phase("1,000 B", (1000, 1000)),
    Phase("10 KB", (10_000, 10_000)),
    Phase(f"mixed {MIXED_LEAST} B..{MIXED_MOST // 1000} KB", (MIXED_LEAST, MIXED_MOST)),
    Phase("100 B again", (100, 100)),
)


@dataclass
class PhaseResult:
    phase: Phase
    most_resident: int  # bytes
    payload: int  # keys and values at the end
    sets: int
    refused: int
    seconds: float


@dataclass
class Churn:
    phases: list[PhaseResult] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # s since the start
    resident: list[int] = field(default_factory=list)
    started: list[float] = field(default_factory=list)  # of each phase
    before: int = 0  # resident before the first key


def payload_bytes(client: Client, generator: random.Random) -> int:
    """As the server counts it, or else estimated: keys times the mean size of some taken at random."""
    counted = client.info(b"memory").get("used_memory_payload")
    if counted is not None:
        return int(counted)
    keys = client.pipeline([encode(b"RANDOMKEY")] * SAMPLED_KEYS)
    keys = [key for key in keys if key]
    if not keys:
        return 0
    lengths = client.pipeline([encode(b"STRLEN", key) for key in keys])
    mean = sum(len(key) + length for key, length in zip(keys, lengths)) / len(keys)
    return int(mean * client.ask(b"DBSIZE"))


def requests(phase: Phase, first: int, generator: random.Random) -> list[bytes]:
    batch, size = [], 0
    while size < PIPELINE_BYTES and len(batch) < PIPELINE_MOST:
        length = phase.draw(generator)
        offset = generator.randrange(len(SOURCE) - length)
        batch.append(encode(b"SET", b"%016x" % (first + len(batch)), SOURCE[offset:offset + length]))
        size += length
    return batch


def run_churn(server: RunningServer, seconds: float, seed: int = 1) -> Churn:
    """New keys only, as fast as they are taken, for `seconds` a phase."""
    churn, generator, key = Churn(before=resident_bytes(server.pid)), random.Random(seed), 0
    start = time.monotonic()
    with Client(server) as client:
        for phase in PHASES:
            begun = time.monotonic()
            result = PhaseResult(phase, 0, 0, 0, 0, seconds)
            churn.started.append(begun - start)
            sampled = 0.0
            while (now := time.monotonic()) < begun + seconds:
                batch = requests(phase, key, generator)
                key += len(batch)
                result.refused += sum(reply != b"OK" for reply in client.pipeline(batch))
                result.sets += len(batch)
                if now - sampled >= SAMPLE_SECONDS:
                    sampled = now
                    churn.times.append(now - start)
                    churn.resident.append(resident_bytes(server.pid))
                    result.most_resident = max(result.most_resident, churn.resident[-1])
            result.payload = payload_bytes(client, generator)
            churn.phases.append(result)
    return churn
