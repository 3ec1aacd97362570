"""The machine fails: memory, log, signals, certificates, power. Descriptors: test_limits.py; single calls: test_systemcalls.py."""

import contextlib
import os
import pathlib
import resource
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from setting import MIB, Client, Daemon, ErrorReply, connected, executable, free_port, request, resident, until

from certificates import Authority  # after setting, which knows where it is


class Load(threading.Thread):
    """Writes and reads back until it is told to stop; every reply is checked, a refusal for memory is one."""

    def __init__(self, daemon, number):
        super().__init__()
        self.client, self.key = daemon.connect(timeout=60), f"load:{number}"
        self.stopping = threading.Event()
        self.answered, self.wrong = 0, None

    def run(self):
        try:
            while not self.stopping.is_set():
                value = b"%d" % self.answered
                self.client.socket.sendall(request("SET", self.key, value) + request("GET", self.key))
                stored, read = self.client.read(), self.client.read()
                if stored != b"OK" or read != value:
                    raise AssertionError(f"{stored}, {read} instead of {value}")
                self.answered += 1
        except Exception as error:  # shown by the test
            self.wrong = repr(error)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join(60)
        self.client.close()


class Memory(unittest.TestCase):
    def fill(self, client, size, most):
        """How many values were taken until one was refused, or the connection that sent it closed."""
        for number in range(most):
            try:
                reply = client.ask("SET", f"value:{number}", bytes([number % 256]) * size)
            except (OSError, EOFError):
                return number
            if isinstance(reply, ErrorReply):
                self.assertTrue(reply.startswith("OOM"), reply)
                return number
        return most

    def test_addresses_that_run_out_cost_one_command_each(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (600 * MIB, 600 * MIB))

        memory = {"max_memory": 0, "eviction_policy": "noeviction"}
        with Daemon(limits=limit, server={"workers": 2}, memory=memory) as daemon, Load(daemon, 0) as load:
            with daemon.connect(timeout=60) as client:
                taken = self.fill(client, 3 * MIB, 300)
            self.assertIn(taken, range(10, 300))
            with daemon.connect(timeout=60) as client:
                for number in range(taken):
                    self.assertEqual(client.ask("GET", f"value:{number}"), bytes([number % 256]) * 3 * MIB)
                client.ask("FLUSHALL")
                until(lambda: client.ask("SET", "value:0", "v" * MIB) == b"OK")
        self.assertIsNone(load.wrong)

    def test_a_control_group_smaller_than_max_memory_is_told_at_the_start(self):
        group = pathlib.Path("/sys/fs/cgroup/memory") / f"redistill-{os.getpid()}"
        try:
            inside = [line.split(":")[2] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines() if ":memory:" in line]
            group = pathlib.Path("/sys/fs/cgroup/memory") / inside[0].lstrip("/") / f"redistill-{os.getpid()}"
            group.mkdir()
            self.addCleanup(group.rmdir)
            (group / "memory.limit_in_bytes").write_text(str(128 * MIB))
        except (OSError, IndexError):
            self.skipTest("no control group of memory can be made here")

        def enter():
            (group / "cgroup.procs").write_text(str(os.getpid()))

        with Daemon(limits=enter, memory={"max_memory": "1gb", "eviction_policy": "allkeys-lru"}) as daemon:
            self.assertTrue(any("max_memory" in line and ("container" in line or "group" in line or "machine" in line)
                                for line in daemon.lines()), daemon.lines())
        # A share of what there is means the group's memory, and then nothing is killed; nor is it by what holds unasked.
        for memory in [{"max_memory": "60%", "eviction_policy": "allkeys-lru"}, {}]:
            with self.subTest(memory=memory), Daemon(limits=enter, memory=memory) as daemon:
                with daemon.connect(timeout=60) as client:
                    self.assertLess(int(client.ask("CONFIG", "GET", "maxmemory")[1]), 100 * MIB)
                    self.assertEqual(self.fill(client, 100_000, 1500), 1500)
                self.assertIsNone(daemon.process.poll())
                self.assertLess(resident(daemon.process.pid), 128 * MIB)


