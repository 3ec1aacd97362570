"""INFO and MEMORY STATS beside Redis's: the same names, and figures that move when what they tell of does."""

import tempfile
import time
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, request

# Redis's, and not ours: what is looked at of expired keys says nothing of those that are left.
LEFT_OUT = {"expired_stale_perc"}
GONE_SINCE_7_0 = {"overhead.hashtable.slot-to-keys"}


def info(client, section="everything"):
    text = client.ask("INFO", section).decode()
    return dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line and not line.startswith("="))


def numbers(client):
    reply = client.ask("MEMORY", "STATS").split(b"\r\n")
    return {reply[i].decode(): float(reply[i + 1].lstrip(b":") if reply[i + 1][:1] == b":" else reply[i + 2])
            for i in range(2, len(reply) - 1) if reply[i - 1][:1] == b"$" and reply[i][:1].isalpha() and reply[i + 1][:1] in b":$"}


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@unittest.skipUnless(DebianRedis.version(), "redis-server is not installed")
class NamesTest(unittest.TestCase):
    def test_what_redis_tells_is_told(self):
        with DebianRedis() as redis, Redistill() as ours:
            with Connection(redis) as theirs, Connection(ours) as client:
                for each in (theirs, client):
                    each.ask("SET", "k", "v", "EX", "100")
                    each.ask("NOPE")
                self.assertEqual(set(info(theirs)) - set(info(client)), LEFT_OUT)
                self.assertEqual(set(numbers(theirs)) - set(numbers(client)), GONE_SINCE_7_0)


