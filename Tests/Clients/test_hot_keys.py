"""HOTKEYS: which keys take the most time and bytes, as Redis 8.6 tells it; and redis-cli --hotkeys."""

import subprocess
import time
import unittest

import redis

from daemon import Redistill
from resp import Connection, decode, request

OK, NIL = b"+OK\r\n", b"$-1\r\n"


class HotKeysTest(unittest.TestCase):
    workers = 2

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", str(cls.workers)))

    def setUp(self):
        self.client = self.enterContext(Connection(self.server))
        self.ask("STOP")
        self.assertEqual(self.ask("RESET"), OK)
        self.client.ask("FLUSHALL")

    def ask(self, *words):
        return self.client.ask("HOTKEYS", *words)

    def report(self):
        answer = decode(self.ask("GET"))
        self.assertEqual(len(answer), 1)
        return dict(zip(answer[0][::2], answer[0][1::2]))

    def keys(self, report, metric):
        return dict(zip(report[metric][::2], report[metric][1::2]))

    def test_keys_are_told_with_their_bytes_the_largest_first(self):
        self.assertEqual(self.ask("START", "METRICS", 2, "CPU", "NET"), OK)
        for _ in range(10):
            self.client.ask("SET", "hot", "x" * 100)
        self.client.ask("GET", "warm")
        self.client.ask("PING")
        report = self.report()
        self.assertEqual(report["tracking-active"], 1)
        self.assertEqual(report["sample-ratio"], 1)
        self.assertEqual(report["selected-slots"], [[0, 16383]])
        hot = 10 * len(request("SET", "hot", "x" * 100) + OK)
        warm = len(request("GET", "warm") + NIL)
        self.assertEqual(report["by-net-bytes"], ["hot", hot, "warm", warm])
        self.assertEqual(report["total-net-bytes"], hot + warm)
        self.assertEqual(report["net-bytes-all-commands-all-slots"], hot + warm)
        times = self.keys(report, "by-cpu-time-us")
        self.assertEqual(set(times), {"hot", "warm"})
        self.assertGreater(times["hot"], 0)
        self.assertGreater(report["all-commands-all-slots-us"], 0)
        self.assertLess(abs(report["collection-start-time-unix-ms"] / 1000 - time.time()), 60)
        self.assertGreaterEqual(report["total-cpu-time-user-ms"], 0)

    def test_only_what_was_asked_for_is_told(self):
        self.ask("START", "METRICS", 1, "CPU")
        self.client.ask("GET", "key")
        report = self.report()
        self.assertIn("total-cpu-time-sys-ms", report)
        self.assertFalse({"by-net-bytes", "total-net-bytes"} & set(report))
        self.ask("STOP")
        self.assertEqual(self.ask("START", "METRICS", 2, "GPU", "net"), OK)
        report = self.report()
        self.assertFalse({"by-cpu-time-us", "total-cpu-time-user-ms"} & set(report))

    def test_the_keys_of_a_command_share_it(self):
        self.ask("START", "METRICS", 1, "NET")
        self.client.ask("MSET", "a", "1", "b", "2")
        share = len(request("MSET", "a", "1", "b", "2") + OK) // 2
        self.assertEqual(self.keys(self.report(), "by-net-bytes"), {"a": share, "b": share})

    def test_a_transaction_is_told_by_its_commands_and_a_script_as_one(self):
        self.ask("START", "METRICS", 1, "NET")
        for words in (("MULTI",), ("SET", "queued", "1"), ("GET", "queued"), ("EXEC",)):
            self.client.ask(*words)
        self.client.ask("EVAL", "redis.call('SET', 'inner', 1) return redis.call('SET', KEYS[1], 1)", 1, "outer")
        keys = self.keys(self.report(), "by-net-bytes")
        self.assertEqual(set(keys), {"queued", "outer"})
        self.assertEqual(keys["queued"], len(request("SET", "queued", "1") + request("GET", "queued") + OK + b"$1\r\n1\r\n"))

    def test_what_other_connections_do_is_added_up(self):
        self.ask("START", "METRICS", 1, "NET")
        for _ in range(8):
            with Connection(self.server) as other:
                other.ask("GET", "hot")
        self.assertEqual(self.keys(self.report(), "by-net-bytes"), {"hot": 8 * len(request("GET", "hot") + NIL)})

    def test_a_search_ends_by_its_duration(self):
        self.ask("START", "METRICS", 1, "CPU", "DURATION", 1)
        self.client.ask("GET", "before")
        ends = time.monotonic() + 30
        while self.report()["tracking-active"] and time.monotonic() < ends:
            self.client.ask("GET", "before")
        report = self.report()
        self.assertEqual(report["tracking-active"], 0)
        self.assertEqual(report["collection-duration-ms"], 1000)
        self.client.ask("GET", "after")
        self.assertEqual(set(self.keys(self.report(), "by-cpu-time-us")), {"before"})
        self.assertEqual(self.ask("STOP"), NIL)
        self.assertEqual(self.ask("START", "METRICS", 1, "CPU"), OK)
        self.assertEqual(self.report()["by-cpu-time-us"], [])

    def test_results_stay_until_they_are_reset(self):
        self.assertEqual(self.ask("GET"), NIL)
        self.assertEqual(self.ask("STOP"), NIL)
        self.assertEqual(self.ask("START", "METRICS", 1, "NET"), OK)
        self.client.ask("GET", "key")
        progress = b"-ERR hotkey tracking session in progress, stop tracking first\r\n"
        self.assertEqual(self.ask("RESET"), progress)
        self.assertEqual(self.ask("START", "METRICS", 1, "NET"), b"-ERR hotkey tracking session already in progress\r\n")
        self.assertEqual(self.ask("STOP"), OK)
        self.client.ask("GET", "later")
        self.assertEqual(set(self.keys(self.report(), "by-net-bytes")), {"key"})
        self.assertEqual(self.ask("RESET"), OK)
        self.assertEqual(self.ask("GET"), NIL)

    def test_what_is_wrong_is_refused_in_redis_words(self):
        for words, error in (
                ((), "METRICS parameter is required"), (("METRICS",), "METRICS parameter is required"),
                (("METRICS", 0), "METRICS count must be > 0 and <= 2"), (("METRICS", -1), "METRICS count must be > 0 and <= 2"),
                (("METRICS", 3, "CPU", "NET"), "METRICS count must be > 0 and <= 2"),
                (("METRICS", 2, "CPU"), "METRICS count does not match number of metric types provided"),
                (("METRICS", 1, "CPU", "NET"), "syntax error"), (("METRICS", 1, "GPU"), "METRICS no valid metrics passed. Supported: CPU|NET"),
                (("METRICS", 2, "CPU", "CPU"), "METRICS CPU defined more than once!"),
                (("METRICS", 2, "NET", "NET"), "METRICS NET defined more than once!"),
                (("METRICS", 1, "CPU", "COUNT", 0), "COUNT must be between 1 and 64"),
                (("METRICS", 1, "CPU", "COUNT", 65), "COUNT must be between 1 and 64"),
                (("METRICS", 1, "CPU", "DURATION", 0), "DURATION must be between 1 and 1000000"),
                (("METRICS", 1, "CPU", "SAMPLE", 0), "SAMPLE ratio must be positive"),
                (("METRICS", 1, "CPU", "SAMPLE"), "syntax error"),
                (("METRICS", 1, "CPU", "SLOTS", 2, 0, 5), "SLOTS parameter cannot be used in non-cluster mode")):
            self.assertEqual(self.ask("START", *words), f"-ERR {error}\r\n".encode(), words)
        self.assertEqual(self.ask("GET"), NIL)

    def test_hot_keys_are_found_among_many_whatever_the_sample(self):
        """As in Redis's own test: 20 keys of 100 have four fifths of the commands."""
        for sample in (1, 10, 100):
            with self.subTest(sample=sample):
                self.ask("START", "METRICS", 2, "CPU", "NET", "SAMPLE", sample)
                for round in range(200):
                    self.client.pipeline([request("SET", f"hot{(round + i * 7) % 20}" if i % 5 else f"cold{(round * 3 + i) % 80}", i)
                                          for i in range(100)])
                self.ask("STOP")
                report = self.report()
                for metric in ("by-cpu-time-us", "by-net-bytes"):
                    keys = report[metric][::2]
                    self.assertLessEqual(len(keys), 10)
                    self.assertGreater(sum(key.startswith("hot") for key in keys), 5, report)
                self.ask("RESET")

    def test_a_key_that_stands_out_is_first_among_very_many(self):
        self.ask("START", "METRICS", 1, "NET", "COUNT", 3)
        for round in range(100):
            self.client.pipeline([request("GET", "hot" if i % 20 == 0 else f"k{round * 1000 + i}") for i in range(1000)])
        report = self.report()
        self.assertEqual(report["by-net-bytes"][0], "hot")
        # What is not looked at is stood for by what is.
        each = len(request("GET", "k50000") + NIL)
        self.assertAlmostEqual(report["total-net-bytes"], 100_000 * each, delta=40_000 * each)
        self.assertLess(report["by-net-bytes"][1], 10_000 * each)
        self.assertGreater(report["by-net-bytes"][1], 2_000 * each)

    def test_a_long_key_is_cut_and_says_so(self):
        self.ask("START", "METRICS", 1, "NET")
        self.client.ask("GET", "k" * 5000)
        self.assertEqual(self.report()["by-net-bytes"][0], "k" * 1024 + "... (3976 more bytes)")

    def test_redis_py_reads_it(self):
        for protocol in (2, 3):
            client = redis.Redis(port=self.server.port, protocol=protocol, decode_responses=True)
            self.addCleanup(client.close)
            if not hasattr(client, "hotkeys_start"):
                self.skipTest("this redis-py has no HOTKEYS")
            metrics = redis.commands.core.HotkeysMetricsTypes
            self.assertTrue(client.hotkeys_start([metrics.CPU, metrics.NET], count=5, duration=100))
            client.set("key", "value")
            self.assertIn("tracking-active", str(client.hotkeys_get()))
            self.assertTrue(client.hotkeys_stop())
            self.assertTrue(client.hotkeys_reset())


