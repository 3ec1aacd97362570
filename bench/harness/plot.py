"""This file owns plots, as PNG files."""

from pathlib import Path

from harness.errors import BenchError


def pyplot():
    """Only loaded where something is drawn: the tables need nothing beyond Python itself."""
    try:
        import matplotlib
    except ImportError:
        raise BenchError("matplotlib is missing: pip install -r bench/requirements.txt") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot
    return pyplot


def lines(path: Path, series: dict[str, tuple[list[float], list[float]]], bounds: dict[str, float],
          marks: dict[str, float], x: str, y: str, title: str, logarithmic: bool = False) -> None:
    """Series over x; bounds are dashed levels, marks are named moments."""
    plot = pyplot()
    figure, axes = plot.subplots(figsize=(10, 5))
    for name, (xs, ys) in series.items():
        axes.plot(xs, ys, label=name)
    for number, (name, level) in enumerate(bounds.items()):
        axes.axhline(level, linestyle="--", color="black", alpha=0.8 - 0.3 * number, label=name)
    if logarithmic:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    for name, at in marks.items():
        axes.axvline(at, color="grey", linewidth=0.6)
        axes.annotate(name, (at, 0.02), xycoords=("data", "axes fraction"), rotation=90, fontsize=8, color="grey")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title)
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=100, bbox_inches="tight")
    plot.close(figure)
