"""This file owns writing a report: its page, its text, its figures, its charts, each as a file of one folder."""

import json
from collections.abc import Sequence
from pathlib import Path

from harness.errors import BenchError
from harness.plot import pyplot
from harness.report.charts import CHARTS, memory, throughput
from harness.report.document import check
from harness.report.page import html
from harness.report.sections import sections
from harness.report.text import markdown

DOTS_PER_INCH = 160
README_WIDTH = 5.0  # inches
DRAWINGS = (".svg",)


def write(document: dict, folder: Path) -> list[Path]:
    """
    The files, the page first. The figures are written before anything is drawn: what took an hour to measure is not
    lost to a missing library.
    """
    check(document, "this document")
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "results.json"
    figures.write_text(json.dumps(document, indent=1) + "\n")
    doubts = ["A quick run: few and short slices, rough figures."] if document.get("quick") else []
    if document["machine"].get("uncommitted_changes"):
        doubts.append("The checkout had uncommitted changes: this run cannot be repeated from the commit alone.")
    drawn: list[Path] = []
    try:
        pyplot()
        for section in sections(document):
            if section.measured and section.has_chart:
                drawn += save(CHARTS[section.name](document), folder / section.name)
    except BenchError as error:
        doubts.append(f"Charts are left out: {error}.")
    charts = {path.stem: path.read_text() for path in drawn if path.suffix == ".svg"}
    page, text = folder / "report.html", folder / "report.md"
    page.write_text(html(document, charts, doubts))
    text.write_text(markdown(document, set(charts), doubts))
    return [page, text, figures, *drawn]


def readme_charts(document: dict, folder: Path) -> list[Path]:
    """Two small drawings, of those that the document has figures for."""
    check(document, "this document")
    folder.mkdir(parents=True, exist_ok=True)
    drawn: list[Path] = []
    if document.get("throughput"):
        drawn += save(throughput(document, README_WIDTH), folder / "throughput", DRAWINGS)
    if document.get("memory"):
        drawn += save(memory(document, README_WIDTH), folder / "memory-per-item", DRAWINGS)
    return drawn


def save(figure, path: Path, suffixes: Sequence[str] = (".svg", ".png")) -> list[Path]:
    """As PATH.svg and PATH.png, the same bytes for the same figures; nothing where there was nothing to draw."""
    if figure is None:
        return []
    plot, written = pyplot(), [path.with_suffix(suffix) for suffix in suffixes]
    with plot.rc_context({"svg.hashsalt": path.name}):
        for file in written:
            figure.savefig(file, **({"metadata": {"Date": None}} if file.suffix == ".svg" else {"dpi": DOTS_PER_INCH}))
    plot.close(figure)
    return written
