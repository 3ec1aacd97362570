"""Latencies of several slices merged."""

import importlib.util
import unittest
from unittest import mock

from harness.errors import BenchError
from harness.latency import Latency


def result(*buckets: tuple[int, int], most: float | None = None) -> dict:
    """A slice with buckets of ns and counts."""
    return {"histogram": [list(bucket) for bucket in buckets],
            "max_us": most if most is not None else buckets[-1][0] / 1000}


@unittest.skipUnless(importlib.util.find_spec("hdrh"), "needs hdrhistogram")
class Merged(unittest.TestCase):
    def test_slices_count_together(self):
        latency = Latency.of([result((1000, 90)), result((1000, 9), (5000, 1))])
        self.assertEqual(latency.count, 100)
        self.assertAlmostEqual(latency.at(99), 1, delta=0.002)
        self.assertEqual(latency.at(100), 5)

    def test_tail_is_of_all_slices_not_a_mean_of_tails(self):
        quiet, stalled = result((100_000, 9_999)), result((100_000, 9_989), (40_000_000, 10))
        latency = Latency.of([quiet, stalled])
        self.assertAlmostEqual(latency.at(99.9), 100, delta=0.1)
        self.assertAlmostEqual(latency.at(99.99), 40_000, delta=40)

    def test_longest_is_exact(self):
        summary = Latency.of([result((1023, 5), most=1.017)]).percentiles()
        self.assertEqual(summary["max_us"], 1.017)
        self.assertTrue(all(value <= 1.017 for value in summary.values()))
        self.assertEqual(list(summary), ["p50_us", "p90_us", "p99_us", "p99.9_us", "p99.99_us", "max_us"])

    def test_beyond_an_hour_counts_as_an_hour(self):
        self.assertEqual(Latency.of([result((7_200_000_000_000, 1))]).count, 1)

    def test_nothing_measured(self):
        self.assertEqual(set(Latency().percentiles().values()), {0})


class WithoutTheLibrary(unittest.TestCase):
    def test_is_a_sentence(self):
        with mock.patch.dict("sys.modules", {"hdrh": None, "hdrh.histogram": None}):
            with self.assertRaisesRegex(BenchError, "pip install"):
                Latency()