class SharesTest(unittest.TestCase):
    """Databases with a share of max_memory: in INFO and /metrics, and only those."""

    CONFIGURATION = """
[memory]
max_memory = "32mb"

[[databases]]
number = 1
max_memory_share = "20%"
"""

    def test_what_a_database_with_a_share_holds_is_told(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(self.CONFIGURATION)
            file.flush()
            with Redistill("--config", file.name) as server, Connection(server) as client:
                self.assertEqual(client.ask("CONFIG", "GET", "database_shares")[-19:-2].split(b"\r\n")[-1], b"1:20%")
                client.ask("SET", "elsewhere", "v" * 1000)
                client.ask("SELECT", "1")
                for number in range(12_000):
                    client.ask("SET", f"key:{number}", "v" * 1000)
                told = dict(pair.split("=") for pair in info(client, "memory")["mem_db1"].split(","))
                held, share, evicted = int(told["held"]), int(told["share"]), int(told["evicted"])
                self.assertLessEqual(held, share)
                self.assertLess(share, 32 * 2**20 * 0.2 + 1)
                self.assertEqual(12_000 - evicted, int(info(client)["db1"].split(",")[0].removeprefix("keys=")))
                self.assertIn("keys=1,", info(client)["db0"])
                self.assertNotIn("mem_db0", info(client))


class FiguresTest(unittest.TestCase):
    def setUp(self):
        self.server = Redistill("--workers", "2").__enter__()
        self.client = Connection(self.server)
        self.addCleanup(self.server.__exit__)
        self.addCleanup(self.client.__exit__)

    def number(self, name):
        return float(info(self.client)[name].rstrip("%"))

    def test_memory_of_the_start_is_part_of_what_is_used(self):
        for _ in range(2):
            memory = info(self.client, "memory")
            used, startup = int(memory["used_memory"]), int(memory["used_memory_startup"])
            self.assertLess(0, startup)
            self.assertLessEqual(startup, used)
            self.assertLessEqual(int(memory["mem_not_counted_for_evict"]), used)
            self.assertLessEqual(int(memory["allocator_allocated"]), int(memory["allocator_active"]))
            self.assertLessEqual(float(memory["used_memory_dataset_perc"].rstrip("%")), 100)
            stats = numbers(self.client)
            self.assertLess(0, stats["startup.allocated"])
            self.assertAlmostEqual(stats["startup.allocated"], startup, delta=startup / 10)
            self.assertLessEqual(stats["allocator.allocated"], stats["allocator.active"])
            for i in range(2000):
                self.client.ask("SET", i, "x" * 1000)
        self.assertGreater(used, startup + 2_000_000)

    def test_holes_show_as_fragmentation(self):
        for i in range(20_000):
            self.client.socket.sendall(request("SET", i, "x" * 200))
        for _ in range(20_000):
            self.client.read()
        full = self.number("allocator_frag_bytes")
        self.client.socket.sendall(b"".join(request("DEL", i) for i in range(20_000) if i % 4))
        for _ in range(15_000):
            self.client.read()
        self.assertGreater(self.number("allocator_frag_bytes"), full + 1_000_000)

    def test_prefixes_are_counted_while_they_are_tracked(self):
        with Connection(self.server) as tracker:
            tracker.ask("HELLO", 3)
            tracker.ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a", "PREFIX", "b")
            self.assertEqual(self.number("tracking_total_prefixes"), 2)
            tracker.ask("CLIENT", "TRACKING", "OFF")
        self.assertEqual(self.number("tracking_total_prefixes"), 0)

    def test_the_loops_are_counted(self):
        before = info(self.client)
        for _ in range(500):
            self.client.ask("PING")
        after = info(self.client)
        self.assertGreaterEqual(int(after["eventloop_cycles"]) - int(before["eventloop_cycles"]), 500)
        self.assertGreater(int(after["eventloop_duration_sum"]), int(before["eventloop_duration_sum"]))
        self.assertGreater(int(after["eventloop_duration_cmd_sum"]), int(before["eventloop_duration_cmd_sum"]))
        until(lambda: self.number("instantaneous_eventloop_cycles_per_sec") > 0)
        self.assertRegex(after["listener0"], rf"^name=tcp,bind=127\.0\.0\.1(,bind=-::1)?,port={self.server.port}$")

    def test_the_largest_buffers_of_the_last_seconds(self):
        self.assertEqual(self.number("client_recent_max_input_buffer"), 0)
        with Connection(self.server) as client:
            client.socket.sendall(b"*2\r\n$4\r\nECHO\r\n$1000000\r\n" + b"x" * 500_000)
            until(lambda: self.number("client_recent_max_input_buffer") >= 500_000)
        until(lambda: self.number("client_recent_max_input_buffer") == 0)

    def test_time_above_the_limit_is_counted(self):
        self.client.ask("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "noeviction")
        until(lambda: self.number("current_eviction_exceeded_time") > 0)
        self.client.ask("CONFIG", "SET", "maxmemory", "0")
        until(lambda: self.number("current_eviction_exceeded_time") == 0)
        self.assertGreater(self.number("total_eviction_exceeded_time"), 0)

    def test_looking_for_expired_keys_takes_time(self):
        for i in range(20_000):
            self.client.socket.sendall(request("SET", i, "x", "PX", "1"))
        for _ in range(20_000):
            self.client.read()
        until(lambda: self.number("expired_keys") == 20_000 and self.number("expire_cycle_cpu_milliseconds") > 0)


class SettingsTest(unittest.TestCase):
    def setUp(self):
        self.server = Redistill().__enter__()
        self.client = Connection(self.server)
        self.addCleanup(self.server.__exit__)
        self.addCleanup(self.client.__exit__)

    def set(self, name, value, error=None):
        reply = self.client.ask("CONFIG", "SET", name, value)
        self.assertEqual(reply, b"+OK\r\n" if error is None else f"-{error}\r\n".encode())

    def get(self, name):
        return self.client.ask("CONFIG", "GET", name).split(b"\r\n")[4].decode()

    def latencies(self):
        return {name: value for name, value in info(self.client, "latencystats").items() if "percentiles" in name}

    def test_latency_tracking_stops_and_starts(self):
        self.client.ask("GET", "k")
        self.assertIn("latency_percentiles_usec_get", self.latencies())
        self.set("latency-tracking", "no")
        self.assertEqual((self.get("latency-tracking"), self.latencies()), ("no", {}))
        self.client.ask("STRLEN", "k")
        self.set("latency-tracking", "yes")
        self.assertIn("latency_percentiles_usec_get", self.latencies())
        self.assertNotIn("latency_percentiles_usec_strlen", self.latencies())
        self.client.ask("STRLEN", "k")
        self.assertIn("latency_percentiles_usec_strlen", self.latencies())

    def test_percentiles_are_those_that_were_asked_for(self):
        self.client.ask("GET", "k")
        self.set("latency-tracking-info-percentiles", "0.0 12.50 1e2")
        self.assertEqual(self.get("latency-tracking-info-percentiles"), "0 12.5 100")
        self.assertRegex(self.latencies()["latency_percentiles_usec_get"], r"^p0=[\d.]+,p12\.5=[\d.]+,p100=[\d.]+$")
        self.assertTrue(self.client.ask("CONFIG", "SET", "latency-tracking-info-percentiles", "101").startswith(b"-ERR CONFIG SET failed"))

    def test_lfu_decay_time_can_be_set(self):
        self.set("lfu-decay-time", "0")
        self.assertEqual(self.get("lfu-decay-time"), "0")
        self.assertTrue(self.client.ask("CONFIG", "SET", "lfu-decay-time", "-1").startswith(b"-ERR CONFIG SET failed"))

    def test_output_limits_of_classes_without_clients_are_kept(self):
        self.set("client-output-buffer-limit", "pubsub 1 2 3")
        self.assertEqual(self.get("client-output-buffer-limit"),
                         "normal 1073741824 0 0 slave 268435456 67108864 60 pubsub 1 2 3")
        self.set("client-output-buffer-limit", "replica 1mb 2 3 normal 5mb 0 0")
        self.assertEqual(self.get("client-output-buffer-limit"), "normal 5242880 0 0 slave 1048576 2 3 pubsub 1 2 3")

    def test_the_score_for_the_kernel_is_written(self):
        def score():
            with open(f"/proc/{self.server.process.pid}/oom_score_adj") as file:
                return int(file.read())
        initial = score()
        self.set("oom-score-adj-values", "100 200 300")
        self.assertEqual(score(), initial)
        self.set("oom-score-adj", "relative")
        self.assertEqual((score(), self.get("oom-score-adj")), (min(initial + 100, 1000), "yes"))
        self.set("oom-score-adj", "absolute")
        self.assertEqual(score(), 100)
        self.set("oom-score-adj-values", "150 200 300")
        self.assertEqual(score(), 150)
        self.set("oom-score-adj", "no")
        self.assertEqual(score(), initial)
        self.assertTrue(self.client.ask("CONFIG", "SET", "oom-score-adj-values", "1 2").startswith(b"-ERR CONFIG SET failed"))

    def test_timeouts_beyond_time_itself(self):
        for command in [("WAIT", "2"), ("CLIENT", "PAUSE")]:
            self.assertEqual(self.client.ask(*command, 2**63 - 1), b"-ERR timeout is out of range\r\n")

    def test_frequency_and_references_are_redis_s(self):
        self.client.ask("SET", "n", 7)
        refcount = lambda: self.client.ask("OBJECT", "REFCOUNT", "n")
        self.assertEqual(refcount(), b":2147483647\r\n")
        self.set("maxmemory", "1gb")
        for policy, expected in [("allkeys-lru", 1), ("volatile-lfu", 1), ("allkeys-random", 2**31 - 1), ("noeviction", 2**31 - 1)]:
            self.set("maxmemory-policy", policy)
            self.assertEqual(refcount(), b":%d\r\n" % expected)
        self.set("maxmemory-policy", "allkeys-lfu")
        self.client.ask("SET", "fresh", "v")
        self.assertEqual(self.client.ask("OBJECT", "FREQ", "fresh"), b":5\r\n")


if __name__ == "__main__":
    unittest.main()
