"""This file owns what one run of bench/compare does: its steps, each with a guess of how long it takes, and two scales."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One entry of a section of the document."""

    section: str
    label: str
    seconds: float  # a guess, for the time left
    run: Callable[[Callable[[str], None]], dict]  # given whom to tell how it goes on


@dataclass(frozen=True)
class Scale:
    """How long everything takes."""

    rounds: int
    slices: int
    seconds: float  # of a round, for each server
    warmup: float
    quick_workloads: bool
    most_keys: int | None  # that a workload begins with, however many it asks for
    drivers: bool
    offered_workloads: tuple[str, ...]  # whose latency is measured over offered load
    same_rate: bool  # latency of every workload where all servers are offered the same
    offered_seconds: float  # at each rate, for each server, in each of the rounds
    counted_workloads: tuple[str, ...]  # whose system calls are counted
    value_sizes: tuple[int, ...]  # whose memory per item is measured
    with_ttl: bool  # and again with a time to live
    items: int
    idle_connections: int
    hit_requests: int  # of the Zipf load that fills a cache; 0 = not measured
    pause_keys: int  # that a table grows to while it is asked; 0 = not measured
    pause_rounds: int


QUICK = Scale(rounds=2, slices=3, seconds=1.2, warmup=0.1, quick_workloads=True, most_keys=200_000, drivers=False,
              offered_workloads=("p16",), same_rate=False, offered_seconds=0.8, counted_workloads=("p1", "p16"),
              value_sizes=(64, 1024), with_ttl=False, items=300_000,
              idle_connections=0, hit_requests=0, pause_keys=1_000_000, pause_rounds=1)
FULL = Scale(rounds=2, slices=5, seconds=2.5, warmup=0.2, quick_workloads=False, most_keys=None, drivers=True,
             offered_workloads=("p1", "p16"), same_rate=True, offered_seconds=3,
             counted_workloads=("p1", "p16", "p64", "c1", "v64k", "reconnect"), value_sizes=(8, 64, 256, 1024, 4096),
             with_ttl=True, items=1_000_000, idle_connections=5000, hit_requests=1_000_000, pause_keys=5_000_000, pause_rounds=3)
