"""The soak's own verdict, by samples that are known to be flat or not; and a soak of a few seconds."""

import random
import unittest

import soak


def samples(function):
    made = soak.Samples()
    dice = random.Random(1)
    for second in range(100):
        value = function(second) + dice.uniform(-1, 1)
        made.add(second, resident_MiB=value, descriptors=value, threads=4, p99_ms=value)
    return made


class Verdict(unittest.TestCase):
    def test_noise_is_flat_and_a_slow_rise_is_not(self):
        self.assertLess(abs(samples(lambda second: 50).rise("resident MiB")), 1)
        self.assertGreater(samples(lambda second: 50 + second / 10).rise("resident MiB"), 7)
        self.assertLess(samples(lambda second: 50 - second / 10).rise("resident MiB"), -7)

    def test_what_rises_only_while_it_warms_up_is_flat(self):
        self.assertLess(samples(lambda second: min(50, second * 3)).rise("resident MiB"), 1)

    maxDiff = None

    def test_a_few_seconds_of_everything_end_cleanly(self):
        soak.allow_descriptors()
        measured, wrong = soak.run(8, seed=1)
        # Too short for slopes.
        self.assertEqual([text for text in wrong if "rise" not in text], [])
        self.assertGreater(len(measured.seconds), 3)


if __name__ == "__main__":
    unittest.main()
