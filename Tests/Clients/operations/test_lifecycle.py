"""The daemon's life: readiness, stops, signals, reload, log files."""

import json
import os
import signal
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from configured import Daemon, request, until


def status(daemon, path):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{daemon.http}{path}", timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code


class Lifecycle(unittest.TestCase):
    def test_readiness_turns_before_the_end(self):
        with Daemon(server={"shutdown_timeout": "2s"}) as daemon:
            self.assertEqual(status(daemon, "/health/ready"), 200)
            with daemon.connect() as stuck:
                stuck.socket.setsockopt(6, 10, 1)
                stuck.send("SET", "k", "x" * 4_000_000)
                stuck.read()
                stuck.socket.sendall(request("GET", "k") * 20)
                time.sleep(0.3)
                daemon.process.send_signal(signal.SIGTERM)
                until(lambda: status(daemon, "/health/ready") == 503)
                self.assertEqual(status(daemon, "/health/live"), 200)
                self.assertRaises(ConnectionRefusedError, daemon.connect)
                self.assertEqual(daemon.process.wait(10), 0)
            text = "\n".join(daemon.lines())
            self.assertIn("shutdown_timeout is over", text)
            self.assertIn("final statistics", text)

    def test_second_signal_ends_at_once(self):
        with Daemon(server={"shutdown_timeout": "60s"}) as daemon:
            with daemon.connect() as stuck:
                stuck.send("SET", "k", "x" * 4_000_000)
                stuck.read()
                stuck.socket.sendall(request("GET", "k") * 20)
                time.sleep(0.3)
                daemon.process.send_signal(signal.SIGINT)
                daemon.wait_for_line("stopping")
                time.sleep(0.3)
                self.assertIsNone(daemon.process.poll())
                self.assertEqual(daemon.stop(signal.SIGINT, 3), 1)

    def test_shutdown_command(self):
        for arguments in [("SHUTDOWN",), ("SHUTDOWN", "NOSAVE"), ("SHUTDOWN", "NOW", "FORCE")]:
            with self.subTest(arguments=arguments), Daemon() as daemon, daemon.connect() as client:
                client.socket.sendall(request("SET", "k", "v") + request(*arguments))
                self.assertEqual(client.read(), b"OK")
                self.assertRaises((EOFError, OSError), client.read)
                self.assertEqual(daemon.process.wait(10), 0)
                daemon.wait_for_line("SHUTDOWN from 127.0.0.1")

    def test_log_file_is_opened_anew(self):
        with Daemon() as daemon:
            old = daemon.directory / "log.1"
            os.rename(daemon.log, old) if daemon.log.exists() else None
            daemon.reload()
            daemon.wait_for_line("configuration reloaded")
            self.assertTrue(daemon.log.exists())

    def test_bad_file_changes_nothing(self):
        with Daemon(memory={"max_memory": "100mb"}) as daemon:
            daemon.config.write_text("[memory]\nmax_memroy = 1\n")
            daemon.reload()
            daemon.wait_for_line("the old settings stay")
            self.assertTrue(any("did you mean" in line for line in daemon.lines()), daemon.lines())
            self.assertEqual(daemon.ask("CONFIG", "GET", "maxmemory")[1], b"104857600")

    def test_reload_of_an_empty_file_takes_nothing_away(self):
        """What a full disk leaves behind."""
        with Daemon(security={"password": "p"}, memory={"max_memory": "64mb"}) as daemon:
            whole = daemon.config.read_text()
            cut = whole[:whole.index("max_memory")]
            for text, keys in [("", "password max_memory"), (cut, "max_memory")]:
                daemon.config.write_text(text)
                daemon.reload()
                until(lambda: any("reload refused" in line and f"keys={keys}" in line.replace('"', "")
                                  and str(daemon.config) in line for line in daemon.lines()), 10, daemon.lines())
            self.assertEqual(daemon.ask("PING"), "NOAUTH Authentication required.")
            with daemon.connect() as client:
                self.assertEqual(client.ask("AUTH", "p"), b"OK")
                self.assertEqual(client.ask("CONFIG", "GET", "maxmemory"), [b"maxmemory", b"67108864"])
                self.assertIn(b"config_reloads_failed:2\r", client.ask("INFO", "server"))
                daemon.config.write_text('[security]\npassword = ""\n[memory]\nmax_memory = 0\n')
                daemon.reload()
                until(lambda: b"config_reloads:1\r" in client.ask("INFO", "server"))
                self.assertEqual(client.ask("CONFIG", "GET", "maxmemory"), [b"maxmemory", b"0"])
            self.assertEqual(daemon.ask("PING"), b"PONG")

    def test_no_key_waits_for_the_disk_behind_a_rewrite_in_a_transaction(self):
        """The file is a pipe here, which is as slow as a disk can be."""
        with Daemon(server={"workers": 2}) as daemon, daemon.connect() as slow, daemon.connect() as other:
            daemon.config.unlink()
            os.mkfifo(daemon.config)
            self.assertEqual(other.ask("CONFIG", "SET", "timeout", "77"), b"OK")
            values = [("SET", "k", "v"), ("CONFIG", "REWRITE"), ("SET", "large", "x" * 50_000), ("GET", "large"),
                      ("CLIENT", "REPLY", "OFF"), ("CONFIG", "REWRITE"), ("CLIENT", "REPLY", "ON"), ("GET", "k")]
            slow.socket.sendall(request("MULTI") + b"".join(request(*words) for words in values) + request("EXEC"))
            until(lambda: other.ask("GET", "k") == b"v")
            with open(daemon.config, "w") as pipe:
                pipe.write("[server]\n")
            for _ in range(len(values) + 1):
                slow.read()
            self.assertEqual(slow.file.readline(), b"*8\r\n")
            self.assertEqual([slow.read() for _ in range(4)], [b"OK", b"OK", b"OK", b"x" * 50_000])
            self.assertEqual([slow.read() for _ in range(2)], [b"OK", b"v"])
            self.assertEqual(daemon.config.read_text(), "[server]\nconnection_timeout = 77\n")

    def test_json_log(self):
        with Daemon(logging={"format": "json"}) as daemon:
            daemon.reload()
            daemon.wait_for_line("configuration reloaded")
            for line in daemon.lines():
                self.assertIn("level", json.loads(line))

    def test_load_runs_through_reload_policy_and_stop(self):
        with Daemon(memory={"max_memory": "200mb"}, server={"workers": 2}) as daemon:
            loads = [Load(daemon, number) for number in range(4)]
            for load in loads:
                load.start()
            for turn in range(6):
                time.sleep(0.2)
                daemon.reload()
                self.assertEqual(daemon.ask("CONFIG", "SET", "maxmemory-policy", ["allkeys-lru", "noeviction"][turn % 2]), b"OK")
            self.assertEqual(daemon.stop(), 0)
            for load in loads:
                load.join(10)
                self.assertIsNone(load.wrong)
                self.assertGreater(load.answered, 100)


class Load(threading.Thread):
    """Sends numbered pipelines; every reply has to be the right one, up to a clean end between replies."""

    def __init__(self, daemon, number, client=None):
        super().__init__()
        self.client = client or daemon.connect()
        self.number = number
        self.answered = 0
        self.wrong = None

    def run(self):
        try:
            while True:
                self.round()
        except (EOFError, ConnectionError):
            self.client.close()
        except Exception as error:  # shown by the test
            self.wrong = repr(error)

    def round(self):
        first = self.answered
        requests = b"".join(
            request("SET", f"k{self.number}", i) + request("GET", f"k{self.number}") for i in range(first, first + 20))
        self.client.socket.sendall(requests)
        for i in range(first, first + 20):
            ok, value = self.client.read(), self.client.read()
            if ok != b"OK" or value != str(i).encode():
                raise AssertionError(f"{ok} {value} instead of {i}")
            self.answered += 1


if __name__ == "__main__":
    unittest.main()
