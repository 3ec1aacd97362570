"""This file owns what is said of figures in words. Where the spread is wider than a difference, none is claimed."""

from collections.abc import Callable

from harness.report.document import (
    OURS, Spread, contender, most_stolen, named, operations, others, share_of, whose,
)

# A server whose core was busy for less than this waited for the load.
BUSY = 0.9
# Shares of hits further apart than this are not the same work.
SAME_HITS = 0.01
# Per cent of GETs by which hit ratios that were measured once may differ by chance.
SAME_POINTS = 0.2
NO_DIFFERENCE = "no difference shown"


def ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def quarters(value: Spread) -> str:
    return f"quarters {ratio(value.low)} to {ratio(value.high)}" if value.known else "too few slices for quarters"


def count(value: float) -> str:
    """For sentences and charts: three digits."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= 0.9995 * size:
            scaled = value / size
            return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f}{unit}"
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def size(value: float) -> str:
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:g} B"


def milliseconds(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def percent(value: float, digits: int = 0) -> str:
    return f"{value * 100:.{digits}f} %"


def cpu_verdict(part: dict, other: str) -> str:
    """Of one workload: our CPU time per operation beside another server's."""
    share = share_of(part, OURS, other)
    if share is None:
        return f"{whose(other)} CPU time was not measured beside {whose(OURS)}."
    if share.includes(1):
        return (f"CPU time beside {whose(other)}: {NO_DIFFERENCE} "
                f"({ratio(share.middle)} of it, {quarters(share)}).")
    more = "" if share.middle < 1 else f", more than {named(other)}"
    return f"{named(OURS)} uses {ratio(share.middle)} of {whose(other)} CPU time ({quarters(share)}){more}."


def throughput_verdict(part: dict, other: str) -> str:
    """Of one workload: our operations per second beside another server's."""
    ours, theirs = contender(part, OURS), contender(part, other)
    own, base = ours and operations(ours), theirs and operations(theirs)
    if not own or not base:
        return f"{whose(other)} throughput was not measured beside {whose(OURS)}."
    figures = f"{count(own.middle)} to {count(base.middle)} ops/s"
    slower = ours if own.middle < base.middle else theirs
    if own.overlaps(base):
        return f"Throughput beside {whose(other)}: {NO_DIFFERENCE} ({figures})."
    if idle(slower):
        # It could have answered more, had more been sent.
        return (f"Throughput beside {whose(other)}: {NO_DIFFERENCE} ({figures}, but {whose(slower['name'])} core was "
                f"busy for {percent(slower['busy'])} of the time only: it was not the limit).")
    times = own.middle / base.middle
    if times > 1:
        return f"{named(OURS)} answers {ratio(times)} times {whose(other)} operations per second ({figures})."
    return (f"{named(OURS)} answers {ratio(times)} of {whose(other)} operations per second ({figures}), "
            f"fewer than {named(other)}.")


def idle(one: dict) -> bool:
    return one.get("busy") is not None and one["busy"] < BUSY


def caveats(part: dict) -> list[str]:
    """What spoils a comparison of this workload, if anything."""
    said = []
    waiting = [f"{named(one['name'])} {percent(one['busy'])}" for one in part["contenders"] if idle(one)]
    if waiting:
        said.append(f"Servers whose core was not busy waited for the load, or for others on the machine "
                    f"({', '.join(waiting)}): they can do more than these ops/s.")
    ours = contender(part, OURS)
    for one in others(part):
        if ours and None not in (ours.get("hits"), one.get("hits")) and abs(ours["hits"] - one["hits"]) > SAME_HITS:
            said.append(f"Not the same work: {percent(ours['hits'], 1)} of {whose(OURS)} GETs hit, "
                        f"{percent(one['hits'], 1)} of {whose(one['name'])}.")
    return said


def verdicts(part: dict, verdict: Callable[[dict, str], str]) -> list[str]:
    return [verdict(part, one["name"]) for one in others(part)]


def latency_verdicts(part: dict) -> list[str]:
    """Stated, not judged: each point was measured once."""
    said = []
    for share, words in ((0.5, "half"), (0.9, "nine tenths")):
        found = [(one["name"], point) for one in part["contenders"] for point in one["points"]
                 if abs(point["share"] - share) < 0.001]
        if found:
            each = "; ".join(f"{named(name)} {point['p99_us']:,.0f} us at {count(point['offered_ops_per_s'])} ops/s"
                             for name, point in found)
            said.append(f"p99 at {words} of each server's own maximum: {each}.")
    behind = [f"{named(one['name'])} at {count(point['offered_ops_per_s'])} ops/s"
              for one in part["contenders"] for point in one["points"]
              if point["achieved_ops_per_s"] < 0.98 * point["offered_ops_per_s"]]
    if behind:
        said.append(f"Could not keep up: {', '.join(behind)}.")
    return said


def beside(part: dict, figure: str, shown: Callable[[float], str], more: str, near: float) -> list[str]:
    """
    Every server's figure, where less is better and the spread isn't known; those that beat ours by name, unless ours
    is within the share `near` of theirs.
    """
    found = {one["name"]: one[figure] for one in part["contenders"] if one.get(figure) is not None}
    if not found:
        return []
    said = [", ".join(f"{named(name)} {shown(value)}" for name, value in found.items()) + "."]
    better = [named(name) for name, value in found.items() if OURS in found and value * (1 + near) < found[OURS]]
    if better:
        said.append(f"{named(OURS)} {more} than {' and '.join(better)}.")
    return said


def hits_verdicts(part: dict) -> list[str]:
    ours = contender(part, OURS)
    if ours is None or ours.get("hit_ratio") is None:
        return []
    compared = []
    for one in others(part):
        if one.get("hit_ratio") is not None:
            points = (ours["hit_ratio"] - one["hit_ratio"]) * 100
            more = "about as many as" if abs(points) < SAME_POINTS else \
                f"{abs(points):.1f} points {'more' if points > 0 else 'fewer'} than"
            compared.append(f"{more} {named(one['name'])} ({percent(one['hit_ratio'], 1)})")
    return [f"{named(OURS)} {percent(ours['hit_ratio'], 1)}{': ' if compared else ''}{', '.join(compared)}."]


def machine_line(document: dict) -> str:
    """The machine, with what makes its figures doubtful."""
    machine = document["machine"]
    virtual = machine.get("virtual")
    kind = {None: "virtual or not is not known", "none": "not virtual", "unknown": "a virtual machine"}.get(
        virtual, f"a virtual machine ({virtual})")
    memory = f", {size(machine['memory_bytes'])} of memory" if machine.get("memory_bytes") else ""
    stolen = most_stolen(document)
    taken = "how much time its host took away is not known" if stolen is None \
        else f"its host took away up to {percent(stolen, 1)} of its processors' time in a slice"
    changed = " with uncommitted changes" if machine.get("uncommitted_changes") else ""
    load = machine.get("load_average")
    congestion = f" with TCP {machine['tcp_congestion_control']}" if machine.get("tcp_congestion_control") else ""
    return (f"{machine.get('processor', 'unknown processor')}, {machine.get('cores', '?')} cores{memory}, {kind}, "
            f"Linux {machine.get('kernel', '?')}{congestion}; {taken}"
            + (f"; load average {load:.2f} at the start" if load is not None else "")
            + f"; commit {machine.get('commit', 'unknown')}{changed}, {machine.get('date', 'no date')}.")