class Log(unittest.TestCase):
    def test_a_full_disk_under_the_log_stops_nothing_and_the_loss_is_told(self):
        directory = tempfile.mkdtemp(prefix="redistill-full-")
        self.addCleanup(shutil.rmtree, directory, True)
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", directory], capture_output=True).returncode:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", directory], check=True)
        log = pathlib.Path(directory) / "log"
        with Daemon(logging={"log_file": str(log)}) as daemon:
            ballast = pathlib.Path(directory) / "ballast"
            with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(512))
            with Load(daemon, 0) as load:
                before = log.stat().st_size
                sizes = [before]
                while len(sizes) < 10 or sizes[-10] != sizes[-1]:  # until the log's last page is full, and then some
                    daemon.reload()  # a line each, but signals that come together are one
                    time.sleep(0.02)
                    sizes.append(log.stat().st_size)
                    self.assertLess(len(sizes), 1000)
                until(lambda: load.answered > 100)
            self.assertIsNone(load.wrong)
            self.assertLess(log.stat().st_size - before, 4096 + 512)
            ballast.unlink()
            daemon.reload()
            until(lambda: "log lines were lost" in log.read_text(errors="replace"))
            self.assertRegex(log.read_text(errors="replace"), r"log lines were lost lines=\d+")
            self.assertEqual(daemon.stop(), 0)

    def test_a_closed_pipe_under_the_log_stops_nothing(self):
        with Daemon(logging={"log_file": ""}) as daemon, Load(daemon, 0) as load:
            daemon.process.stderr.close()
            daemon.process.stdout.close()
            for _ in range(20):
                daemon.reload()
                time.sleep(0.02)
            until(lambda: load.answered > 100)
            load.stopping.set()
            load.join()
            self.assertIsNone(load.wrong)
            self.assertEqual(daemon.stop(), 0)


class Signals(unittest.TestCase):
    def test_a_hundred_reloads_under_load_change_nothing(self):
        with Daemon(server={"workers": 2}, memory={"max_memory": "100mb"}) as daemon:
            with Load(daemon, 0) as one, Load(daemon, 1) as other:
                for number in range(100):
                    if number % 10 == 5:
                        daemon.config.write_text("[memory\nrubbish")
                    elif number % 10 == 6:
                        daemon.write()
                    daemon.reload()
                    time.sleep(0.01)
                daemon.write()
                daemon.reload()
                until(lambda: one.answered > 100 and other.answered > 100)
            self.assertEqual((one.wrong, other.wrong), (None, None))
            self.assertEqual(daemon.ask("CONFIG", "GET", "maxmemory")[1], b"104857600")
            self.assertEqual(daemon.stop(), 0)

    def test_a_process_that_stood_still_answers_what_has_come_meanwhile(self):
        with Daemon(server={"workers": 2, "connection_timeout": "1s"}) as daemon:
            clients = [daemon.connect() for _ in range(20)]
            for client in clients:
                self.assertEqual(client.ask("SET", "k", "v", "PX", 500), b"OK")
            daemon.process.send_signal(signal.SIGSTOP)
            tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task")
            until(lambda: all((task / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T" for task in tasks.iterdir()))
            for client in clients:
                client.send("GET", "k")
            time.sleep(2)
            daemon.process.send_signal(signal.SIGCONT)
            self.assertEqual([client.read() for client in clients], [None] * len(clients))
            for client in clients:
                client.close()

    def test_after_a_kill_the_port_is_free_at_once_and_served_in_no_time(self):
        port, times = free_port(), []
        for _ in range(5):
            begun = time.monotonic()
            with Daemon(server={"port": port, "health_check_port": 0}) as daemon:
                client = daemon.connect()
                self.assertEqual(client.ask("SET", "k", "v"), b"OK")
                times.append(time.monotonic() - begun)
                daemon.process.kill()
                self.assertEqual(daemon.process.wait(10), -signal.SIGKILL)
                client.close()
        if "/debug/" not in executable():
            self.assertLess(min(times), 0.1, times)


class Certificates(unittest.TestCase):
    def test_files_that_are_written_in_pieces_never_replace_a_good_pair(self):
        directory = tempfile.mkdtemp(prefix="redistill-pieces-")
        self.addCleanup(shutil.rmtree, directory)
        authority = Authority(directory)
        pairs = [authority.issue(name) for name in ("first", "second")]
        certificate, key = pathlib.Path(directory) / "live.pem", pathlib.Path(directory) / "live.key"
        certificate.write_bytes(pairs[0][0].read_bytes())
        key.write_bytes(pairs[0][1].read_bytes())
        port = free_port()
        with Daemon(security={"tls_port": port, "tls_cert_path": str(certificate), "tls_key_path": str(key)}) as daemon:
            context = ssl.create_default_context(cafile=str(authority.certificate))

            def name():
                with context.wrap_socket(connected(daemon, port), server_hostname="localhost") as client:
                    return dict(pair[0] for pair in client.getpeercert()["subject"])["commonName"]

            with Client(0, wrapped=context.wrap_socket(connected(daemon, port), server_hostname="localhost")) as old:
                self.assertEqual(name(), "first")
                new_certificate, new_key = pairs[1][0].read_bytes(), pairs[1][1].read_bytes()
                for path, data in ((key, new_key), (certificate, new_certificate)):
                    for part in (0, 1, len(data) // 2, len(data) - 30):
                        path.write_bytes(data[:part])
                        daemon.reload()
                        self.assertEqual(name(), "first")
                    if path == certificate:
                        path.unlink()
                        daemon.reload()
                        self.assertEqual(name(), "first")
                    path.write_bytes(data)
                daemon.reload()
                until(lambda: name() == "second")
                self.assertEqual(old.ask("PING"), b"PONG")


if __name__ == "__main__":
    unittest.main()
