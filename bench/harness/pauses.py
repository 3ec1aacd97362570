"""This file owns the pauses section: how long a GET waits at most while the server does something large."""

import time
from collections.abc import Callable
from statistics import median

from harness.client import Client
from harness.load import preload
from harness.plan import Step
from harness.prober import Latencies, Prober
from harness.servers import RunningServer, ServerKind, started
from harness.workloads import Workload

AFTER_FLUSH_SECONDS = 1.0
EVICTION_PATIENCE_SECONDS = 60
POLL_SECONDS = 0.1


def used_memory(client: Client) -> int:
    return int(client.info(b"memory")["used_memory"])


def halve(client: Client, patience: float, poll: float) -> None:
    """Lowers the limit to half of what is used, and waits until that is kept; looks every `poll` seconds."""
    limit, end = used_memory(client) // 2, time.monotonic() + patience
    client.ask(b"CONFIG", b"SET", b"maxmemory-policy", b"allkeys-lru", b"maxmemory", b"%d" % limit)
    while used_memory(client) > limit and time.monotonic() < end:
        time.sleep(poll)
    client.ask(b"CONFIG", b"SET", b"maxmemory", b"0")


def flush(client: Client) -> None:
    client.ask(b"FLUSHALL")
    time.sleep(AFTER_FLUSH_SECONDS)


def latencies_of(server: RunningServer, work: Callable[[], None]) -> Latencies:
    with Prober(server) as latencies:
        work()
    return latencies


def summary(name: str, rounds: list[Latencies]) -> dict:
    """Of several rounds the middle one, since the longest wait of one is a single event."""
    return {"name": name, "longest_ms": median(one.most() for one in rounds), "longest_of_each": [one.most() for one in rounds],
            "p99.9_ms": median(one.share(0.999) for one in rounds), "asked": sum(len(one.milliseconds) for one in rounds)}


def measure_pauses(kinds: list[ServerKind], items: Workload, server_cores: str, load_cores: str, workers: int,
                   rounds: int) -> list[dict]:
    """One server after the other: a prober needs the machine to itself."""
    stages = {f"a table grows to {items.keys:,} keys": {}, "max_memory is halved": {}, "FLUSHALL": {}}
    for kind in kinds * rounds:
        with started(kind, items.value_size, workers, server_cores) as server, Client(server) as client:
            works = (lambda: preload(server, items, load_cores),
                     lambda: halve(client, EVICTION_PATIENCE_SECONDS, POLL_SECONDS), lambda: flush(client))
            for found, work in zip(stages.values(), works):
                found.setdefault(kind.name, []).append(latencies_of(server, work))
    return [{"what": what, "rounds": rounds, "contenders": [summary(*one) for one in found.items()]}
            for what, found in stages.items()]


def steps(kinds: list[ServerKind], keys: int, server_cores: str, load_cores: str, workers: int, rounds: int) -> list[Step]:
    items = Workload("items", pipeline=16, connections=8, value_size=64, set_share=1, keys=keys)
    able = [kind for kind in kinds if kind.limited and kind.protocol == "resp"]
    return [Step("pauses", "pauses while keys come and go", rounds * len(able) * (keys / 300_000 + 4),
                 lambda tell: measure_pauses(able, items, server_cores, load_cores, workers, rounds))]
