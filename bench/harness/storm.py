"""This file owns an eviction storm: nothing but SETs of new keys, into a full cache and beside it into an endless one."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

from harness.client import Client
from harness.errors import BenchError
from harness.footprint import resident_bytes
from harness.load import preload, run_load
from harness.rounds import Slices
from harness.servers import RunningServer, ServerKind, started
from harness.workloads import Workload

SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass
class Stormed(Slices):
    """One server under the storm: with a limit, and so full, or without."""

    kind: ServerKind
    limit: int  # bytes, 0 = none
    server: RunningServer | None = None
    resident: int = 0

    @property
    def name(self) -> str:
        return f"{self.kind.name}, {'full' if self.limit else 'no limit'}"


def evicted(server: RunningServer) -> int:
    with Client(server) as client:
        return int(client.info(b"stats")["evicted_keys"])


def run_slice(one: Stormed, items: Workload) -> None:
    """Every key of the slice once, no server having seen one of them."""
    before = evicted(one.server)
    arguments = ["--operations", str(items.keys), "--warmup", "0", *items.load_arguments()]
    one.slices.append(run_load(one.server, arguments, LOAD_CORE, 0))
    gone = evicted(one.server) - before
    if one.limit and gone < items.keys // 2:
        raise BenchError(f"{one.name}: {gone:,} evicted for {items.keys:,} new keys: it was not full")
    if not one.limit and gone:
        raise BenchError(f"{one.name}: {gone:,} evicted without a limit")


def run_storm(kinds: list[ServerKind], limit: int, policy: str, fill: int, items: Workload, slices: int) -> list[Stormed]:
    """`fill` keys first, which more than fill the limit; then slices of `items.keys` new ones, servers in turn."""
    storms = [Stormed(kind, bound) for kind in kinds for bound in (0, limit)]
    with ExitStack() as stack:
        for one in storms:
            arguments = one.kind.limit_arguments(one.limit, policy) if one.limit else []
            one.server = stack.enter_context(
                started(one.kind, items.value_size, cores=SERVER_CORE, arguments=arguments))
            preload(one.server, replace(items, keys=fill), LOAD_CORE)
        for number in range(slices):
            fresh = replace(items, first_key=fill + number * items.keys)
            shift = number % len(storms)
            for one in storms[shift:] + storms[:shift]:
                run_slice(one, fresh)
        for one in storms:
            one.resident = resident_bytes(one.server.pid)
    return storms
