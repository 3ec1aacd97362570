"""This file owns what a server costs besides CPU: bytes per item, bytes per idle connection, time to start."""

import time
from pathlib import Path
from statistics import median

from harness.load import idle_connections, preload
from harness.servers import ServerKind, started
from harness.workloads import Workload

TTL_SECONDS = 86_400  # none expires while it is measured
SETTLE_SECONDS = 2.0  # for work that a server finishes in the background, such as a table's growth
STARTS = 5


def resident_bytes(pid: int) -> int:
    """Resident size. From smaps_rollup, because VmRSS is only approximate since Linux 6.2 (per-CPU counters)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"/proc/{pid}/smaps_rollup has no Rss line")


def bytes_per_item(kind: ServerKind, workload: Workload, ttl: int) -> float:
    with started(kind, workload.value_size) as server:
        time.sleep(SETTLE_SECONDS)
        before = resident_bytes(server.pid)
        preload(server, workload, ttl=ttl)
        time.sleep(SETTLE_SECONDS)
        return (resident_bytes(server.pid) - before) / workload.keys


def item_section(kinds: list[ServerKind], value_size: int, ttl: bool, keys: int) -> dict:
    """Of the document of bench/compare."""
    items = Workload("items", pipeline=1, connections=1, value_size=value_size, set_share=1, keys=keys)
    contenders = []
    for kind in kinds:
        each = bytes_per_item(kind, items, TTL_SECONDS if ttl else 0)
        contenders.append({"name": kind.name, "bytes_per_item": each, "overhead_bytes": each - items.key_size - value_size})
    return {"value_size": value_size, "key_size": items.key_size, "ttl": ttl, "keys": keys, "contenders": contenders}


def connection_section(kinds: list[ServerKind], count: int) -> dict:
    return {"count": count, "contenders": [
        {"name": kind.name, "bytes_per_idle_connection": bytes_per_idle_connection(kind, count)} for kind in kinds]}


def bytes_per_idle_connection(kind: ServerKind, connections: int) -> float:
    with started(kind, many_connections=True) as server:
        time.sleep(SETTLE_SECONDS)
        before = resident_bytes(server.pid)
        with idle_connections(server, connections):
            time.sleep(SETTLE_SECONDS)
            return (resident_bytes(server.pid) - before) / connections


def start_milliseconds(kind: ServerKind) -> float:
    """Median of several starts, from just before the fork to the first PONG."""
    seconds = []
    for _ in range(STARTS):
        with started(kind) as server:
            seconds.append(server.ready_seconds)
    return median(seconds) * 1000
