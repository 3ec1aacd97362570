"""This file owns text tables."""


def format_table(header: list[str], rows: list[list[str]]) -> str:
    """First column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), "  ".join("-" * width for width in widths), *map(line, rows)])


def verdict(value: float, limit: float | None) -> str:
    if limit is None:
        return ""
    return f"{'ok' if value <= limit else 'ABOVE'} ({limit:g})"
