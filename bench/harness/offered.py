"""
This file owns latency over offered load: requests arrive on a schedule at a share of what the server can do at most, and
latency counts from the intended time, so that a stall shows in full (no coordinated omission).
"""

from contextlib import ExitStack
from dataclasses import asdict
from statistics import median

from harness.latency import Latency
from harness.load import measure, preload
from harness.plan import Scale, Step
from harness.rounds import Arrangement, serving
from harness.servers import RunningServer, ServerKind
from harness.workloads import Workload

SHARES = (0.25, 0.5, 0.75, 0.9)
MAXIMUM_SLICES, MAXIMUM_SECONDS = 3, 0.7


def maximum(servers: list[RunningServer], workload: Workload, arrangement: Arrangement) -> list[float]:
    """Operations a second of each, as fast as they go; in turn."""
    rates = [[] for _ in servers]
    for _ in range(MAXIMUM_SLICES):
        for rate, server in zip(rates, servers):
            rate.append(measure(server, workload, MAXIMUM_SECONDS, arrangement.warmup, arrangement.load_cores,
                                arrangement.load_threads)["ops_per_s"])
    return [median(rate) for rate in rates]


def point(share: float, offered: float, slices: list[dict]) -> dict:
    latency = Latency.of(slices)
    return {
        "share": share, "offered_ops_per_s": offered,
        "achieved_ops_per_s": sum(slice["operations"] for slice in slices) / sum(slice["seconds"] for slice in slices),
        **latency.percentiles(),
    }


def sweep(workload: Workload, kinds: list[ServerKind], arrangement: Arrangement, seconds: float, workers: int) -> dict:
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(workload, kind, workers, arrangement)) for kind in kinds]
        for server in servers:
            preload(server, workload, arrangement.load_cores)
        most = maximum(servers, workload, arrangement)
        points: list[list[dict]] = [[] for _ in servers]
        for share in SHARES:
            slices: list[list[dict]] = [[] for _ in servers]
            for _ in range(arrangement.rounds):
                for number, server in enumerate(servers):
                    slices[number].append(measure(server, workload, seconds, arrangement.warmup, arrangement.load_cores,
                                                  arrangement.load_threads, rate=share * most[number]))
            for number, own in enumerate(slices):
                points[number].append(point(share, share * most[number], own))
    return {
        "workload": asdict(workload),
        "contenders": [{"name": kind.name, "maximum_ops_per_s": rate, "points": own}
                       for kind, rate, own in zip(kinds, most, points)],
    }


def steps(workloads: list[Workload], kinds: list[ServerKind], arrangement: Arrangement, scale: Scale,
          workers: int) -> list[Step]:
    made = []
    for workload in workloads:
        able = [kind for kind in kinds if workload.suits(kind)]
        seconds = len(able) * (3 + MAXIMUM_SLICES * (MAXIMUM_SECONDS + 0.3) +
                               len(SHARES) * arrangement.rounds * (scale.offered_seconds + 0.4))
        made.append(Step("latency", f"latency over offered load, {workload.name}", seconds,
                         lambda tell, workload=workload, able=able: sweep(workload, able, arrangement, scale.offered_seconds, workers)))
    return made
