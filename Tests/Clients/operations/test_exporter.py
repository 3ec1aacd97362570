"""Debian's prometheus-redis-exporter scrapes the daemon as it would scrape a Redis."""

import socket
import subprocess
import unittest
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from configured import Daemon, free_port, until


class Exporter(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())
        self.port = free_port()
        self.exporter = self.enterContext(subprocess.Popen(
            ["prometheus-redis-exporter", "-redis.addr", f"redis://127.0.0.1:{self.daemon.port}",
             "-web.listen-address", f"127.0.0.1:{self.port}", "-include-config-metrics", "-export-client-list",
             "-include-system-metrics", "-check-keys", "k*", "-ping-on-connect"],
            stderr=subprocess.PIPE, text=True))
        self.addCleanup(self.exporter.kill)
        for line in self.exporter.stderr:
            if "Providing metrics" in line:
                break
        until(self.listens)  # it says so before it does

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def scrape(self):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20).read().decode()
        return {family.name: family for family in text_string_to_metric_families(text)}

    def test_scrapes_without_an_error(self):
        self.daemon.ask("SET", "k", "text")
        families = self.scrape()
        self.exporter.kill()
        complaints = self.exporter.stderr.read()
        self.assertEqual(families["redis_up"].samples[0].value, 1)
        self.assertEqual(families["redis_exporter_last_scrape_error"].samples[0].value, 0, complaints)
        calls = {s.labels["cmd"]: s.value for s in families["redis_commands"].samples}
        self.assertEqual(calls["set"], 1)
        self.assertEqual(families["redis_db_keys"].samples[0].value, 1)
        self.assertGreater(families["redis_memory_used_bytes"].samples[0].value, 0)
        self.assertNotIn("level=error", complaints)
        self.assertNotIn("level=warning", complaints)


if __name__ == "__main__":
    unittest.main()
