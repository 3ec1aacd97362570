"""This file owns comparing a run with an earlier one, whose machine may have been another."""

from dataclasses import dataclass

from harness.report.document import (
    REFERENCE, Spread, check, contender, cpu, named, share_of, work, workload_title,
)
from harness.report.sections import Table
from harness.report.text import table
from harness.report.wording import NO_DIFFERENCE, machine_line, ratio


@dataclass(frozen=True)
class Change:
    """One figure of one server, then and now."""

    before: Spread | None
    now: Spread | None

    def words(self, shown) -> str:
        """Of two whose quarters overlap, neither is called better."""
        if self.before is None or self.now is None:
            return ""
        figures = f"{shown(self.before.middle)} to {shown(self.now.middle)}"
        if self.before.overlaps(self.now):
            return f"{NO_DIFFERENCE} ({figures})"
        share = self.now.middle / self.before.middle - 1
        return f"{share * 100:+.1f} % ({figures})"


def against(document: dict, earlier: dict) -> str:
    """
    CPU time per operation of each workload and server, now and then: relative to the Redis of the same run, which had
    the same machine, and absolute.
    """
    check(document, "this document")
    check(earlier, "the earlier document")
    lines = [f"Now: {machine_line(document)}", "", f"Before: {machine_line(earlier)}", "", *doubts(document, earlier)]
    past = {(part["workload"]["name"], part["driver"]): part for part in earlier.get("throughput") or []}
    rows, notes = [], []
    for part in document.get("throughput") or []:
        before = past.pop((part["workload"]["name"], part["driver"]), None)
        if before is None:
            notes.append(f"{workload_title(part)}: not in the earlier run.")
        elif not same_shape(part, before):
            notes.append(f"{workload_title(part)}: another workload of that name in the earlier run, not compared.")
        else:
            rows += workload_rows(part, before, notes)
    notes += [f"{workload_title(part)}: only in the earlier run." for part in past.values()]
    if rows:
        header = ["workload", "server", "CPU time over Redis's", "CPU ns/op"]
        lines += ["Before to now; less is better.", "", table(Table("", header, rows)), ""]
    else:
        lines += ["No workload was measured in both runs.", ""]
    return "\n".join(lines + [f"- {note}" for note in notes]).rstrip() + "\n"


def doubts(document: dict, earlier: dict) -> list[str]:
    now, before = document["machine"], earlier["machine"]
    said = []
    if any(now.get(name) != before.get(name) for name in ("processor", "cores", "kernel", "virtual")):
        said.append("Another machine than before: the absolute figures can't be compared.")
    if document.get("arrangement") != earlier.get("arrangement"):
        said.append("Cores, rounds or slices were arranged otherwise.")
    versions, old = document.get("versions", {}), earlier.get("versions", {})
    if versions.get(REFERENCE) != old.get(REFERENCE):
        said.append(f"Another version of {named(REFERENCE)}: what is relative to it has another base.")
    return [*said, ""] if said else []


def same_shape(part: dict, before: dict) -> bool:
    """Of what both tell: a later harness may tell more."""
    now, then = work(part), work(before)
    return all(now[name] == then[name] for name in now.keys() & then.keys())


def workload_rows(part: dict, before: dict, notes: list[str]) -> list[list[str]]:
    rows = []
    for one in part["contenders"]:
        old = contender(before, one["name"])
        if old is None:
            notes.append(f"{workload_title(part)}: {named(one['name'])} was not in the earlier run.")
            continue
        relative = "" if one["name"] == REFERENCE else Change(
            share_of(before, one["name"], REFERENCE), share_of(part, one["name"], REFERENCE)).words(ratio)
        absolute = Change(cpu(old), cpu(one)).words(lambda value: f"{value:,.0f}")
        rows.append([workload_title(part), named(one["name"]), relative, absolute])
    return rows
