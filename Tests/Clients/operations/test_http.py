"""Health and metrics as an operator's curl and a load balancer's probe see them."""

import json
import subprocess
import unittest

from configured import Daemon, until


class HTTP(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())

    def curl(self, path, *arguments, daemon=None):
        """Status and body."""
        address = f"http://127.0.0.1:{(daemon or self.daemon).http}{path}"
        done = subprocess.run(["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}", *arguments, address],
                              capture_output=True, text=True, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def test_health_counts_what_was_done(self):
        client = self.enterContext(self.daemon.connect())
        client.ask("SET", "k", "v")
        client.ask("GET", "k")
        client.ask("GET", "none")
        status, body = self.curl("/health")
        health = json.loads(body)
        self.assertEqual((status, health["status"], health["keys"]), (200, "ok", 1))
        self.assertEqual((health["keyspace_hits"], health["keyspace_misses"], health["hit_ratio"]), (1, 1, 0.5))
        self.assertEqual((health["connections_active"], health["eviction_policy"]), (1, "allkeys-s3fifo"))
        self.assertGreater(health["memory_resident_bytes"], health["memory_used_bytes"])

    def test_probes_answer(self):
        self.assertEqual(self.curl("/health/live")[0], 200)
        self.assertEqual(self.curl("/health/ready")[0], 200)

    def test_what_is_not_there_gets_the_right_status(self):
        self.assertEqual(self.curl("/nothing")[0], 404)
        self.assertEqual(self.curl("/health", "--request", "POST")[0], 405)
        self.assertEqual(self.curl("/metrics", "--request", "DELETE")[0], 405)
        self.assertEqual(self.curl("/health", "--request", "POST", "--data-binary", "x" * 100_000)[0] // 100, 4)
        self.assertEqual(self.curl("/health", "--header", "X-Long: " + "x" * 100_000)[0] // 100, 4)
        self.assertEqual(self.curl("/health")[0], 200)

    def test_head_has_no_body(self):
        status, body = self.curl("/health", "--head")
        self.assertEqual(status, 200)
        self.assertNotIn("{", body)

    def test_token_keeps_others_out_but_not_the_probe_of_life(self):
        with Daemon(security={"health_token": "right"}) as daemon:
            self.assertEqual(self.curl("/metrics", daemon=daemon)[0], 401)
            self.assertEqual(self.curl("/health", "--header", "Authorization: Bearer wrong", daemon=daemon)[0], 401)
            self.assertEqual(self.curl("/health", "--header", "Authorization: Bearer right", daemon=daemon)[0], 200)
            self.assertEqual(self.curl("/health/live", daemon=daemon)[0], 200)

    def test_a_full_cache_that_evicts_is_ready_and_one_that_does_not_is_alive(self):
        for policy, status in [("allkeys-lru", 200), ("noeviction", 503)]:
            memory = {"max_memory": "64mb", "eviction_policy": policy}
            with self.subTest(policy=policy), Daemon(server={"health_memory_threshold": 50}, memory=memory) as daemon:
                with daemon.connect() as client:
                    for number in range(80):
                        client.ask("SET", f"k{number}", "x" * (1 << 20))
                    self.assertEqual(self.curl("/health/ready", daemon=daemon)[0], status)
                    self.assertEqual(self.curl("/health/live", daemon=daemon)[0], 200)
                    self.assertIn(f"redistill_ready {int(status == 200)}\n", self.curl("/metrics", daemon=daemon)[1])
                    if status == 503:
                        daemon.wait_for_line("not ready: memory is above health_memory_threshold")
                        client.ask("FLUSHALL")
                        until(lambda: self.curl("/health/ready", daemon=daemon)[0] == 200)

    def test_a_cache_that_finds_nothing_to_evict_is_not_ready(self):
        memory = {"max_memory": "64mb", "eviction_policy": "volatile-lru"}
        with Daemon(server={"health_memory_threshold": 50}, memory=memory) as daemon, daemon.connect() as client:
            for number in range(80):
                client.ask("SET", f"k{number}", "x" * (1 << 20))
            until(lambda: self.curl("/health/ready", daemon=daemon)[0] == 503)


if __name__ == "__main__":
    unittest.main()
