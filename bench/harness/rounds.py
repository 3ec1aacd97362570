"""This file owns interleaved rounds: contenders measured in turn, in short slices, ratios pair by pair."""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

from harness.load import measure, preload
from harness.servers import RunningServer, ServerKind, started
from harness.workloads import Workload


@dataclass(frozen=True)
class Contender:
    """A server under one arrangement of threads."""

    name: str
    kind: ServerKind
    workers: int = 1


@dataclass(frozen=True)
class Arrangement:
    """What is the same for every contender of a run."""

    server_cores: str
    load_cores: str
    load_threads: int
    rounds: int
    slices: int  # of a round
    seconds: float  # of a round, for each contender: all its slices together
    warmup: float  # before each slice


def quarters(figures: list[float]) -> tuple[float, float]:
    """Where the middle half lies."""
    if len(figures) < 2:
        return figures[0], figures[0]
    low, _, high = quantiles(figures, method="inclusive")
    return low, high


@dataclass
class Slices:
    """What one server showed: bench-load's results of all its slices, in order."""

    slices: list[dict] = field(default_factory=list, kw_only=True)

    def cpu_ns(self) -> list[float]:
        """CPU time per operation, slice by slice."""
        return [result["server_total_s"] * 1e9 / result["operations"] for result in self.slices]

    def total(self, field: str) -> float:
        return sum(result[field] for result in self.slices)

    def median(self, field: str) -> float:
        return median(result[field] for result in self.slices)

    def hits(self) -> float | None:
        """The share of keys read that were there; None where none is read."""
        shares = [result["hits"] for result in self.slices if result.get("hits") is not None]
        return median(shares) if shares else None

    def ratio(self, baseline: "Slices") -> tuple[float, float, float]:
        """CPU time per operation over the baseline's, slice by slice: the median of that, and its quarters."""
        ratios = [own / base for own, base in zip(self.cpu_ns(), baseline.cpu_ns())]
        return median(ratios), *quarters(ratios)


@dataclass
class Measured(Slices):
    """A contender's, of all rounds."""

    contender: Contender
    server_command: str = ""


def serving(workload: Workload, kind: ServerKind, workers: int, arrangement: Arrangement):
    """A fresh server that can run the workload, as `started` has it."""
    return started(kind, workers=workers, cores=arrangement.server_cores, **workload.server_options(kind))


def run_round(workload: Workload, measured: list[Measured], arrangement: Arrangement) -> None:
    """Fresh servers, keys loaded, then slices in turn: so close together that a drifting machine hits all alike."""
    with ExitStack() as stack:
        pairs: list[tuple[Measured, RunningServer]] = []
        for one in measured:
            server = stack.enter_context(serving(workload, one.contender.kind, one.contender.workers, arrangement))
            one.server_command = server.command
            preload(server, workload, arrangement.load_cores)
            pairs.append((one, server))
        for number in range(arrangement.slices):
            # Each slice starts with another contender, so that none always runs on the heels of the same one.
            shift = number % len(pairs)
            for one, server in pairs[shift:] + pairs[:shift]:
                one.slices.append(measure(server, workload, arrangement.seconds / arrangement.slices,
                                          arrangement.warmup, arrangement.load_cores, arrangement.load_threads))


def tell_round(told: str) -> None:
    print(told, file=sys.stderr)


def run_rounds(workload: Workload, contenders: list[Contender], arrangement: Arrangement,
               tell: Callable[[str], None] = tell_round) -> dict:
    """All rounds of one workload, summarised; the first contender is the baseline of the ratios."""
    measured = [Measured(contender) for contender in contenders]
    for number in range(arrangement.rounds):
        run_round(workload, measured, arrangement)
        so_far = ", ".join(f"{one.contender.name} {median(one.cpu_ns()):,.0f}" for one in measured)
        tell(f"{workload.name}, {number + 1} of {arrangement.rounds} rounds, ns/op: {so_far}")
    return {
        "workload": workload,
        "baseline": contenders[0].name,
        "contenders": [summarise(one, measured[0]) for one in measured],
    }


def summarise(one: Measured, baseline: Measured) -> dict:
    total = median(one.cpu_ns())
    # The split is sampled by ticks, too coarse for one slice: the share comes from all of them.
    user = total * one.total("server_user_s") / one.total("server_total_s")
    ratio, low, high = one.ratio(baseline)
    return {
        "name": one.contender.name,
        "total_ns": total,
        "total_ns_quarters": quarters(one.cpu_ns()),
        "ops_quarters": quarters([result["ops_per_s"] for result in one.slices]),
        "hits": one.hits(),
        "user_ns": user,
        "system_ns": total - user,
        "load_ns": (one.total("client_user_s") + one.total("client_system_s")) * 1e9 / one.total("operations"),
        "ops_per_s": one.median("ops_per_s"),
        "p50_us": one.median("p50_us"),
        "p99_us": one.median("p99_us"),
        "p99.9_us": one.median("p99.9_us"),
        "busy": one.total("server_total_s") / one.total("seconds"),
        "stolen": one.total("stolen_s") / one.total("seconds") / os.cpu_count(),
        "ratio": ratio,
        "ratio_quarters": [low, high],
        "server_command": one.server_command,
        "load_command": one.slices[-1]["command"],
        "slices": [{name: value for name, value in result.items() if name != "histogram"} for result in one.slices],
    }
