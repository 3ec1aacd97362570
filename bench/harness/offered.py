"""
This file owns latency over offered load: requests arrive on a schedule at a share of what the server can do at most, and
latency counts from the intended time, so that a stall shows in full (no coordinated omission).
"""

from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from statistics import median

from harness.latency import Latency
from harness.load import measure, preload
from harness.plan import Scale, Step
from harness.report.document import REFERENCE
from harness.rounds import Arrangement, serving
from harness.servers import RunningServer, ServerKind
from harness.workloads import Workload

SHARES = (0.25, 0.5, 0.75, 0.9)
SAME_SHARE = 0.75
MAXIMUM_SLICES, MAXIMUM_SECONDS = 3, 0.7


def maximum(servers: list[RunningServer], workload: Workload, arrangement: Arrangement) -> list[float]:
    """Operations a second of each, as fast as they go; in turn."""
    rates = [[] for _ in servers]
    for _ in range(MAXIMUM_SLICES):
        for rate, server in zip(rates, servers):
            rate.append(measure(server, workload, MAXIMUM_SECONDS, arrangement.warmup, arrangement.load_cores,
                                arrangement.load_threads)["ops_per_s"])
    return [median(rate) for rate in rates]


def at_rates(servers: list[RunningServer], workload: Workload, rates: list[float], arrangement: Arrangement,
             seconds: float) -> list[list[dict]]:
    """bench-load's results of each server at its rate; in turn, in so many slices as there are rounds."""
    slices: list[list[dict]] = [[] for _ in servers]
    for _ in range(arrangement.rounds):
        for own, server, rate in zip(slices, servers, rates):
            own.append(measure(server, workload, seconds, arrangement.warmup, arrangement.load_cores,
                               arrangement.load_threads, rate=rate))
    return slices


def outcome(slices: list[dict]) -> dict:
    achieved = sum(slice["operations"] for slice in slices) / sum(slice["seconds"] for slice in slices)
    return {"achieved_ops_per_s": achieved, **Latency.of(slices).percentiles()}


@contextmanager
def loaded(workload: Workload, kinds: list[ServerKind], arrangement: Arrangement, workers: int):
    """Fresh servers with their keys, and what each can do at most."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(workload, kind, workers, arrangement)) for kind in kinds]
        for server in servers:
            preload(server, workload, arrangement.load_cores)
        yield servers, maximum(servers, workload, arrangement)


def sweep(workload: Workload, kinds: list[ServerKind], arrangement: Arrangement, seconds: float, workers: int) -> dict:
    """Each server at shares of its own maximum."""
    points: list[list[dict]] = [[] for _ in kinds]
    with loaded(workload, kinds, arrangement, workers) as (servers, most):
        for share in SHARES:
            rates = [share * rate for rate in most]
            for own, rate, slices in zip(points, rates, at_rates(servers, workload, rates, arrangement, seconds)):
                own.append({"share": share, "offered_ops_per_s": rate, **outcome(slices)})
    return {
        "workload": asdict(workload),
        "contenders": [{"name": kind.name, "maximum_ops_per_s": rate, "points": own}
                       for kind, rate, own in zip(kinds, most, points)],
    }


def same_rate(workload: Workload, kinds: list[ServerKind], arrangement: Arrangement, seconds: float, workers: int) -> dict:
    """All of them at one rate: a share of what Redis can do, or without it the slowest."""
    with loaded(workload, kinds, arrangement, workers) as (servers, most):
        by_name = {kind.name: rate for kind, rate in zip(kinds, most)}
        rate_of = REFERENCE if REFERENCE in by_name else min(by_name, key=by_name.get)
        rate = SAME_SHARE * by_name[rate_of]
        slices = at_rates(servers, workload, [rate] * len(servers), arrangement, seconds)
    return {
        "workload": asdict(workload), "rate_of": rate_of, "share": SAME_SHARE, "offered_ops_per_s": rate,
        "contenders": [{"name": kind.name, **outcome(own)} for kind, own in zip(kinds, slices)],
    }


MAXIMUM_GUESS = 3 + MAXIMUM_SLICES * (MAXIMUM_SECONDS + 0.3)  # seconds, with start and keys


# By section: what is told of a step, how it is measured, and at how many rates.
MEASURED = {"latency": ("latency over offered load", sweep, len(SHARES)), "same_rate": ("latency at one rate", same_rate, 1)}


def steps(section: str, workloads: list[Workload], kinds: list[ServerKind], arrangement: Arrangement, scale: Scale,
          workers: int) -> list[Step]:
    label, measured, rates = MEASURED[section]
    made = []
    for workload in workloads:
        able = [kind for kind in kinds if workload.suits(kind)]
        seconds = len(able) * (MAXIMUM_GUESS + rates * arrangement.rounds * (scale.offered_seconds + 0.4))
        made.append(Step(section, f"{label}, {workload.name}", seconds,
                         lambda tell, workload=workload, able=able:
                         measured(workload, able, arrangement, scale.offered_seconds, workers)))
    return made
