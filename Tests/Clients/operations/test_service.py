"""The daemon as service managers, containers and balancers have it: CPU quotas, delayed stops, health probes."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from configured import Daemon, executable, free_port, until
from test_lifecycle import status

# A mount namespace whose /sys/fs/cgroup is what the files given say; then the daemon.
IN_GROUP = """
mount -t tmpfs none /sys/fs/cgroup || exit 99
mkdir -p /sys/fs/cgroup/cpu
while [ "$1" != -- ]; do printf '%s\\n' "$2" > "/sys/fs/cgroup/$1"; shift 2; done
shift
exec "$@"
"""


def printed(line):
    return line.split(": ", 1)[1].split(", ")[0]


class Quota(unittest.TestCase):
    def workers(self, *files, flags=()):
        """What the ready line says of workers, and the log."""
        command = ["unshare", "--mount", "sh", "-c", IN_GROUP, "sh", *files, "--"]
        command += [executable(), "--port", "0", *flags]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        process.terminate()
        _, errors = process.communicate(timeout=20)
        if process.returncode == 99 or "unshare" in errors:
            self.skipTest(errors)
        return printed(line), errors

    def test_a_quota_counts(self):
        groups = pathlib.Path("/proc/self/cgroup").read_text()
        kinds = {"0::": ["cpu.max", "100000 100000"],
                 ":cpu:": ["cpu/cpu.cfs_quota_us", "100000", "cpu/cpu.cfs_period_us", "100000"]}
        for mark, files in kinds.items():
            if mark not in groups:
                continue
            with self.subTest(mark):
                workers, log = self.workers(*files)
                self.assertEqual(workers, "1 worker")
                if len(os.sched_getaffinity(0)) > 1:
                    self.assertIn("workers: 1 (as many as a CPU quota of 1.00 is worth, of ", log)
                self.assertEqual(self.workers(*files, flags=["--workers", "3"])[0], "3 workers")

    def test_without_a_quota_processors_count(self):
        workers, log = self.workers("cpu.max", "max 100000")
        self.assertEqual(int(workers.split()[0]), len(os.sched_getaffinity(0)))
        self.assertNotIn("quota", log)


class Pins(unittest.TestCase):
    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_workers_that_cannot_be_pinned_are_told_of(self):
        command = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "inject=sched_setaffinity:error=EPERM",
                   executable(), "--port", "0", "--pin-workers", "--workers", "2"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertIn("ready on", process.stdout.readline())
        line = next(line for line in process.stderr if "pin_workers" in line)
        process.terminate()
        process.communicate(timeout=20)
        self.assertIn("pin_workers has no effect", line)
        self.assertIn("Operation not permitted", line)


class DelayedStop(unittest.TestCase):
    def test_who_is_leaving_is_not_ready_and_serves(self):
        with Daemon(server={"shutdown_delay": "1500ms"}) as daemon, daemon.connect() as client:
            began = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            until(lambda: status(daemon, "/health/ready") == 503)
            self.assertEqual(status(daemon, "/health/live"), 200)
            self.assertEqual(client.ask("SET", "k", "v"), b"OK")
            self.assertEqual(daemon.ask("GET", "k"), b"v", "a new connection is still taken")
            self.assertEqual(daemon.process.wait(20), 0)
            self.assertGreaterEqual(time.monotonic() - began, 1.4)  # its clock goes in steps of some ms
            text = "\n".join(daemon.lines())
            self.assertIn("not ready any more, still serving until shutdown_delay is over", text)
            self.assertIn("final statistics", text)

    def test_a_second_signal_ends_the_delay(self):
        with Daemon(server={"shutdown_delay": "1h"}) as daemon:
            daemon.process.send_signal(signal.SIGTERM)
            daemon.wait_for_line("still serving until")
            began = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - began, 5)
            self.assertTrue(any("shutdown_delay is cut short" in line for line in daemon.lines()))

    def test_shutdown_now_waits_for_no_delay(self):
        with Daemon(server={"shutdown_delay": "1h"}) as daemon, daemon.connect() as client:
            client.send("SHUTDOWN", "NOW")
            self.assertEqual(daemon.process.wait(10), 0)

    def test_the_delay_changes_while_it_runs(self):
        with Daemon(server={"shutdown_delay": "1h"}) as daemon:
            self.assertEqual(daemon.ask("CONFIG", "SET", "shutdown_delay", "0"), b"OK")
            self.assertEqual(daemon.stop(seconds=10), 0)


class Probe(unittest.TestCase):
    def probe(self, daemon, *flags):
        done = subprocess.run(
            [executable(), "--config", str(daemon.config), "--health-probe", *flags], capture_output=True,
            text=True, timeout=20)
        return done.returncode, done.stdout + done.stderr

    def test_it_asks_the_http_port(self):
        with Daemon(server={"shutdown_delay": "1h"}, security={"password": "p"}) as daemon:
            self.assertEqual(self.probe(daemon), (0, "live\n"))
            self.assertEqual(self.probe(daemon, "ready"), (0, "ready\n"))
            daemon.process.send_signal(signal.SIGTERM)
            until(lambda: status(daemon, "/health/ready") == 503)
            self.assertEqual(self.probe(daemon)[0], 0)
            code, text = self.probe(daemon, "ready")
            self.assertEqual(code, 1)
            self.assertIn(f'not ready: 127.0.0.1:{daemon.http} answered "HTTP/1.1 503', text)
            daemon.stop()
            code, text = self.probe(daemon)
            self.assertEqual(code, 1)
            self.assertIn(f"not live: 127.0.0.1:{daemon.http}: Connection refused", text)

    def test_without_http_it_pings(self):
        for keys in [{}, {"proxy_protocol": True}, {"bind": "::1"}]:
            with self.subTest(keys=keys), Daemon(
                    server={"health_check_port": 0, **keys}, security={"password": "p"}) as daemon:
                self.assertEqual(self.probe(daemon), (0, "live\n"))
                daemon.stop()
                self.assertEqual(self.probe(daemon)[0], 1)

    def test_without_http_it_pings_the_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder, Daemon(
                server={"health_check_port": 0, "port": 0, "unix_socket": f"{folder}/socket"}) as daemon:
            self.assertEqual(self.probe(daemon), (0, "live\n"))
            daemon.stop()
            code, text = self.probe(daemon)
            self.assertEqual(code, 1)
            self.assertIn(f"{folder}/socket: No such file", text)

    def test_with_tls_alone_it_says_what_it_needs(self):
        done = subprocess.run(
            [executable(), "--port", "0", "--tls-port", str(free_port()), "--tls-cert-path", "x", "--tls-key-path",
             "x", "--health-probe"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("set health_check_port", done.stderr)

    def test_a_wrong_configuration_is_told_as_ever(self):
        done = subprocess.run(
            [executable(), "--port", "x", "--health-probe"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 78)


class Version(unittest.TestCase):
    def test_it_tells_commit_libraries_and_protocol(self):
        text = subprocess.run([executable(), "--version"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(text, r"\Aredistilld \d+\.\d+\.\d+ \(commit ([0-9a-f]{12}(-changed)?|unknown)\)\n")
        self.assertRegex(text, r"RESP2 and RESP3, commands as in Redis 7\.\d+\.\d+")
        self.assertRegex(text, r"libevent 2\.\S+, OpenSSL 3\.\S+, jemalloc 5\.\S+")


if __name__ == "__main__":
    unittest.main()
