"""This file owns latencies over several slices: bench-load's histograms merged by HdrHistogram, and their percentiles."""

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


class Latencies:
    """Of all batches that the results of bench-load tell of."""

    def __init__(self, results: Iterable[dict] = ()):
        self._histogram = empty_histogram()
        self._most_us = 0.0
        for result in results:
            self.add(result)

    def add(self, result: dict) -> None:
        for value, count in result["histogram"]:
            self._histogram.record_value(min(value, MOST), count)
        self._most_us = max(self._most_us, result["max_us"])

    @property
    def count(self) -> int:
        """Batches."""
        return self._histogram.get_total_count()

    def percentile_us(self, percent: float) -> float:
        """The latency that so many of a hundred do not exceed; 0 when there are none."""
        # A bucket's top may lie above what was really the longest, which bench-load tells apart.
        return min(self._histogram.get_value_at_percentile(percent) / 1000, self._most_us)

    @property
    def most_us(self) -> float:
        return self._most_us

    def summary(self) -> dict[str, float]:
        """By the names that bench-load gives them."""
        return {name: self.percentile_us(percent) for name, percent in PERCENTILES.items()} | {"max_us": self._most_us}
