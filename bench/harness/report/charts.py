"""This file owns the report's charts: one for each section, as figures of matplotlib; none where there's nothing."""

from dataclasses import dataclass

from harness.plot import INK, PALE, Look, looks, pyplot
from harness.report.document import (
    OURS, REFERENCE, Spread, contender, cpu, named, operations, servers, share_of, work, workload_title,
)
from harness.report.wording import count, idle, milliseconds, percent, ratio, size

# Inches. Narrow, so that the letters are still read where a phone shows the whole width.
WIDTH, ROW, EDGES = 5.6, 0.235, 1.05
TITLE_ROWS = 1.3  # above each group
TITLE_SIZE, TITLE_LETTERS = 9.5, 54  # points, and how many letters of that fit
LINE, ASIDE = 0.4, 0.1  # of one workload among many; how far servers on it are apart, so that all are seen
LINE_PANEL = 2.5
BAR = 0.78


@dataclass(frozen=True)
class Row:
    """One server's bar or points. `second` is drawn as a small mark beside the figure itself."""

    server: str
    figure: Spread
    label: str
    second: float | None = None


@dataclass(frozen=True)
class Group:
    title: str
    rows: list[Row]


def depth_family(document: dict) -> list[dict]:
    """The workloads that differ in pipeline depth alone: the largest such set, shallowest first."""
    families: dict[tuple, list[dict]] = {}
    for part in document.get("throughput") or []:
        alike = (part["driver"], *sorted((name, str(value)) for name, value in work(part, "pipeline").items()))
        families.setdefault(alike, []).append(part)
    largest = max(families.values(), key=lambda parts: len({part["workload"]["pipeline"] for part in parts}),
                  default=[])
    depths: dict[int, dict] = {}
    for part in largest:
        depths.setdefault(part["workload"]["pipeline"], part)
    return [depths[depth] for depth in sorted(depths)]


def throughput(document: dict, width: float = WIDTH):
    groups = [Group(depth_title(part), [operations_row(one) for one in part["contenders"] if operations(one)])
              for part in depth_family(document)]
    return bars(document, groups, "How many operations per second, by pipeline depth?",
                "million operations per second\n(line: quarters; +: it waited for the load)", width, scale=1e6)


def depth_title(part: dict) -> str:
    depth = part["workload"]["pipeline"]
    return "one request at a time" if depth == 1 else f"{depth} requests at a time"


def operations_row(one: dict) -> Row:
    figure = operations(one)
    return Row(one["name"], figure, count(figure.middle) + "+" * idle(one))


def cpu_time(document: dict):
    """One line for each workload with every server on it, since there are many; our share of Redis's at the right."""
    parts = [part for part in document.get("throughput") or [] if any(map(cpu, part["contenders"]))]
    if not parts:
        return None
    plot = pyplot()
    figure, axes = plot.subplots(figsize=(WIDTH, EDGES + 0.4 + LINE * len(parts)), layout="constrained")
    axes.set_xscale("log")
    look, handles, values = looks(servers(document)), {}, []
    for y, part in enumerate(parts):
        found = {one["name"]: cpu(one).middle for one in part["contenders"] if cpu(one)}
        values += found.values()
        axes.plot([min(found.values()), max(found.values())], [y, y], color=PALE, linewidth=1, zorder=1)
        for number, (name, value) in enumerate(found.items()):
            handles[name] = point(axes, value, y + (number - (len(found) - 1) / 2) * ASIDE, look[name])
        title = workload_title(part)
        axes.annotate(title, (0, y - 0.44), xycoords=("axes fraction", "data"), xytext=(3, 0), va="center",
                      textcoords="offset points", fontsize=8.5 * min(1, 74 / len(title)))
        axes.annotate(share_text(part), (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0), va="center",
                      textcoords="offset points", fontsize=8.5)
    axes.annotate("of Redis's", (1, -0.75), xycoords=("axes fraction", "data"), xytext=(4, 0), va="bottom",
                  textcoords="offset points", fontsize=8.5)
    axes.set_ylim(len(parts) - 0.4, -0.75)
    axes.set_xlim(min(values) / 1.3, max(values) * 1.3)
    plain_powers(axes.xaxis, powers_shown(values))
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.grid(False, axis="y")
    axes.set_xlabel("ns of the server's CPU time per operation\n(right: Redistill's share of Redis's; "
                    "~ where no difference is shown)")
    headline(figure, "How much CPU time does an operation take?")
    names = [name for name in servers(document) if name in handles]
    figure.legend([handles[name] for name in names], map(named, names), loc="outside lower center",
                  ncols=min(len(names), 4), frameon=False)
    return figure


def share_text(part: dict) -> str:
    share = share_of(part, OURS, REFERENCE)
    return "" if share is None else f"{'~' if share.includes(1) else ''}{ratio(share.middle)}"


