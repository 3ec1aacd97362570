"""This file owns the report as Markdown, which reads as plain text too."""

from harness.report.sections import Section, Table, arrangement, commands, repeat, sections, versions
from harness.report.wording import machine_line


def markdown(document: dict, charts: set[str], doubts: list[str]) -> str:
    """The whole report; `charts` are those drawn, beside it as NAME.png."""
    parts = ["# Redistill beside other servers\n", machine_line(document) + "\n",
             *(f"**{doubt}**\n" for doubt in doubts)]
    found = sections(document)
    for section in found:
        parts += [f"## {section.title}\n", *body(section, section.name in charts)]
    parts.append("## All figures\n")
    for section in found:
        for one in section.tables:
            parts += [f"### {one.title}\n", table(one) + "\n"]
    parts.append("## Versions and commands\n")
    parts.append(table(versions(document)) + "\n")
    if arrangement(document):
        parts.append(arrangement(document) + "\n")
    parts += [f"{title}\n\n```sh\n{typed}\n```\n" for title, typed in commands(document)]
    parts.append(f"## To repeat it\n\n```sh\n{repeat(document)}\n```\n")
    return "\n".join(parts)


def body(section: Section, drawn: bool) -> list[str]:
    if not section.measured:
        return ["Not measured in this run.\n"]
    lines = [section.intro + "\n"] if section.intro else []
    if drawn:
        lines.append(f"![{section.title}]({section.name}.svg)\n")
    lines += [f"- {escape(what)}: {escape(' '.join(sentences))}" for what, sentences in section.said if sentences]
    return [*lines, ""]


def escape(text: str) -> str:
    for sign in "\\`*_<|":
        text = text.replace(sign, "\\" + sign)
    return text


def table(one: Table) -> str:
    """First column to the left, the others to the right, as wide as their longest cell."""
    rows = [[escape(cell) for cell in row] for row in [one.header, *one.rows]]
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(one.header))]

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return f"| {' | '.join(cells)} |"

    rule = [("-" * width) if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join([line(rows[0]), f"| {' | '.join(rule)} |", *map(line, rows[1:])])