class RedisCliHotKeysTest(unittest.TestCase):
    """redis-cli --hotkeys asks OBJECT FREQ, which there is under a policy by frequency; else it says what is missing."""

    def run_under(self, policy):
        with Redistill("--workers", "1", "--max-memory", "64mb", "--eviction-policy", policy) as server:
            with Connection(server) as client:
                client.ask("SET", "key", "value")
                for _ in range(50):
                    client.ask("GET", "key")
            return subprocess.run(["redis-cli", "-p", str(server.port), "--hotkeys"], capture_output=True, timeout=60)

    def test_it_works_under_policies_by_frequency(self):
        for policy in ("allkeys-lfu", "volatile-lfu"):
            result = self.run_under(policy)
            self.assertEqual(result.returncode, 0, result)
            self.assertIn(b'hot key found with counter', result.stdout)

    def test_it_says_in_one_line_what_is_missing_under_others(self):
        for policy in ("allkeys-lru", "allkeys-s3fifo", "noeviction"):
            result = self.run_under(policy)
            self.assertNotEqual(result.returncode, 0)
            line, = [line for line in (result.stdout + result.stderr).splitlines() if b"Error" in line]
            self.assertIn(b"An LFU maxmemory policy is not selected", line)


if __name__ == "__main__":
    unittest.main()
