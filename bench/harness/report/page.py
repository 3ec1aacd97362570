"""This file owns the report as one page of HTML that needs nothing else: charts within it, no scripts."""

import re
from html import escape

from harness.plot import INK, PALE, PAPER
from harness.report.sections import Section, Table, arrangement, commands, repeat, sections, versions
from harness.report.wording import machine_line

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --pale: #747b85; --paper: #ffffff; --line: #d5d9de; --box: #f4f5f7 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --pale: #9aa1aa; --paper: #14171b; --line: #343a42; --box: #1d2126 }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper); color: var(--ink);
       font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.5rem; line-height: 1.2 } h2 { font-size: 1.2rem; margin-top: 2.2rem } h3 { font-size: 1rem }
figure { margin: 1rem 0; max-width: 40rem } figure svg { display: block; width: 100%; height: auto }
.scroll { overflow-x: auto; margin: .5rem 0 1.2rem } table { border-collapse: collapse; font-size: .85rem }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap;
         font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left } th { font-weight: 600 }
pre { overflow-x: auto; padding: .6rem; background: var(--box); font-size: .8rem; line-height: 1.4 }
ul { padding-left: 1.2rem }
summary { cursor: pointer; font-weight: 600 } .doubt { font-weight: 600 } .pale { color: var(--pale) }
"""


def html(document: dict, charts: dict[str, str], doubts: list[str]) -> str:
    """The whole report; `charts` are SVG documents by section."""
    found = sections(document)
    parts = ["<h1>Redistill beside other servers</h1>", paragraph(machine_line(document)),
             *(f'<p class="doubt">{escape(doubt)}</p>' for doubt in doubts)]
    for section in found:
        parts += [f'<h2 id="{section.name}">{escape(section.title)}</h2>', body(section, charts.get(section.name))]
    parts.append("<h2>All figures</h2>")
    parts += [f"<h3>{escape(one.title)}</h3>{table(one)}" for section in found for one in section.tables]
    parts.append("<h2>Versions and commands</h2>")
    parts.append(table(versions(document)))
    if arrangement(document):
        parts.append(paragraph(arrangement(document)))
    typed = "".join(f"<p>{escape(title)}</p><pre>{escape(lines)}</pre>" for title, lines in commands(document))
    parts.append(f"<details><summary>Every command of the servers and the load</summary>{typed}</details>")
    parts.append(f"<h2>To repeat it</h2><pre>{escape(repeat(document))}</pre>")
    return ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>Redistill beside other servers</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
            + "\n".join(parts) + "\n</body>\n</html>\n")


def body(section: Section, chart: str | None) -> str:
    if not section.measured:
        return '<p class="pale">Not measured in this run.</p>'
    lines = [paragraph(section.intro)] if section.intro else []
    if chart:
        lines.append(f"<figure>{inline(chart, section.name, section.title)}</figure>")
    said = [f"<li><b>{escape(what)}:</b> {escape(' '.join(sentences))}</li>" for what, sentences in section.said
            if sentences]
    return "\n".join([*lines, f"<ul>{''.join(said)}</ul>" if said else ""])


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def table(one: Table) -> str:
    header = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in one.header)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in one.rows)
    return f'<div class="scroll"><table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table></div>'


def inline(chart: str, name: str, title: str) -> str:
    """The chart as an element of the page: as wide as that allows, in the page's colours, with names of its own."""
    drawing = chart[chart.index("<svg"):]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'\bid="', f'id="{name}-', drawing)
    drawing = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", drawing)
    for colour, variable in ((INK, "ink"), (PALE, "pale"), (PAPER, "paper")):
        drawing = drawing.replace(colour, f"var(--{variable})")
    return drawing.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)