def latency(document: dict):
    parts = [part for part in document.get("latency") or [] if part["contenders"]]
    if not parts:
        return None
    plot = pyplot()
    figure, rows = plot.subplots(len(parts), figsize=(WIDTH, EDGES + 0.3 + LINE_PANEL * len(parts)), squeeze=False,
                                 layout="constrained")
    look, handles = looks(servers(document)), {}
    for part, axes in zip(parts, rows[:, 0]):
        for one in part["contenders"]:
            style = look[one["name"]]
            offered = [point["offered_ops_per_s"] / 1e3 for point in one["points"]]
            handles[named(one["name"])], = axes.plot(
                offered, [point["p99_us"] for point in one["points"]], color=style.colour, linestyle=style.line,
                marker=style.marker, markersize=6, linewidth=1.6, markeredgecolor=INK, markeredgewidth=0.6)
            axes.plot(offered, [point["p50_us"] for point in one["points"]], color=style.colour, linestyle=style.line,
                      marker=style.marker, markersize=5, linewidth=0.8, markerfacecolor="none")
        axes.set_yscale("log")
        plain_powers(axes.yaxis)
        axes.set_xlim(left=0)
        axes.set_title(workload_title(part), loc="left", fontsize=10)
        axes.set_ylabel("microseconds")
    rows[-1, 0].set_xlabel("offered, thousand operations per second\n(filled marks: p99; open marks, thin: p50)")
    headline(figure, "How long does an operation wait at a given load?")
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=min(len(handles), 4),
                  frameon=False, handlelength=3.2)
    return figure


def same_rate(document: dict):
    groups = [Group(workload_title(part), [tail_row(one) for one in part["contenders"] if one.get("p99.9_us")])
              for part in document.get("same_rate") or []]
    return points(document, groups, "How long does an operation wait when all are asked the same?",
                  "microseconds (filled: p99.9; open: p50)")


def tail_row(one: dict) -> Row:
    return Row(one["name"], Spread(one["p99.9_us"]), f"{one['p99.9_us']:,.0f} us", one.get("p50_us"))


def memory(document: dict, width: float = WIDTH):
    parts = document.get("memory") or []
    sizes = dict.fromkeys(part["value_size"] for part in parts)
    groups = []
    for value_size in sizes:
        plain, living = ({"contenders": []} | next((part for part in parts if part["value_size"] == value_size
                                                    and bool(part["ttl"]) == ttl), {}) for ttl in (False, True))
        rows = [overhead_row(one, contender(living, one["name"])) for one in plain["contenders"]
                if one.get("overhead_bytes") is not None]
        groups.append(Group(f"values of {value_size:,} B", rows))
    return bars(document, groups, "How many bytes does an item cost beyond its own?",
                "bytes per item beside key and value (diamond: with a TTL)", width)


def overhead_row(plain: dict, living: dict | None) -> Row:
    own, with_ttl = plain["overhead_bytes"], (living or {}).get("overhead_bytes")
    text = f"{own:,.0f}" if with_ttl is None else f"{own:,.0f}, TTL {with_ttl:,.0f}"
    return Row(plain["name"], Spread(own), text, with_ttl)


def hits(document: dict):
    parts = document.get("hits") or []
    # What is the same for all is told once, below.
    loads = {f"{part['load']}, {size(part['limit_bytes'])}" for part in parts}
    groups = [Group(part["policy"] if len(loads) == 1 else hits_title(part),
                    [Row(one["name"], Spread(one["hit_ratio"] * 100), percent(one["hit_ratio"], 1))
                     for one in part["contenders"] if one.get("hit_ratio") is not None])
              for part in parts]
    return bars(document, groups, "How many GETs find their key in a cache that is too small?",
                "\n".join(["per cent of GETs", *(loads if len(loads) == 1 else [])]))


def hits_title(part: dict) -> str:
    return f"{part['load']}: {part['policy']}, {size(part['limit_bytes'])}"


def pauses(document: dict):
    groups = [Group(part["what"], [wait_row(one) for one in part["contenders"] if one.get("longest_ms")])
              for part in document.get("pauses") or []]
    return points(document, groups, "How long does a request wait in the worst moment?",
                  "milliseconds (filled: the longest; open: p99.9)")


def wait_row(one: dict) -> Row:
    return Row(one["name"], Spread(one["longest_ms"]), f"{milliseconds(one['longest_ms'])} ms", one.get("p99.9_ms"))


def headline(figure, title: str) -> None:
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")


