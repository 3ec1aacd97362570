"""This file owns what a report says, in order, whatever it is written in: sections of verdicts, a chart, tables."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.report.charts import depth_family, hits_title
from harness.report.document import named, servers, workload_title
from harness.report.wording import (
    beside, caveats, count, cpu_verdict, hits_verdicts, latency_verdicts, milliseconds, percent, ratio, throughput_verdict,
    verdicts,
)


# What was measured once is called worse only beyond this: resident bytes repeat well, the longest wait is one event.
NEAR_BYTES, NEAR_WAITS, NEAR_CALLS = 0.02, 0.5, 0.02
LATENCIES = ("p50_us", "p90_us", "p99_us", "p99.9_us", "p99.99_us", "max_us")


@dataclass(frozen=True)
class Table:
    title: str
    header: list[str]
    rows: list[list[str]]


@dataclass
class Section:
    name: str  # of its chart too
    title: str
    intro: str
    said: list[tuple[str, list[str]]] = field(default_factory=list)  # of what, and the sentences
    tables: list[Table] = field(default_factory=list)
    has_chart: bool = True

    @property
    def measured(self) -> bool:
        return bool(self.said or self.tables)


def sections(document: dict) -> list[Section]:
    makers = (throughput, cpu, latency, same_rate, calls, memory, hits, pauses)
    return [make(document) for make in makers]


def throughput(document: dict) -> Section:
    parts = document.get("throughput") or []
    family = depth_family(document)
    workload = family[0]["workload"] if family else {}
    intro = (f"As fast as one load can send, by pipeline depth: {alike(workload)}, sent by {family[0]['driver']}. "
             "Each figure is the median over slices in which the servers took turns.") if family else ""
    said = [(workload_title(part), verdicts(part, throughput_verdict) + caveats(part)) for part in parts]
    return Section("throughput", "Throughput by pipeline depth", intro, said,
                   [throughput_table(part) for part in parts])


def alike(workload: dict) -> str:
    words = []
    if workload.get("command", "get") != "get":
        words.append(f"{workload['command'].upper()}" + f" of {workload['width']}" * (workload.get("width", 1) > 1))
    if workload.get("connections") is not None:
        words.append(f"{workload['connections']} connections")
    if workload.get("value_size") is not None:
        words.append(f"values of {workload['value_size']:,} B")
    if workload.get("set_share") is not None:
        words.append(f"{percent(workload['set_share'])} SET")
    if workload.get("keys") is not None:
        words.append(f"{workload['keys']:,} keys")
    return ", ".join(words) or workload.get("name", "")


def throughput_table(part: dict) -> Table:
    header = ["server", "GETs that hit", "ops/s", "quarters", "CPU ns/op", "quarters", "user", "system", "p50 us",
              "p99 us", "p99.9 us", "busy", "stolen", f"CPU over {named(part.get('baseline', '?'))}'s", "quarters"]
    rows = []
    for one in part["contenders"]:
        rows.append([
            named(one["name"]), hit_share(one, part["workload"]), cell(one, "ops_per_s", whole),
            span(one, "ops_quarters", whole), cell(one, "total_ns", whole), span(one, "total_ns_quarters", whole),
            cell(one, "user_ns", whole), cell(one, "system_ns", whole), cell(one, "p50_us", whole),
            cell(one, "p99_us", whole), cell(one, "p99.9_us", whole), cell(one, "busy", percent),
            cell(one, "stolen", lambda value: percent(value, 1)), cell(one, "ratio", ratio),
            span(one, "ratio_quarters", ratio),
        ])
    return Table(f"{workload_title(part)} ({alike(part['workload'])})", header, rows)


def hit_share(one: dict, workload: dict) -> str:
    if one.get("hits") is not None:
        return percent(one["hits"], 1)
    reads = workload.get("command", "get") in ("get", "mget", "multi") and workload.get("set_share") != 1
    return "not known" if reads else "no GETs"


def cpu(document: dict) -> Section:
    parts = document.get("throughput") or []
    said = [(workload_title(part), verdicts(part, cpu_verdict)) for part in parts]
    intro = ("The server's own CPU time, by the kernel's clock of its process, over the operations answered. Ratios "
             "are formed slice by slice: the servers take turns so quickly that the machine's drift hits all alike. "
             "\"No difference shown\" is said where the middle half of the ratios includes 1.")
    return Section("cpu", "CPU time per operation", intro, said)


def latency(document: dict) -> Section:
    parts = document.get("latency") or []
    header = ["server", "share of its maximum", "offered ops/s", "achieved", "p50 us", "p90 us", "p99 us", "p99.9 us",
              "p99.99 us", "longest us"]
    tables = []
    for part in parts:
        rows = [[named(one["name"]), percent(point["share"]), whole(point["offered_ops_per_s"]),
                 whole(point["achieved_ops_per_s"]),
                 *(cell(point, name, whole) for name in LATENCIES)]
                for one in part["contenders"] for point in one["points"]]
        tables.append(Table(f"{workload_title(part)}: latency", header, rows))
    intro = ("Requests are sent on a schedule, whatever the server does, and the wait is counted from the intended "
             "time: a stall shows in full (no coordinated omission). How far chance moves a point is not known, so there "
             "are no verdicts.")
    return Section("latency", "Latency over offered load", intro,
                   [(workload_title(part), latency_verdicts(part)) for part in parts], tables)


def same_rate(document: dict) -> Section:
    parts = document.get("same_rate") or []
    header = ["server", "achieved ops/s", *(name.replace("_us", " us").replace("max", "longest") for name in LATENCIES)]
    said, tables = [], []
    for part in parts:
        offered = f"{count(part['offered_ops_per_s'])} ops/s"
        said.append((f"{workload_title(part)}, {offered}, p99.9",
                     beside(part, "p99.9_us", lambda value: f"{value:,.0f} us", "lets wait longer", NEAR_WAITS)))
        rows = [[named(one["name"]), cell(one, "achieved_ops_per_s", whole), *(cell(one, name, whole) for name in LATENCIES)]
                for one in part["contenders"]]
        tables.append(Table(f"{workload_title(part)} at {offered}", header, rows))
    intro = ("Every server is offered the same: " + "; ".join(dict.fromkeys(
        f"{percent(part['share'])} of what {named(part['rate_of'])} can do at most" for part in parts)) +
        ". The wait is counted from the intended time. What was measured once is called worse only far beyond chance.")
    return Section("same_rate", "Latency at one rate", intro, said, tables)


def calls(document: dict) -> Section:
    parts = document.get("calls") or []
    names = servers({"calls": parts})
    said, rows = [], []
    for part in parts:
        said.append((workload_title(part), beside(part, "calls_per_operation", few, "makes more", NEAR_CALLS)))
        found = by_name(part)
        rows.append([workload_title(part), *(cell(found.get(name, {}), "calls_per_operation", few) for name in names)])
    intro = ("How often the server asks its kernel for something, for each operation, counted by perf in a short and in a "
             "long run: the difference of calls over that of operations, so that connecting counts for nothing.")
    return Section("calls", "System calls per operation", intro, said,
                   [Table("System calls per operation", ["workload", *map(named, names)], rows)] if parts else [],
                   has_chart=False)


def memory(document: dict) -> Section:
    parts = document.get("memory") or []
    names = servers({"memory": parts})
    said, rows = [], []
    for part in parts:
        title = f"values of {part['value_size']:,} B{', with a TTL' if part['ttl'] else ''}"
        said.append((title, beside(part, "overhead_bytes", lambda value: f"{value:,.1f} B", "takes more",
                                   NEAR_BYTES)))
        found = by_name(part)
        rows.append([title, f"{part['keys']:,}", *(
            f"{found[name]['bytes_per_item']:,.1f} ({found[name]['overhead_bytes']:,.1f})" if name in found else ""
            for name in names)])
    key_size = parts[0].get("key_size", "?") if parts else "?"
    tables = [Table(f"Resident bytes per item (in brackets: beside value and key of {key_size} B)",
                    ["values", "items", *map(named, names)], rows)] if parts else []
    connections = document.get("connections") or {}
    if connections.get("contenders"):
        said.append((f"{connections['count']:,} idle connections, each",
                     beside(connections, "bytes_per_idle_connection", lambda value: f"{value:,.0f} B", "takes more",
                            NEAR_BYTES)))
        tables.append(Table(f"Resident bytes per idle connection, of {connections['count']:,}", ["server", "bytes"],
                            [[named(one["name"]), cell(one, "bytes_per_idle_connection", whole)]
                             for one in connections["contenders"]]))
    intro = ("What resident memory grew by while items were loaded, for each of them, less its key and value. "
             "Measured once for each size: small differences are none.")
    return Section("memory", "Memory per item by value size", intro, said, tables, has_chart=bool(parts))


def hits(document: dict) -> Section:
    parts = document.get("hits") or []
    names = servers({"hits": parts})
    rows = []
    for part in parts:
        found = by_name(part)
        rows.append([hits_title(part), *(cell(found.get(name, {}), "hit_ratio", lambda value: percent(value, 2))
                                         for name in names)])
    intro = ("Every GET that misses is followed by a SET, under a memory limit that holds a part of the keys. Each "
             "server keeps the limit as it counts memory itself. Measured once: small differences are none.")
    return Section("hits", "Hit ratio under a memory limit", intro,
                   [(hits_title(part), hits_verdicts(part)) for part in parts],
                   [Table("GETs that hit", ["load", *map(named, names)], rows)] if parts else [])


def pauses(document: dict) -> Section:
    parts = document.get("pauses") or []
    names = servers({"pauses": parts})
    rows = []
    for part in parts:
        found = by_name(part)
        for figure, title in (("longest_ms", "longest"), ("p99.9_ms", "p99.9")):
            rows.append([f"{part['what']}, {title}", *(cell(found.get(name, {}), figure, milliseconds)
                                                       for name in names)])
    intro = ("What one more client waits for its GETs meanwhile: of several rounds the middle one's longest. The longest "
             "wait is one event: of two that are near each other, neither is called better.")
    said = [(part["what"], beside(part, "longest_ms", lambda value: f"{milliseconds(value)} ms", "lets wait longer",
                                  NEAR_WAITS)) for part in parts]
    return Section("pauses", "Pauses", intro, said,
                   [Table("Waits in milliseconds", ["while", *map(named, names)], rows)] if parts else [])


def by_name(part: dict) -> dict[str, dict]:
    return {one["name"]: one for one in part["contenders"]}


def few(value: float) -> str:
    return f"{value:,.3f}"


def whole(value: float) -> str:
    return f"{value:,.0f}"


def cell(one: dict, name: str, shown: Callable[[float], str]) -> str:
    return "" if one.get(name) is None else shown(one[name])


def span(one: dict, name: str, shown: Callable[[float], str]) -> str:
    low, high = one.get(name) or (None, None)
    return "" if low is None or high is None else f"{shown(low)} to {shown(high)}"


def commands(document: dict) -> list[tuple[str, str]]:
    """Each measurement, and the commands that made it, as one would type them."""
    found = []
    for part in document.get("throughput") or []:
        for one in part["contenders"]:
            typed = [one[name] for name in ("server_command", "load_command") if one.get(name)]
            if typed:
                found.append((f"{workload_title(part)}: {named(one['name'])}", "\n".join(typed)))
    return found


def versions(document: dict) -> Table:
    rows = [[named(name), version] for name, version in document.get("versions", {}).items()]
    return Table("Versions", ["server", "version"], rows)


def arrangement(document: dict) -> str:
    parts = document.get("arrangement") or {}
    if not parts:
        return ""
    threads = f"{parts['load_threads']} thread{'s' * (parts['load_threads'] != 1)}"
    return (f"Server on core {parts['server_cores']}, load on core {parts['load_cores']} with {threads}; "
            f"{parts['rounds']} rounds with fresh servers, "
            f"{parts['slices']} slices of each, {parts['seconds']:g} s of measuring a round for each server, after "
            f"{parts['warmup']:g} s of warming up a slice. {took(document)}".rstrip())


def took(document: dict) -> str:
    seconds = document.get("seconds")
    return f"The whole run took {seconds // 60:.0f} min {seconds % 60:.0f} s." if seconds else ""


def repeat(document: dict) -> str:
    """What to type for the same run, from the repository's root; bench/compare gets the libraries itself."""
    commit = document["machine"].get("commit", "none")
    return "\n".join([
        *([f"git checkout {commit}"] if commit != "none" else []),
        "make build",
        document.get("command") or "bench/compare",
    ])
