"""redis-benchmark's default tests that apply, unmodified: every request must be answered."""

import csv
import io
import subprocess
import unittest

from daemon import Redistill
from resp import Connection

TESTS = ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"]


class RedisBenchmark(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(Redistill("--workers", "2"))

    def check(self, *options, requests=20_000):
        result = subprocess.run(
            ["redis-benchmark", "-h", "127.0.0.1", "-p", str(self.daemon.port), "-t", "ping,set,get,incr,mset",
             "-n", str(requests), "--csv", *options], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")  # no warning about CONFIG, no error reply
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([row["test"] for row in rows], TESTS)
        for row in rows:
            self.assertGreater(float(row["rps"]), 0, row)

    def test_one_request_at_a_time(self):
        self.check()

    def test_pipelines_of_16(self):
        self.check("-P", "16", requests=100_000)

    def test_two_threads(self):
        self.check("--threads", "2")

    def test_random_keys_with_large_values(self):
        self.check("-P", "16", "-r", "10000", "-d", "2000")

    def test_resp3(self):
        self.check("-3")

    def test_every_increment_counts(self):
        with Connection(self.daemon) as connection:
            connection.ask("FLUSHALL")
        self.check("-P", "16", "-c", "20", requests=10_000)
        with Connection(self.daemon) as connection:
            self.assertEqual(connection.ask("GET", "counter:__rand_int__"), b"$5\r\n10000\r\n")


if __name__ == "__main__":
    unittest.main()
