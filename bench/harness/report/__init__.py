"""What a run of bench/compare becomes: a page, a text, charts, and a comparison with an earlier run."""

from harness.report.document import read
from harness.report.earlier import against
from harness.report.writing import readme_charts, write

__all__ = ["against", "read", "readme_charts", "write"]
