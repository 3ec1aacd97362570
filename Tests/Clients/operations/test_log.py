"""The log as an operator reads it: who, why and how often, in lines and in JSON, from the first second to a full cache."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import tempfile
import unittest

from certificates import Authority
from configured import Daemon, free_port, request, until


def reset(connection):
    """The peer goes away without a word: a reset, after which nobody can be asked for its address."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def count_of(line):
    found = re.search(r" count=(\d+)", line)
    return int(found[1]) if found else 1


class Log(unittest.TestCase):
    def lines_of(self, daemon, message, total, seconds=10):
        """The lines of a message, once they stand for so many."""
        def chosen():
            return [line for line in daemon.lines() if message in line]
        until(lambda: sum(map(count_of, chosen())) >= total, seconds, daemon.lines())
        return chosen()

    def test_folded_refusals_keep_client_and_reason(self):
        server = {"max_connections": 1, "health_max_connections": 1}
        with Daemon(server=server) as daemon, daemon.connect() as first:
            first.ask("PING")
            idle = [socket.create_connection(("127.0.0.1", daemon.http)) for _ in range(2)]
            for _ in range(10):
                socket.create_connection(("127.0.0.1", daemon.port)).close()
                idle.append(socket.create_connection(("127.0.0.1", daemon.http)))
            lines = self.lines_of(daemon, "connections were refused", 20)
            for one in idle:
                one.close()
            for line in lines:
                self.assertRegex(line, r" client=127\.0\.0\.1:\d+ ")
                self.assertRegex(line, r' reason="(max_connections|health_max_connections) reached"')
            counts = {}
            for line in lines:
                reason = re.search(r'reason="(\S+) ', line)[1]
                counts[reason] = counts.get(reason, 0) + count_of(line)
            self.assertEqual(counts, {"max_connections": 10, "health_max_connections": 11})

    def test_who_has_gone_is_named_still(self):
        directory = tempfile.mkdtemp(prefix="redistill-log-")
        self.addCleanup(shutil.rmtree, directory)
        certificate, key = Authority(directory).issue("server")
        security = {"tls_port": free_port(), "tls_cert_path": str(certificate), "tls_key_path": str(key),
                    "password": "right", "auth_failure_delay": 0}
        for host, name in [("127.0.0.1", r"127\.0\.0\.1"), ("::1", r"\[::1\]")]:
            with self.subTest(host=host), Daemon(server={"bind": host}, security=dict(security)) as daemon:
                for _ in range(20):
                    broken = socket.create_connection((host, security["tls_port"]))
                    broken.sendall(b"\x16\x03\x01\x00\x05hello")
                    reset(broken)
                    guess = socket.create_connection((host, daemon.port))
                    guess.sendall(request("AUTH", "wrong"))
                    reset(guess)
                lines = self.lines_of(daemon, "a TLS handshake failed", 20)
                # Some were reset before their guess was read.
                lines += self.lines_of(daemon, "a client gave a wrong password", 1)
                for line in lines:
                    self.assertRegex(line, rf" client={name}:\d+\b")
                    if "TLS" in line:
                        self.assertIn(" reason=", line)

    def test_a_probe_of_the_tls_port_is_no_failure(self):
        directory = tempfile.mkdtemp(prefix="redistill-log-")
        self.addCleanup(shutil.rmtree, directory)
        certificate, key = Authority(directory).issue("server")
        security = {"tls_port": free_port(), "tls_cert_path": str(certificate), "tls_key_path": str(key)}
        for level in ["notice", "debug"]:
            with self.subTest(level=level), Daemon(security=dict(security), logging={"level": level}) as daemon:
                for end in [reset, socket.socket.close] * 3:
                    end(socket.create_connection(("127.0.0.1", security["tls_port"])))
                until(lambda: daemon.info("stats")["tls_handshakes_not_begun"] == "6")
                self.assertEqual(daemon.info("stats")["tls_handshakes_failed"], "0")
                context = ssl.create_default_context()
                with self.assertRaises(ssl.SSLError), socket.create_connection(("127.0.0.1", security["tls_port"])) as raw:
                    context.wrap_socket(raw, server_hostname="localhost")
                failed = self.lines_of(daemon, "a TLS handshake failed", 1)
                self.assertEqual(sum(map(count_of, failed)), 1)
                probes = [line for line in daemon.lines() if "without a byte" in line]
                self.assertEqual(bool(probes), level == "debug")

    def test_debug_tells_of_connections_and_their_number(self):
        with Daemon(logging={"level": "notice"}) as daemon:
            for _ in range(5):
                daemon.ask("PING")
            self.assertEqual(daemon.ask("CONFIG", "SET", "loglevel", "debug"), b"OK")
            for _ in range(5):
                daemon.ask("PING")
            opened = self.lines_of(daemon, "connections were opened", 5)
            closed = self.lines_of(daemon, "connections were closed", 5)
            self.assertIn(" client=127.0.0.1:", opened[0])
            self.assertIn(" reason=", closed[0])

    def test_who_empties_the_cache_or_disturbs_others_is_told(self):
        with Daemon() as daemon, daemon.connect() as client:
            own = "client=%s:%d " % client.socket.getsockname()
            client.ask("SET", "k", "v")
            client.ask("FLUSHALL")
            client.ask("FLUSHDB", "ASYNC")
            client.ask("CLIENT", "KILL", "ID", "999")
            client.ask("CONFIG", "RESETSTAT")
            client.ask("CONFIG", "SET", "maxmemory", "100mb")
            client.ask("CONFIG", "REWRITE")
            for part in ["NOTICE   keys were flushed", "INFO     a command that concerns others was called",
                         "NOTICE   max_memory changed", "NOTICE   configuration file rewritten"]:
                daemon.wait_for_line(part)
                line = next(line for line in daemon.lines() if part in line)
                self.assertIn(own.strip(), line)
            commands = {re.search(r'command="?([A-Z ]+)', line)[1] for line in daemon.lines() if "command=" in line}
            self.assertEqual(commands, {"FLUSHALL", "FLUSHDB", "CONFIG RESETSTAT"})

    def test_the_limit_is_told_when_it_is_felt(self):
        memory = {"max_memory": "16mb", "eviction_policy": "allkeys-lru"}
        with Daemon(memory=memory) as daemon, daemon.connect() as client:
            for number in range(24):
                client.ask("SET", f"k{number}", "x" * (1 << 20))
            daemon.wait_for_line("max_memory is reached, keys are evicted limit=16777216 policy=allkeys-lru")
            self.assertEqual(client.ask("CONFIG", "SET", "maxmemory-policy", "noeviction"), b"OK")
            until(lambda: str(client.ask("SET", "more", "x" * (1 << 20))).startswith("OOM"))
            daemon.wait_for_line("max_memory is reached, writes are refused limit=16777216 policy=noeviction")
            self.assertGreater(int(daemon.info("stats")["refused_writes"]), 0)
            for _ in range(3):
                client.ask("SET", "more", "x" * (1 << 20))
            self.assertEqual(len([line for line in daemon.lines() if "writes are refused" in line]), 1)

    def test_json_has_numbers_and_nothing_else_on_both_outputs(self):
        with Daemon(server={"max_connections": 1}, logging={"format": "json", "log_file": "", "level": "trace"}) as daemon:
            self.assertIn(" ready on ", json.loads(daemon.ready)["message"])
            with daemon.connect() as client:
                for _ in range(5):
                    socket.create_connection(("127.0.0.1", daemon.port)).close()
                until(lambda: b"rejected_connections:5\r\n" in client.ask("INFO", "stats"))
            daemon.stop()
            records = [json.loads(line) for line in daemon.process.stderr.read().splitlines()]
            self.assertEqual(daemon.process.stdout.read(), "")
        final = next(record for record in records if record["message"] == "final statistics")
        self.assertEqual((final["connections"], final["rejected"]), (6, 5))
        self.assertIsInstance(final["memory_peak"], int)
        for record in records:
            self.assertIsInstance(record.get("count", 1), int)

    def test_trace_tells_of_http_requests(self):
        with Daemon(logging={"level": "trace"}) as daemon:
            with socket.create_connection(("127.0.0.1", daemon.http)) as scraper:
                scraper.sendall(b"GET /nothing%0aTRACE HTTP/1.1\r\n\r\n")
                scraper.recv(1 << 16)
            daemon.wait_for_line(r'an HTTP request was answered method=GET path="/nothing\nTRACE" status=404')

    def test_a_broken_configuration_does_not_stop_rotation(self):
        directory = tempfile.mkdtemp(prefix="redistill-notify-")
        self.addCleanup(shutil.rmtree, directory)
        manager = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.bind(f"{directory}/notify")
        manager.settimeout(10)
        with Daemon(environment={"NOTIFY_SOCKET": f"{directory}/notify"}) as daemon:
            def message():
                """The next one that is not the watchdog's."""
                return manager.recv(4096).decode()
            self.assertIn("READY=1", message())
            good = daemon.config.read_text()
            daemon.reload()
            self.assertIn("RELOADING=1", message())
            self.assertRegex(message(), r"READY=1\nERRNO=0\nSTATUS=configuration read at ")
            os.rename(daemon.log, daemon.directory / "log.1")
            daemon.config.write_text(good + "[memory]\nmax_memroy = 1\n")
            daemon.reload()
            daemon.wait_for_line("reload failed, the old settings stay")
            self.assertIn("RELOADING=1", message())
            self.assertRegex(message(), r"READY=1\nERRNO=22\nSTATUS=reload failed at .*: .*max_memroy")
            self.assertEqual(daemon.info("server")["config_last_reload_status"], "err")
            daemon.config.write_text(good)
            daemon.process.send_signal(signal.SIGHUP)
            until(lambda: daemon.info("server")["config_last_reload_status"] == "ok")


if __name__ == "__main__":
    unittest.main()
