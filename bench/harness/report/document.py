"""This file owns reading results.json: its format, its figures with their spread, the names of servers."""

import json
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BenchError

FORMAT = 1
OURS, REFERENCE = "redistill", "redis"
SECTIONS = ("throughput", "latency", "same_rate", "calls", "memory", "connections", "hits", "pauses")
# What says nothing of the work itself. Two workloads are the same work where all else is.
LABELS = ("name", "title", "ceiling", "quick", "floor")
# Of fewer slices the quarters say nothing, and so neither do differences.
FEWEST_SLICES = 4
NAMES = {"redistill": "Redistill", "redis": "Redis", "valkey": "Valkey", "keydb": "KeyDB", "dragonfly": "Dragonfly",
         "floor": "the floor"}


@dataclass(frozen=True)
class Spread:
    """A figure of many slices: the median, and where the middle half lies. Quarters unknown: both None."""

    middle: float
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        return self.low is not None and self.high is not None

    def includes(self, value: float) -> bool:
        """Also where the spread isn't known, since then it can't be told apart."""
        return not self.known or self.low <= value <= self.high

    def overlaps(self, other: "Spread") -> bool:
        return not self.known or not other.known or (self.low <= other.high and other.low <= self.high)

    def inverse(self) -> "Spread":
        return Spread(1 / self.middle, 1 / self.high, 1 / self.low) if self.known and self.low > 0 \
            else Spread(1 / self.middle)

    def over(self, value: float) -> "Spread":
        return Spread(self.middle / value, self.low / value, self.high / value) if self.known \
            else Spread(self.middle / value)


def read(path: Path) -> dict:
    """A results.json of an earlier run, or one line that says why not."""
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise BenchError(f"{path} is not JSON") from None
    check(document, str(path))
    return document


def check(document: dict, name: str) -> None:
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        said = "says no format" if found is None else f"is of format {found!r}"
        raise BenchError(f"{name} {said}; format {FORMAT} of bench/compare's results.json is wanted")
    for part in document.get("throughput") or []:
        try:
            part["workload"]["name"], part["driver"]
            for one in part["contenders"]:
                one["name"]
        except (KeyError, TypeError):
            lack = "its throughput lacks workload, driver or contenders"
            raise BenchError(f"{name} is of format {FORMAT}, but {lack}") from None


def named(name: str) -> str:
    return NAMES.get(name, name)


def whose(name: str) -> str:
    return f"{named(name)}'s"


def contender(part: dict, name: str) -> dict | None:
    return next((one for one in part["contenders"] if one["name"] == name), None)


def others(part: dict) -> list[dict]:
    return [one for one in part["contenders"] if one["name"] != OURS]


def servers(document: dict) -> list[str]:
    """Every server of the run, in the order in which they come."""
    found: dict[str, None] = {}
    for section in SECTIONS:
        parts = document.get(section) or []
        for part in [parts] if isinstance(parts, dict) else parts:
            found |= dict.fromkeys(one["name"] for one in part.get("contenders", []))
    return list(found)


def workload_title(part: dict) -> str:
    workload = part["workload"]
    title, driver = workload.get("title") or workload["name"], part.get("driver", "bench-load")
    return title if driver == "bench-load" or driver in title else f"{title}, by {driver}"


def work(part: dict, *ignored: str) -> dict:
    """What a workload asks of a server."""
    return {name: value for name, value in part["workload"].items() if name not in (*LABELS, *ignored)}


def spread(one: dict, figure: str, quarters: str) -> Spread | None:
    """The quarters are taken for unknown where too few slices made them."""
    if one.get(figure) is None:
        return None
    low, high = one.get(quarters) or (None, None)
    slices = one.get("slices")
    if low is None or high is None or (slices is not None and len(slices) < FEWEST_SLICES):
        return Spread(one[figure])
    return Spread(one[figure], low, high)


def cpu(one: dict) -> Spread | None:
    return spread(one, "total_ns", "total_ns_quarters")


def operations(one: dict) -> Spread | None:
    return spread(one, "ops_per_s", "ops_quarters")


def share_of(part: dict, name: str, other: str) -> Spread | None:
    """CPU time per operation over another server's. Slice by slice where one of the two is the run's baseline."""
    own, base = contender(part, name), contender(part, other)
    if own is None or base is None:
        return None
    if part.get("baseline") == other and own.get("ratio"):
        return spread(own, "ratio", "ratio_quarters")
    if part.get("baseline") == name and base.get("ratio"):
        return spread(base, "ratio", "ratio_quarters").inverse()
    total, denominator = cpu(own), cpu(base)
    return total.over(denominator.middle) if total and denominator and denominator.middle else None


def most_stolen(document: dict) -> float | None:
    """The largest share of the machine that its host took away in any slice of any server."""
    cores = document["machine"].get("cores") or 1
    found = []
    for part in document.get("throughput") or []:
        for one in part["contenders"]:
            shares = [result["stolen_s"] / result["seconds"] / cores for result in one.get("slices") or []
                      if result.get("stolen_s") is not None and result.get("seconds")]
            if not shares and one.get("stolen") is not None:  # of a driver that tells no slices' of it
                shares = [one["stolen"]]
            found += shares
    return max(found, default=None)
