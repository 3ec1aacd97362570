"""What is said of figures: wins, losses, and where no difference is shown."""

import unittest

from harness.report.document import Spread, share_of
from harness.report.wording import (
    beside, caveats, count, cpu_verdict, hits_verdicts, latency_verdicts, machine_line, ratio, throughput_verdict,
)
from tests.documents import contender, document, part


class CpuVerdict(unittest.TestCase):
    def test_win_is_the_inverse_of_the_other_server_s_ratio(self):
        one = part(contender("redis", 2.5, ratio_quarters=[2.4, 2.7]))
        self.assertEqual(cpu_verdict(one, "redis"),
                         "Redistill uses 0.40 of Redis's CPU time (quarters 0.37 to 0.42).")

    def test_loss_is_said_as_plainly(self):
        one = part(contender("memcached", 0.9, ratio_quarters=[0.88, 0.92]))
        self.assertEqual(cpu_verdict(one, "memcached"), "Redistill uses 1.11 of memcached's CPU time "
                                                        "(quarters 1.09 to 1.14), more than memcached.")

    def test_spread_wider_than_the_difference_names_no_winner(self):
        for middle, quarters in ((1.05, [0.99, 1.1]), (0.97, [0.9, 1.0]), (1.0, [1.0, 1.0])):
            said = cpu_verdict(part(contender("redis", middle, ratio_quarters=quarters)), "redis")
            self.assertIn("no difference shown", said)
            self.assertNotIn("uses", said)

    def test_too_few_slices_have_no_quarters(self):
        said = cpu_verdict(part(contender("redis", 3, slices=[{}] * 2)), "redis")
        self.assertIn("no difference shown", said)
        self.assertIn("too few slices", said)

    def test_nothing_measured_is_said(self):
        said = cpu_verdict(part(contender("redis", ratio=1, total_ns=None) | {"ratio": None}), "redis")
        self.assertEqual(said, "Redis's CPU time was not measured beside Redistill's.")

    def test_another_baseline_is_taken_as_it_is(self):
        one = part(contender("redis", 1)) | {"baseline": "redis"}
        one["contenders"][0] |= {"ratio": 0.5, "ratio_quarters": [0.4, 0.6]}
        self.assertEqual(share_of(one, "redistill", "redis"), Spread(0.5, 0.4, 0.6))


class ThroughputVerdict(unittest.TestCase):
    def test_win(self):
        self.assertEqual(throughput_verdict(part(contender("redis", 2.5)), "redis"),
                         "Redistill answers 2.50 times Redis's operations per second (2.00 M to 800 k ops/s).")

    def test_loss(self):
        said = throughput_verdict(part(contender("memcached", 0.8)), "memcached")
        self.assertEqual(said, "Redistill answers 0.80 of memcached's operations per second "
                               "(2.00 M to 2.50 M ops/s), fewer than memcached.")

    def test_overlapping_quarters_name_no_winner(self):
        said = throughput_verdict(part(contender("valkey", 1.03, 0.05)), "valkey")
        self.assertEqual(said, "Throughput beside Valkey's: no difference shown (2.00 M to 1.94 M ops/s).")

    def test_a_slower_one_that_waited_for_the_load_has_not_lost(self):
        one = part(contender("redis", 2, busy=0.5))
        self.assertIn("no difference shown", throughput_verdict(one, "redis"))
        [said] = caveats(one)
        self.assertIn("Redis 50 %", said)

    def test_a_faster_one_that_waited_for_the_load_has_won(self):
        one = part(contender("redis", 2))
        one["contenders"][0]["busy"] = 0.5
        self.assertIn("answers 2.00 times", throughput_verdict(one, "redis"))

    def test_other_hits_are_other_work(self):
        [said] = caveats(part(contender("memcached", 1, hits=0.8)))
        self.assertEqual(said, "Not the same work: 100.0 % of Redistill's GETs hit, 80.0 % of memcached's.")

    def test_same_work_by_busy_servers_needs_no_caveat(self):
        self.assertEqual(caveats(part(contender("redis", 2, hits=0.999), contender("x", 2, hits=None))), [])


class MeasuredOnce(unittest.TestCase):
    def memory(self, ours: float, theirs: float) -> list[str]:
        one = {"contenders": [{"name": "redistill", "bytes": ours}, {"name": "redis", "bytes": theirs}]}
        return beside(one, "bytes", lambda value: f"{value:g} B", "takes more", 0.02)

    def test_both_are_stated(self):
        self.assertEqual(self.memory(20, 90), ["Redistill 20 B, Redis 90 B."])

    def test_loss_is_named(self):
        self.assertEqual(self.memory(90, 20)[1], "Redistill takes more than Redis.")

    def test_small_differences_are_none(self):
        self.assertEqual(len(self.memory(91, 90)), 1)

    def test_a_server_without_the_figure_is_left_out(self):
        self.assertEqual(beside({"contenders": [{"name": "redis"}]}, "bytes", str, "takes more", 0), [])

    def test_hits_in_points(self):
        one = {"contenders": [{"name": "redistill", "hit_ratio": 0.75}, {"name": "redis", "hit_ratio": 0.73},
                              {"name": "valkey", "hit_ratio": 0.7505}, {"name": "memcached", "hit_ratio": 0.78},
                              {"name": "none", "hit_ratio": None}]}
        self.assertEqual(hits_verdicts(one), [
            "Redistill 75.0 %: 2.0 points more than Redis (73.0 %), about as many as Valkey (75.0 %), "
            "3.0 points fewer than memcached (78.0 %)."])

    def test_latency_tells_who_could_not_keep_up(self):
        point = {"share": 0.9, "offered_ops_per_s": 1000, "achieved_ops_per_s": 900, "p99_us": 1234.5}
        said = latency_verdicts({"contenders": [{"name": "redis", "points": [point]}]})
        self.assertEqual(said, ["p99 at nine tenths of each server's own maximum: Redis 1,234 us at 1.00 k ops/s.",
                                "Could not keep up: Redis at 1.00 k ops/s."])


class Figures(unittest.TestCase):
    def test_three_digits(self):
        for value, text in ((0.5, "0.5"), (12, "12"), (999.6, "1.00 k"), (12_345, "12.3 k"), (999_600, "1.00 M"),
                            (1_234_567, "1.23 M"), (123_456_789, "123 M")):
            self.assertEqual(count(value), text)

    def test_ratios_below_a_tenth_have_a_third_digit(self):
        self.assertEqual((ratio(0.384), ratio(0.0384)), ("0.38", "0.038"))

    def test_the_machine_is_told_with_the_most_that_was_stolen(self):
        one = document(part(contender("redis", slices=[{"stolen_s": 0.1, "seconds": 0.5}])))
        self.assertIn("a virtual machine (kvm)", machine_line(one))
        self.assertIn("its host took away up to 10.0 % of its processors' time in a slice", machine_line(one))

    def test_what_the_machine_does_not_tell_is_not_guessed(self):
        self.assertIn("virtual or not is not known", machine_line({"machine": {}}))
        self.assertIn("not virtual", machine_line({"machine": {"virtual": "none"}}))


if __name__ == "__main__":
    unittest.main()
