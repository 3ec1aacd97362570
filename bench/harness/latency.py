"""This file owns latencies over several slices: bench-load's histograms merged by HdrHistogram, their percentiles."""

from collections.abc import Iterable

from harness.errors import BenchError

# Nanoseconds: from one to an hour, each kept to within a thousandth of itself. bench-load's own buckets are coarser.
LEAST, MOST, DIGITS = 1, 3_600_000_000_000, 3
# As bench-load names them.
PERCENTILES = {"p50_us": 50, "p90_us": 90, "p99_us": 99, "p99.9_us": 99.9, "p99.99_us": 99.99}


def empty_histogram():
    try:
        from hdrh.histogram import HdrHistogram
    except ImportError:
        raise BenchError("hdrhistogram is missing: pip install -r bench/requirements.txt") from None
    return HdrHistogram(LEAST, MOST, DIGITS)


class Latency:
    """Of all batches of some slices together."""

    def __init__(self) -> None:
        self._histogram = empty_histogram()
        self._longest_us = 0.0

    @classmethod
    def of(cls, slices: Iterable[dict]) -> "Latency":
        """Slices are results of bench-load."""
        merged = cls()
        for one in slices:
            merged.add(one)
        return merged

    def add(self, one: dict) -> None:
        for value, count in one["histogram"]:
            self._histogram.record_value(min(value, MOST), count)
        self._longest_us = max(self._longest_us, one["max_us"])

    @property
    def count(self) -> int:
        """Batches."""
        return self._histogram.get_total_count()

    def at(self, percent: float) -> float:
        """Microseconds that so many of a hundred batches do not exceed; 0 when there are none."""
        # A bucket's top may lie above what was really the longest, which bench-load keeps exactly.
        return min(self._histogram.get_value_at_percentile(percent) / 1000, self._longest_us)

    def percentiles(self) -> dict[str, float]:
        """By the names that bench-load gives them, with the longest."""
        return {name: self.at(percent) for name, percent in PERCENTILES.items()} | {"max_us": self._longest_us}
