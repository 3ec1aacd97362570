"""This file owns how every chart looks: one palette, servers told apart without colour, labels that keep apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BenchError

INK, PALE, PAPER = "#1b1f24", "#8a9099", "#ffffff"
LABEL_SIZE = 8


@dataclass(frozen=True)
class Look:
    """How one server is drawn, in every chart. Hatch, marker and line suffice where colours don't show."""

    colour: str
    hatch: str
    marker: str
    line: str | tuple


# Colours of one middling brightness, so that they show on white and on black.
LOOKS = {
    "redistill": Look("#2f80d0", "", "o", "-"),
    "redis": Look("#d9534f", "////", "s", "--"),
    "memcached": Look("#2e9e6b", "|||", "^", "-."),
    "valkey": Look("#9b6fc9", "xxx", "D", ":"),
    "floor": Look("#9aa1aa", "", "v", (0, (1, 1))),
}
SPARE = (
    Look("#d08a1d", "\\\\\\\\", "P", (0, (5, 1, 1, 1, 1, 1))),
    Look("#4fa3a5", "--", "X", (0, (3, 1, 1, 1))),
    Look("#b5651d", "+++", "*", (0, (8, 2))),
    Look("#c45c9c", "..", "<", (0, (2, 2))),
)


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Each server's own, and one of the spare ones for those that have none."""
    names = list(names)
    others = [name for name in names if name not in LOOKS]
    spare = {name: SPARE[number % len(SPARE)] for number, name in enumerate(others)}
    return {name: LOOKS.get(name) or spare[name] for name in names}


def pyplot():
    """Only loaded where something is drawn: the tables need nothing beyond Python itself."""
    try:
        import matplotlib
    except ImportError:
        raise BenchError("matplotlib is missing: pip install -r bench/requirements.txt") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot
    pyplot.rcParams.update({
        "font.size": 10, "axes.titlesize": 11, "axes.labelsize": 10, "xtick.labelsize": 9, "ytick.labelsize": 9,
        "legend.fontsize": 9, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": PALE, "xtick.color": INK,
        "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "hatch.linewidth": 0.7,
        "figure.facecolor": PAPER, "axes.facecolor": PAPER, "axes.grid": True, "grid.color": PALE, "grid.alpha": 0.35,
        "grid.linewidth": 0.6, "axes.axisbelow": True,
    })
    return pyplot


@dataclass(frozen=True)
class Panel:
    """One set of axes: series over x, dashed levels with a name each, and named moments."""

    title: str
    series: dict[str, tuple[list[float], list[float]]]
    marks: dict[str, float]


def lines(path: Path, panels: list[Panel], bounds: dict[str, float], x: str, y: str, title: str,
          logarithmic: bool = False) -> None:
    """Panels below each other, of the same scales."""
    plot = pyplot()
    figure, rows = plot.subplots(len(panels), figsize=(9, 1.2 + 3.3 * len(panels)), sharex=True, sharey=True,
                                 squeeze=False, layout="constrained")
    names = dict.fromkeys(name for panel in panels for name in panel.series)
    look, handles, levels = looks(names), {}, {}
    for panel, axes in zip(panels, rows[:, 0]):
        for name, (xs, ys) in panel.series.items():
            handles[name], = axes.plot(xs, ys, color=look[name].colour, linestyle=look[name].line, linewidth=1.3)
        for (name, level), dashes in zip(bounds.items(), ("--", ":", "-.")):
            levels[name] = axes.axhline(level, linestyle=dashes, color=INK, linewidth=1)
        axes.set_ylabel(y)
        if logarithmic:
            axes.set_yscale("log")
    if not logarithmic:
        rows[0, 0].set_ylim(bottom=0)
    rows[-1, 0].set_xlabel(x)
    figure.suptitle(title)
    handles |= levels
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles), frameon=False)
    for panel, axes in zip(panels, rows[:, 0]):
        height = mark(axes, panel.marks)
        axes.set_title(panel.title, pad=6 + height, loc="left", fontsize=10)
    figure.savefig(path, dpi=100)
    plot.close(figure)


def mark(axes, marks: dict[str, float]) -> float:
    """Names moments above the axes, in as many rows as keep names apart. Returns the height of these, in points."""
    axes.figure.canvas.draw()  # so that scales and widths are known
    points = 72 / axes.figure.dpi
    edge = axes.get_window_extent().x1 * points
    # Where the names of each row begin, in points. From the right: an earlier moment's name stands above the later
    # ones that it would touch, and so no moment's line runs through a name.
    begin: list[float] = []
    for name, at in sorted(marks.items(), key=lambda named: -named[1]):
        label = axes.annotate(name, (at, 1), xycoords=("data", "axes fraction"), xytext=(2, 3),
                              textcoords="offset points", fontsize=LABEL_SIZE, annotation_clip=False)
        start = axes.transData.transform((at, 1))[0] * points
        width = label.get_window_extent().width * points + LABEL_SIZE
        left = min(start, edge - width)
        row = next((row for row in range(len(begin)) if left + width <= min(begin[row:])), len(begin))
        begin[row:row + 1] = [left]
        height = 3 + row * (LABEL_SIZE + 3)
        label.set_position((left - start + 2, height))
        axes.plot([at, at], [0, 1], transform=axes.get_xaxis_transform(), color=PALE, linewidth=0.7, zorder=0.5)
        axes.annotate("", (at, 1), xycoords=("data", "axes fraction"), xytext=(0, height), textcoords="offset points",
                      annotation_clip=False, arrowprops={"arrowstyle": "-", "color": PALE, "linewidth": 0.7,
                                                         "shrinkA": 0, "shrinkB": 0})
    return len(begin) * (LABEL_SIZE + 3)
