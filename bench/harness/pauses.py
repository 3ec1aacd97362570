"""This file owns the pauses section: how long a GET waits at most while the server does something large."""

import time

from harness.client import Client
from harness.load import preload
from harness.plan import Step
from harness.prober import Prober
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


def waits(server: RunningServer, work) -> dict:
    with Prober(server) as latencies:
        work()
    return {"name": server.kind.name, "longest_ms": latencies.most(), "p99.9_ms": latencies.share(0.999),
            "asked": len(latencies.milliseconds)}


def measure_pauses(kinds: list[ServerKind], items: Workload, server_cores: str, load_cores: str, workers: int) -> list[dict]:
    """One server after the other: a prober needs the machine to itself."""
    stages = {f"a table grows to {items.keys:,} keys": [], "max_memory is halved": [], "FLUSHALL": []}
    for kind in kinds:
        with started(kind, items.value_size, workers, server_cores) as server, Client(server) as client:
            works = (lambda: preload(server, items, load_cores),
                     lambda: halve(client, EVICTION_PATIENCE_SECONDS, POLL_SECONDS), lambda: flush(client))
            for told, work in zip(stages.values(), works):
                told.append(waits(server, work))
    return [{"what": what, "contenders": contenders} for what, contenders in stages.items()]


def steps(kinds: list[ServerKind], keys: int, server_cores: str, load_cores: str, workers: int) -> list[Step]:
    items = Workload("items", pipeline=16, connections=8, value_size=64, set_share=1, keys=keys)
    able = [kind for kind in kinds if kind.limited and kind.protocol == "resp"]
    return [Step("pauses", "pauses while keys come and go", len(able) * (keys / 300_000 + 4),
                 lambda tell: measure_pauses(able, items, server_cores, load_cores, workers))]
