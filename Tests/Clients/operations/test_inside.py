"""Seeing inside: statistics of commands, SLOWLOG, LATENCY, MONITOR, CLIENT."""

import time
import unittest
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from configured import Client, Daemon, ErrorReply, request, until


class Inside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(server={"workers": 2})

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()

    def setUp(self):
        self.client = self.daemon.connect()
        self.client.ask("CONFIG", "RESETSTAT")

    def tearDown(self):
        self.client.close()

    def test_commands_are_counted_by_name_and_outcome(self):
        for _ in range(5):
            self.client.ask("SET", "k", "text")
        self.client.ask("INCR", "k")
        self.client.ask("GET")
        self.client.ask("CLIENT", "ID")
        info = self.daemon.info("commandstats")
        self.assertTrue(info["cmdstat_set"].startswith("calls=5,usec="), info["cmdstat_set"])
        self.assertIn("failed_calls=1", info["cmdstat_incr"])
        self.assertIn("calls=0", info["cmdstat_get"])
        self.assertIn("rejected_calls=1", info["cmdstat_get"])
        self.assertIn("calls=1", info["cmdstat_client|id"])
        self.assertNotIn("cmdstat_set", self.daemon.info("default"))

    def test_pipelined_commands_are_all_counted(self):
        self.client.socket.sendall(request("SET", "a", "1") * 1000 + request("GET", "a") * 500)
        for _ in range(1500):
            self.client.read()
        info = self.daemon.info("all")
        self.assertIn("calls=1000,", info["cmdstat_set"])
        self.assertIn("calls=500,", info["cmdstat_get"])
        self.assertIn("p99.9=", info["latency_percentiles_usec_get"])

    def test_memory_of_an_idle_daemon_adds_up(self):
        """Tools subtract what was used at the start, and take a high ratio for holes."""
        with Daemon() as daemon:
            memory = daemon.info("memory")
            statistics = daemon.ask("MEMORY", "STATS")
        self.assertLessEqual(int(memory["used_memory_startup"]), int(memory["used_memory"]))
        self.assertLess(float(memory["mem_fragmentation_ratio"]), 2)
        self.assertLess(abs(int(memory["mem_fragmentation_bytes"])), int(memory["used_memory_rss"]))
        figures = dict(zip(statistics[::2], statistics[1::2]))
        self.assertLessEqual(figures[b"startup.allocated"], figures[b"total.allocated"])
        self.assertLess(float(figures[b"fragmentation"]), 2)

    def test_errors_are_counted_by_code(self):
        self.client.ask("NOSUCH")
        self.client.ask("HELLO", "9")
        self.client.ask("GET")
        info = self.daemon.info("errorstats")
        self.assertEqual(info["errorstat_ERR"], "count=2")
        self.assertEqual(info["errorstat_NOPROTO"], "count=1")

    def test_histogram_adds_up(self):
        for _ in range(7):
            self.client.ask("PING")
        reply = self.client.ask("LATENCY", "HISTOGRAM", "ping", "client")
        self.assertEqual(reply[0], b"ping")
        self.assertEqual(reply[1][:2], [b"calls", 7])
        self.assertEqual(reply[1][3][-1], 7)
        self.assertEqual(self.client.ask("LATENCY", "HISTOGRAM", "get"), [])

    def test_metrics_are_what_prometheus_reads(self):
        self.client.ask("SET", "k", "text")
        self.client.ask("NOSUCH")
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.daemon.http}/metrics").read().decode()
        families = {family.name: family for family in text_string_to_metric_families(text)}
        samples = families["redistill_command_duration_seconds"].samples
        buckets = [s.value for s in samples if s.labels.get("command") == "set" and s.name.endswith("_bucket")]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], 1)
        self.assertEqual(families["redistill_errors"].samples[0].labels, {"code": "ERR"})
        for name, family in families.items():
            self.assertTrue(family.documentation, name)

    def test_slowlog_keeps_what_is_slow(self):
        ask = self.client.ask
        ask("SLOWLOG", "RESET")
        ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
        ask("CLIENT", "SETNAME", "me")
        ask("SET", "k", "v" * 200)
        ask("SET", "large", "v" * 200_000)
        ask("APPEND", "large", "w" * 200_000)
        ask("AUTH", "default", "secret")
        ask("CONFIG", "SET", "requirepass", "")
        ask("CONFIG", "SET", "slowlog-log-slower-than", "-1")
        entries = {tuple(entry[3][:2]): entry for entry in ask("SLOWLOG", "GET", "-1")}
        self.assertEqual(entries[(b"SET", b"k")][3][2], b"v" * 128 + b"... (72 more bytes)")
        # A value that was taken over may be gone since; any other large argument is shown as a small one is.
        self.assertEqual(entries[(b"SET", b"large")][3][2], b"... (200000 bytes)")
        self.assertEqual(entries[(b"APPEND", b"large")][3][2], b"w" * 128 + b"... (199872 more bytes)")
        self.assertEqual(entries[(b"SET", b"k")][5], b"me")
        self.assertEqual(entries[(b"AUTH", b"(redacted)")][3][2], b"(redacted)")
        self.assertNotIn("secret", str(entries))
        self.assertEqual(ask("SLOWLOG", "RESET"), b"OK")
        self.assertEqual(ask("SLOWLOG", "LEN"), 0)
        ask("CONFIG", "SET", "slowlog-log-slower-than", "10000")

    def test_latency_monitor_keeps_spikes(self):
        ask = self.client.ask
        self.client.socket.sendall(b"".join(request("SET", f"key:{i}", "v") for i in range(200000)))
        for _ in range(200000):
            self.client.read()
        ask("CONFIG", "SET", "latency-monitor-threshold", "1")
        ask("KEYS", "nothing*")
        ask("CONFIG", "SET", "latency-monitor-threshold", "0")
        self.assertEqual(ask("LATENCY", "LATEST")[0][0], b"command")
        self.assertEqual(len(ask("LATENCY", "HISTORY", "command")), 1)
        self.assertIn(b"command - high", ask("LATENCY", "GRAPH", "command"))
        self.assertEqual(ask("LATENCY", "RESET"), 1)
        self.assertEqual(ask("LATENCY", "LATEST"), [])
        ask("FLUSHALL")

    def test_monitor_shows_commands_of_every_worker_without_secrets(self):
        with self.daemon.connect() as watcher, self.daemon.connect() as other:
            self.assertEqual(watcher.ask("MONITOR"), b"OK")
            self.client.ask("SET", "k", 'a"\x01\n')
            self.assertRegex(watcher.read(), rb'^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "a\\"\\x01\\n"$')
            other.ask("HELLO", "2", "AUTH", "default", "secret")
            self.assertTrue(watcher.read().endswith(b'"HELLO" "2" "AUTH" "(redacted)" "(redacted)"'))
            self.client.ask("CONFIG", "GET", "port")
            self.client.ask("PING")
            self.assertTrue(watcher.read().endswith(b'"PING"'))
            self.assertEqual(watcher.ask("RESET"), b"RESET")
        until(lambda: self.daemon.info("clients")["monitor_clients"] == "0")

    def test_monitor_that_does_not_read_is_closed(self):
        with self.daemon.connect() as watcher:
            watcher.ask("MONITOR")
            batch = request("SET", "k", "x" * 10000) * 100
            before = int(self.daemon.info("stats")["closed_connections_output_limit"])

            def is_closed():
                self.client.socket.sendall(batch)
                for _ in range(100):
                    self.client.read()
                return int(self.daemon.info("stats")["closed_connections_output_limit"]) > before

            until(is_closed, 30)

    def test_kill_by_filters(self):
        with self.daemon.connect() as a, self.daemon.connect() as b:
            a.ask("PING")
            name = "%s:%d" % a.socket.getsockname()
            self.assertEqual(self.client.ask("CLIENT", "KILL", name), b"OK")
            self.assertRaises(EOFError, a.read)
            self.assertEqual(self.client.ask("CLIENT", "KILL", name), "ERR No such client")
            identity = b.ask("CLIENT", "ID")
            self.assertEqual(self.client.ask("CLIENT", "KILL", "ID", identity, "TYPE", "master"), 0)
            self.assertEqual(self.client.ask("CLIENT", "KILL", "ID", identity, "USER", "default"), 1)
            self.assertRaises(EOFError, b.read)
        own = self.client.ask("CLIENT", "ID")
        self.assertEqual(self.client.ask("CLIENT", "KILL", "ID", own), 0)
        self.assertEqual(self.client.ask("CLIENT", "KILL", "ID", own, "SKIPME", "no"), 1)
        self.assertRaises(EOFError, self.client.read)

    def test_list_is_filtered(self):
        own = self.client.ask("CLIENT", "ID")
        line = self.client.ask("CLIENT", "LIST", "ID", own).decode()
        self.assertEqual(line.count("\n"), 1)
        self.assertIn(f"id={own} ", line)
        self.assertEqual(self.client.ask("CLIENT", "LIST", "TYPE", "replica"), b"")
        self.assertEqual(self.client.ask("CLIENT", "LIST", "TYPE", "x"), "ERR Unknown client type 'x'")

    def test_replies_are_silenced(self):
        self.client.send("CLIENT", "REPLY", "OFF")
        self.client.send("PING")
        self.client.send("NOSUCH")
        self.assertEqual(self.client.ask("CLIENT", "REPLY", "ON"), b"OK")
        self.client.send("CLIENT", "REPLY", "SKIP")
        self.client.send("PING")
        self.assertEqual(self.client.ask("ECHO", "x"), b"x")

    def test_pause_holds_writes_back_in_order(self):
        with self.daemon.connect() as writer:
            self.assertEqual(self.client.ask("CLIENT", "PAUSE", "100000", "WRITE"), b"OK")
            time.sleep(0.05)
            writer.socket.sendall(request("GET", "p") + b'SET p "1 2"\r\n' + request("APPEND", "p", "3") + request("GET", "p"))
            self.assertIsNone(writer.read())
            until(lambda: self.daemon.info("clients")["blocked_clients"] == "1")
            self.assertIsNone(self.client.ask("GET", "p"))
            self.assertEqual(self.client.ask("CLIENT", "UNPAUSE"), b"OK")
            self.assertEqual([writer.read() for _ in range(3)], [b"OK", 4, b"1 23"])
            self.client.ask("DEL", "p")

    def test_pause_of_all_ends_by_itself(self):
        with self.daemon.connect() as other:
            start = time.monotonic()
            self.client.ask("CLIENT", "PAUSE", "400", "ALL")
            time.sleep(0.05)
            big = "x" * 300000
            self.assertEqual(other.ask("SET", "big", big), b"OK")
            self.assertGreater(time.monotonic() - start, 0.35)
            self.assertEqual(other.ask("GET", "big"), big.encode())

    def test_pause_does_not_hold_a_stop_up(self):
        with Daemon() as daemon, daemon.connect() as client:
            client.ask("CLIENT", "PAUSE", "100000")
            time.sleep(0.1)
            client.send("PING")
            time.sleep(0.2)
            self.assertEqual(daemon.stop(seconds=10), 0)
            self.assertEqual(client.read(), b"PONG")

    def test_reset_forgets_the_connections_state(self):
        self.client.ask("CLIENT", "SETNAME", "me")
        self.assertEqual(self.client.ask("RESET"), b"RESET")
        self.assertIsNone(self.client.ask("CLIENT", "GETNAME"))
        self.assertEqual(self.client.ask("ROLE"), [b"master", 0, []])

    def test_arguments_are_checked(self):
        for arguments, error in [
            (("CLIENT", "PAUSE", "x"), "ERR timeout is not an integer or out of range"),
            (("CLIENT", "PAUSE", "-1"), "ERR timeout is negative"),
            (("CLIENT", "KILL", "ID", "0"), "ERR client-id should be greater than 0"),
            (("CLIENT", "KILL", "NO", "0"), "ERR syntax error"),
            (("CLIENT", "REPLY", "MAYBE"), "ERR syntax error"),
            (("SLOWLOG", "GET", "-2"), "ERR count should be greater than or equal to -1"),
            (("LATENCY", "GRAPH", "x"), "ERR No samples available for event 'x'"),
            (("SHUTDOWN", "ABORT"), "ERR No shutdown in progress."),
            (("SHUTDOWN", "SAVE", "NOSAVE"), "ERR syntax error"),
            (("SHUTDOWN", "NOW", "ABORT"), "ERR syntax error"),
        ]:
            with self.subTest(arguments=arguments):
                reply = self.client.ask(*arguments)
                self.assertIsInstance(reply, ErrorReply)
                self.assertEqual(reply, error)


if __name__ == "__main__":
    unittest.main()
