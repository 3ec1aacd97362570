"""This file owns the workloads and limits of workloads.json."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import BenchError

PATH = Path(__file__).resolve().parent.parent / "workloads.json"


@dataclass(frozen=True)
class Workload:
    """One row of workloads.json, as bench-load takes it."""

    name: str
    pipeline: int
    connections: int
    value_size: int
    set_share: float
    ceiling: float | None = None  # the most that the daemon's CPU per operation may be, in floors
    keys: int = 1_000_000
    first_key: int = 0  # number of the first of them
    key_size: int = 16
    zipf: float = 0.0  # exponent; 0 is uniform

    def load_arguments(self) -> list[str]:
        arguments = {
            "--pipeline": self.pipeline, "--connections": self.connections, "--value-size": self.value_size,
            "--set-share": self.set_share, "--keys": self.keys, "--key-size": self.key_size,
        }
        if self.first_key:
            arguments["--first-key"] = self.first_key
        if self.zipf:
            arguments["--zipf"] = self.zipf
        return [str(part) for pair in arguments.items() for part in pair]

    def describe(self) -> str:
        keys = f"Zipf {self.zipf}" if self.zipf else "uniform"
        return (f"P={self.pipeline}, {self.connections} connections, {self.value_size} B values, "
                f"{self.set_share:.0%} SET, {self.keys:,} {keys} keys of {self.key_size} B")

    def with_ceiling(self, ceiling: float) -> "Workload":
        return replace(self, ceiling=ceiling)


def load_workloads(names: list[str] | None) -> list[Workload]:
    """All workloads, or those named, in the file's order."""
    workloads = [Workload(**row) for row in json.loads(PATH.read_text())["workloads"]]
    if not names:
        return workloads
    known = {workload.name for workload in workloads}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BenchError(f"no workload {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [workload for workload in workloads if workload.name in names]


def load_limits() -> dict[str, float]:
    return json.loads(PATH.read_text())["limits"]