def bars(document: dict, groups: list[Group], title: str, x: str, width: float = WIDTH, scale: float = 1):
    groups = [group for group in groups if group.rows]
    if not groups:
        return None
    figure, axes = grouped(groups, title, x, width)
    look = looks(servers(document))
    furthest = lowest = 0.0
    for row, y in placed(groups):
        value, style = row.figure, look[row.server]
        axes.barh(y, value.middle / scale, height=BAR, color=style.colour, hatch=style.hatch, edgecolor=INK,
                  linewidth=0.6)
        end = value.middle
        if value.known:
            axes.plot([value.low / scale, value.high / scale], [y, y], color=INK, linewidth=1.8,
                      solid_capstyle="butt")
            end = max(end, value.high)
        if row.second is not None:
            axes.plot(row.second / scale, y, marker="D", markersize=4.5, color=style.colour, markeredgecolor=INK,
                      markeredgewidth=0.8, linestyle="none")
            end = max(end, row.second)
        label(axes, row.label, max(end, 0) / scale, y, 7 if end == row.second else 4)
        furthest, lowest = max(furthest, end / scale), min(lowest, value.middle / scale)
    longest = max((len(row.label) for row, _ in placed(groups)), default=0)
    # The labels stand right of the bars: 0.075 inches a letter, of the width that names and edges leave.
    room = min(0.6, 0.075 * (longest + 2) / (width - 1.1))
    axes.set_xlim(lowest * 1.05, furthest / (1 - room) or 1)
    return figure


def points(document: dict, groups: list[Group], title: str, x: str):
    """For figures that differ by powers of ten: marks on a logarithmic scale, where bars would have no foot."""
    groups = [group for group in groups if group.rows]
    if not groups:
        return None
    figure, axes = grouped(groups, title, x, WIDTH)
    axes.set_xscale("log")
    look = looks(servers(document))
    values = []
    for row, y in placed(groups):
        style = look[row.server]
        ends = [row.figure.low, row.figure.high] if row.figure.known else []
        if row.second:
            ends += [row.second, row.figure.middle]
            point(axes, row.second, y, style, hollow=True)
        if ends:
            axes.plot([min(ends), max(ends)], [y, y], color=style.colour, linewidth=2, solid_capstyle="butt",
                      zorder=2)
        point(axes, row.figure.middle, y, style)
        label(axes, row.label, max([row.figure.middle, *ends]), y, 7)
        values += [row.figure.middle, *ends]
    values = [value for value in values if value > 0]
    if values:
        decades = max(values) / min(values)
        axes.set_xlim(min(values) / decades ** 0.08 / 1.1, max(values) * decades ** 0.3 * 1.3)
        plain_powers(axes.xaxis, powers_shown(values))
    return figure


def powers_shown(values: list[float]) -> tuple[int, ...]:
    """The digits that a logarithmic scale can number without its numbers touching."""
    return (1,) if max(values) / min(values) > 1000 else (1, 2, 5)


def plain_powers(axis, digits: tuple[int, ...] = (1, 2, 5)) -> None:
    """Numbers as one writes them, at these digits of each power of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
    axis.set_major_locator(LogLocator(subs=digits, numticks=30))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_locator(NullLocator())


def point(axes, x: float, y: float, style: Look, hollow: bool = False):
    return axes.plot(x, y, marker=style.marker, markersize=5 if hollow else 7, linestyle="none",
                     color="none" if hollow else style.colour, markeredgecolor=style.colour if hollow else INK,
                     markeredgewidth=1.2 if hollow else 0.7, zorder=3)[0]


def label(axes, text: str, x: float, y: float, distance: float = 4) -> None:
    axes.annotate(text, (x, y), xytext=(distance, 0), textcoords="offset points", va="center", fontsize=8.5)


def placed(groups: list[Group]) -> list[tuple[Row, float]]:
    """Each row and its height; above each group a line is left for its title."""
    found, y = [], -0.3
    for group in groups:
        y += TITLE_ROWS
        for row in group.rows:
            found.append((row, y))
            y += 1
    return found


def grouped(groups: list[Group], title: str, x: str, width: float):
    plot = pyplot()
    rows = placed(groups)
    height = sum(len(group.rows) + TITLE_ROWS for group in groups)
    figure, axes = plot.subplots(figsize=(width, EDGES + ROW * height), layout="constrained")
    y = 0.0
    for group in groups:
        axes.annotate(group.title, (0, y), xycoords=("axes fraction", "data"), xytext=(3, 0), va="center",
                      textcoords="offset points", fontweight="bold",
                      fontsize=TITLE_SIZE * min(1, TITLE_LETTERS / len(group.title) * width / WIDTH))
        y += TITLE_ROWS + len(group.rows)
    axes.set_yticks([at for _, at in rows], [named(row.server) for row, _ in rows])
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.set_ylim(height - 0.7, -0.7)
    axes.set_xlabel(x)
    headline(figure, title)
    return figure, axes


CHARTS = {"throughput": throughput, "cpu": cpu_time, "latency": latency, "same_rate": same_rate, "memory": memory, "hits": hits,
          "pauses": pauses}
