"""The keys outlive the process: SIGUSR2, systemd's store of descriptors, and what must not be taken over."""

import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

from configured import Daemon, executable, free_port, over_unix, until
from kept import ManagedTest, digest, fill, is_loading

UPGRADES = int(os.environ.get("UPGRADES", "10"))
ADOPTED = "the keys of the process before are here"


class Retrying:
    """A client that connects anew, once, when its connection ends, and says the same again."""

    def __init__(self, daemon):
        self.daemon, self.reconnects = daemon, 0
        self.client = daemon.connect()

    def ask(self, *arguments):
        try:
            return self.client.ask(*arguments)
        except (OSError, EOFError):
            self.reconnects += 1
            self.client.__exit__()
            self.client = self.daemon.connect()
            return self.client.ask(*arguments)


class Writer(threading.Thread):
    """Writes values of every size and checks what it wrote, until it is told to stop."""

    def __init__(self, daemon, number):
        super().__init__()
        self.client, self.number = Retrying(daemon), number
        self.random = random.Random(number)
        self.known, self.problem, self.over, self.asked = {}, None, False, 0

    def value(self):
        length = self.random.choice([self.random.randrange(60), self.random.randrange(1200), self.random.randrange(40_000),
                                     self.random.randrange(120_000)])
        return self.random.randbytes(20) * (length // 20 + 1)

    def step(self):
        key = f"writer-{self.number}-{self.random.randrange(200)}"
        if self.random.random() < 0.4:
            value = self.value()
            assert self.client.ask("SET", key, value) == b"OK"
            self.known[key] = value
        else:
            assert self.client.ask("GET", key) == self.known.get(key), f"{key} has another value"
        self.asked += 1

    def run(self):
        try:
            while not self.over:
                self.step()
            for key, value in self.known.items():
                assert self.client.ask("GET", key) == value, f"{key} has another value at the end"
        except BaseException as problem:
            self.problem = problem

    def stop(self):
        self.over = True
        self.join(60)


class Warm(Daemon):
    """A daemon of a program file of its own, which a test may replace."""

    def __init__(self, environment=None, limits=None, **sections):
        self.programs = pathlib.Path(tempfile.mkdtemp(prefix="redistill-program-"))
        self.program = self.programs / "redistilld"
        os.link(executable(), self.program) if self.links() else shutil.copy(executable(), self.program)
        sections.setdefault("server", {}).setdefault("warm_restart", True)
        saved = os.environ.get("REDISTILLD")
        os.environ["REDISTILLD"] = str(self.program)
        try:
            super().__init__(environment=environment, limits=limits, **sections)
        finally:
            os.environ.pop("REDISTILLD")
            if saved is not None:
                os.environ["REDISTILLD"] = saved

    def links(self):
        return os.stat(executable()).st_dev == os.stat(self.programs).st_dev

    def replace(self, text):
        """By another program, as a package's upgrade does it."""
        new = self.programs / "new"
        new.write_text(text)
        new.chmod(0o755)
        new.rename(self.program)

    def count(self, part):
        return sum(part in line for line in self.lines())

    def upgrade(self):
        before = self.count(ADOPTED)
        self.process.send_signal(signal.SIGUSR2)
        until(lambda: self.count(ADOPTED) > before, 20, "nobody took over")

    def begin_again(self, arguments, **options):
        """Another process instead of the one that there is."""
        self.stop()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        assert "ready on" in self.process.stdout.readline()

    def store_flags(self, flag):
        """Whether the parts of the store have that flag of VmFlags (proc_pid_smaps(5))."""
        found, is_store = set(), False
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps").read_bytes().splitlines():
            if line.startswith(b"VmFlags:") and is_store:
                found.add(flag in line.split())
            elif not line.split()[0].endswith(b":"):
                is_store = b"redistill-store" in line
        return found

    def drains(self):
        with socket.create_connection(("127.0.0.1", self.http), 10) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return b" 503 " in connection.recv(100)

    def command(self, name):
        return subprocess.run(
            [self.program, "--config", self.config, name], capture_output=True, text=True, timeout=60)

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        shutil.rmtree(self.programs)


def tell_of(listener, process):
    """As a daemon of a container, whose number of a process means another one here."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as file:
        text, said = f"process_id:{process}\r\nredistill_version:9\r\nrun_id:1\r\n", ""
        for line in file:
            said = line.decode().strip().upper()
            if said == "INFO":
                connection.sendall(f"${len(text)}\r\n{text}\r\n".encode())
            elif said == "DBSIZE":
                connection.sendall(b":0\r\n")
            elif said in ("HELLO", "CLIENT", "AUTH"):
                connection.sendall(b"+OK\r\n")


class Upgrade(unittest.TestCase):
    def test_under_load_every_value_is_there_after_each_of_many(self):
        with Warm(security={"enable_debug_command": "local"}, memory={"max_memory": "256mb"}) as daemon:
            with daemon.connect() as client:
                fill(client)
                before, until_then = digest(client), client.ask("PEXPIRETIME", "timed")
            writers = [Writer(daemon, number) for number in range(2)]
            for writer in writers:
                writer.start()
            for _ in range(UPGRADES):
                daemon.upgrade()
                with daemon.connect() as client:
                    self.assertEqual(digest(client), before)
                    self.assertEqual(client.ask("PEXPIRETIME", "timed"), until_then)
            for writer in writers:
                writer.stop()
                writer.client.client.__exit__()
                self.assertIsNone(writer.problem)
                self.assertLessEqual(writer.client.reconnects, UPGRADES)
                self.assertGreater(writer.asked, 100)
            self.assertEqual(daemon.stop(), 0)

    def test_what_connections_held_is_not_left_behind(self):
        with Warm() as daemon:
            used = []
            for _ in range(4):
                clients = [daemon.connect() for _ in range(4)]
                for client in clients:  # half of an argument that lies in the store, and a transaction
                    client.send("MULTI")
                    client.socket.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$400000\r\n" + b"x" * 300_000)
                until(lambda: int(daemon.info("memory")["mem_clients_values"]) > 1_000_000)
                daemon.upgrade()
                for client in clients:
                    client.__exit__()
                used.append(int(daemon.info("memory")["used_memory_dataset"]))
            self.assertEqual(len(set(used)), 1, used)

    def test_a_program_that_fails_is_not_begun(self):
        with Warm() as daemon, daemon.connect() as client:
            client.ask("SET", "k", "v")
            for text, reason in [("#!/bin/sh\necho it is broken >&2\nexit 3\n", "it is broken"),
                                 ("#!/bin/sh\nkill -9 $$\n", "signal 9"), ("no program", "it can't be begun: Exec format error")]:
                daemon.replace(text)
                daemon.process.send_signal(signal.SIGUSR2)
                daemon.wait_for_line(reason)
                self.assertEqual(client.ask("GET", "k"), b"v")
            self.assertEqual(daemon.count("this one serves on"), 3)

    def test_the_command_waits_for_the_next_program_and_says_why_there_is_none(self):
        with Warm() as daemon:
            daemon.ask("MSET", "a", "1", "b", "2")
            before = daemon.info("server")["run_id"]
            done = daemon.command("upgrade")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, f"^upgraded: process {daemon.process.pid}, Redistill .*, 2 keys\n$")
            self.assertNotEqual(daemon.info("server")["run_id"], before)
            self.assertEqual(daemon.ask("MGET", "a", "b"), [b"1", b"2"])
            self.assertEqual(daemon.stop(), 0)
            done = daemon.command("upgrade")
            self.assertEqual(done.returncode, 1)
            self.assertIn("redistilld upgrade: 127.0.0.1", done.stderr)

    def test_a_unix_socket_is_what_the_configuration_says(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="redistill-socket-"))
        self.addCleanup(shutil.rmtree, folder)
        first, second = folder / "first", folder / "second"
        with Warm(server={"unix_socket": first, "unix_socket_mode": "0700"}) as daemon:
            def upgrade(**changes):
                daemon.sections["server"].update(changes)
                daemon.write()
                daemon.upgrade()
                with over_unix(str(daemon.sections["server"]["unix_socket"])) as client:
                    self.assertEqual(client.ask("GET", "k"), b"v")

            daemon.ask("SET", "k", "v")
            upgrade(unix_socket_mode="0666")
            self.assertEqual(first.stat().st_mode & 0o777, 0o666)
            first.unlink()
            upgrade()
            upgrade(unix_socket=second)
            self.assertFalse(first.exists())

    def test_a_core_dump_leaves_the_store_out(self):
        with Warm() as daemon:
            for _ in range(2):
                self.assertEqual(daemon.store_flags(b"dd"), {True})
                daemon.upgrade()

    def test_nothing_is_sent_to_a_process_that_is_none_of_ours(self):
        with Warm() as daemon, subprocess.Popen(["sleep", "60"]) as other:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                daemon.sections["server"]["port"] = listener.getsockname()[1]
                daemon.write()
                teller = threading.Thread(target=tell_of, args=(listener, other.pid))
                teller.start()
                done = daemon.command("upgrade")
                teller.join()
            self.assertIn("nothing was sent", done.stderr)
            self.assertIsNone(other.poll())
            other.kill()

    def test_a_descriptor_that_is_not_open_is_only_told_of(self):
        inheritance = "\n".join(["store 3", *[f"listener {number} tcp {number} 127.0.0.1" for number in range(3, 12)]])
        with Warm(environment={"REDISTILLD_INHERITANCE": inheritance}) as daemon:
            daemon.wait_for_line("starting cold")
            self.assertEqual(daemon.ask("SET", "k", "v"), b"OK")
            self.assertEqual(daemon.stop(), 0)

    def test_in_a_cluster_with_another_map_keys_of_other_nodes_are_gone(self):
        ports, keys = [free_port(), free_port()], [f"key:{number}" for number in range(400)]
        own, other = [f"127.0.0.1:{port}" for port in ports]
        with Warm(server={"port": ports[0]}, cluster={"nodes": [own]}) as daemon:
            def upgrade(*nodes):
                daemon.sections["cluster"]["nodes"] = list(nodes)
                daemon.write()
                daemon.upgrade()

            for key in keys:
                daemon.ask("SET", key, "v")
            upgrade(own, other)
            moved = [key for key in keys if str(daemon.ask("GET", key)).startswith("MOVED")]
            self.assertTrue(100 < len(moved) < 300, len(moved))
            until(lambda: daemon.ask("DBSIZE") == len(keys) - len(moved))
            upgrade(own)
            for key in keys:
                self.assertEqual(daemon.ask("GET", key), None if key in moved else b"v")

    def test_with_another_number_of_shards_it_starts_cold(self):
        with Warm(server={"num_shards": 16}) as daemon:
            daemon.ask("SET", "k", "v")
            daemon.sections["server"]["num_shards"] = 32
            daemon.write()
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for_line("starting cold")
            self.assertIn("the number of shards has changed", daemon.log.read_text())
            self.assertIsNone(daemon.ask("GET", "k"))

    def test_a_wrong_configuration_leaves_it_as_it_is(self):
        with Warm() as daemon, daemon.connect() as client:
            client.ask("SET", "k", "v")
            daemon.sections["server"]["workers"] = -1
            daemon.write()
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for_line("this one serves on")
            self.assertEqual(client.ask("GET", "k"), b"v")

    def test_a_lower_limit_is_kept_by_what_is_adopted(self):
        with Warm(memory={"max_memory": "256mb", "eviction_policy": "allkeys-lru"}) as daemon:
            with daemon.connect() as client:
                for i in range(1000):
                    client.ask("SET", f"k{i}", "v" * 100_000)
            daemon.sections["memory"]["max_memory"] = "64mb"
            daemon.write()
            daemon.upgrade()
            until(lambda: int(daemon.info("memory")["used_memory"]) <= 64 << 20)
            self.assertGreater(daemon.ask("DBSIZE"), 400)

    def test_links_to_the_program_are_followed_anew(self):
        with Warm() as daemon:
            link, new = daemon.programs / "current", daemon.programs / "new"
            for version in ["old", "new"]:
                (daemon.programs / version).mkdir()
                os.link(daemon.program, daemon.programs / version / "redistilld")
            link.symlink_to("old")
            daemon.begin_again([link / "redistilld", "--config", daemon.config])
            link.unlink()
            link.symlink_to("new")
            daemon.upgrade()
            self.assertEqual(os.readlink(f"/proc/{daemon.process.pid}/exe"), str(new / "redistilld"))

    def test_a_program_that_is_gone_after_its_check_leaves_the_one_that_runs(self):
        with Warm() as daemon:
            kept = daemon.programs / "kept"
            os.link(daemon.program, kept)
            daemon.ask("SET", "k", "v")
            daemon.replace("#!/bin/sh\nrm \"$0\"\n")
            daemon.upgrade()
            kept.rename(daemon.program)
            daemon.upgrade()
            self.assertEqual(daemon.ask("GET", "k"), b"v")

    def test_a_program_that_says_much_is_heard_to_its_end(self):
        with Warm() as daemon:
            daemon.replace("#!/bin/sh\necho this is why >&2\nhead -c 300000 /dev/zero >&2\nexit 3\n")
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for_line("this is why", 5)

    def test_whoever_ignores_its_children_is_no_hindrance(self):
        with Warm(limits=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)) as daemon:
            daemon.upgrade()

    def test_a_limit_on_files_sizes_is_no_end(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))

        with Warm(limits=limit) as daemon:
            daemon.wait_for_line("warm_restart has no effect")
            self.assertEqual(daemon.ask("SET", "k", "v"), b"OK")

    def test_a_stop_overtakes_an_upgrade_and_saves(self):
        folder = tempfile.mkdtemp(prefix="redistill-snapshot-")
        self.addCleanup(shutil.rmtree, folder)
        path = pathlib.Path(folder) / "snapshot.rdb"
        with Warm(persistence={"enabled": True, "snapshot_path": path}, server={"shutdown_timeout": "20s"}) as daemon:
            with daemon.connect() as client:
                client.ask("SET", "k", b"v" * 8_000_000)
                for _ in range(6):  # more than the system holds for it: the server waits for this client
                    client.send("GET", "k")
                client.socket.recv(1)
                daemon.process.send_signal(signal.SIGUSR2)
                until(daemon.drains)
                daemon.process.send_signal(signal.SIGTERM)
                daemon.wait_for_line("stopping reason=SIGTERM")
            self.assertEqual(daemon.process.wait(20), 0)
            self.assertEqual(daemon.count(ADOPTED), 0)
            self.assertGreater(path.stat().st_size, 8_000_000)

    def test_when_it_is_off_nothing_happens(self):
        with Warm(server={"warm_restart": False}) as daemon, daemon.connect() as client:
            client.ask("SET", "k", "v")
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for_line("no upgrade: warm_restart is off")
            self.assertEqual(client.ask("GET", "k"), b"v")

    def test_killed_in_the_middle_the_next_start_is_cold(self):
        with Warm() as daemon:
            daemon.ask("SET", "k", "v")
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for_line("upgrade requested")
            daemon.process.kill()
            daemon.process.wait()
            with Daemon(server={"port": daemon.port, "warm_restart": True}) as next_one:
                self.assertIsNone(next_one.ask("GET", "k"))


class Restart(ManagedTest):
    def restart(self, daemon, is_kept=True):
        """Stops, and starts the next one; which is `daemon` from then on."""
        self.assertEqual(daemon.stop(), 0)
        self.manager.take_all()
        self.assertEqual(len(self.manager.stored), int(is_kept))
        daemon.process.stdout.close()
        daemon.process.stderr.close()
        daemon.process = self.manager.start(daemon)
        daemon.process.stderr = open(os.devnull)
        self.assertIn("ready on", daemon.process.stdout.readline())

    def test_the_store_of_descriptors_keeps_the_keys(self):
        with Daemon(server={"warm_restart": True}, environment=self.manager.environment(),
                    security={"enable_debug_command": "local"}) as daemon:
            with daemon.connect() as client:
                fill(client)
                before = digest(client)
            for _ in range(2):
                self.restart(daemon)
                with daemon.connect() as client:
                    self.assertEqual(digest(client), before)
                self.manager.until(b"FDSTOREREMOVE=1")
                self.assertEqual(self.manager.stored, [])

    def test_half_of_a_snapshot_is_not_kept_for_the_whole(self):
        path = os.path.join(self.directory, "snapshot.rdb")
        with Daemon(server={"warm_restart": True}, environment=self.manager.environment(),
                    persistence={"enabled": True, "snapshot_path": path, "save_on_shutdown": False},
                    security={"enable_debug_command": "local"}) as daemon:
            keys = 300_000
            daemon.ask("DEBUG", "POPULATE", str(keys))
            self.assertEqual(daemon.ask("SAVE"), b"OK")
            self.assertEqual(daemon.stop(), 0)
            daemon.process.stdout.close()
            daemon.process.stderr.close()
            self.manager.take_all()
            self.manager.forget()
            daemon.process = self.manager.start(daemon)
            daemon.process.stderr = open(os.devnull)
            until(lambda: is_loading(daemon))
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.wait_for_line("no upgrade: this is no time for it")
            if not is_loading(daemon):
                self.skipTest("this machine has loaded the snapshot already")
            self.restart(daemon, is_kept=False)
            self.assertEqual(daemon.ask("DBSIZE"), keys)

    def test_what_was_stored_by_a_process_that_did_not_end_in_order_is_not_used(self):
        with Daemon(server={"warm_restart": True}, environment=self.manager.environment()) as daemon:
            daemon.ask("SET", "k", "v")
            daemon.process.kill()
            daemon.process.wait()
            # Its memory, had somebody kept it: a process that runs has it open.
            daemon.process.stdout.close()
            daemon.process.stderr.close()
            self.manager.stored = [os.memfd_create("redistill-store")]
            daemon.process = self.manager.start(daemon)
            daemon.process.stderr = open(os.devnull)
            self.assertIn("ready on", daemon.process.stdout.readline())
            self.assertIsNone(daemon.ask("GET", "k"))
            daemon.wait_for_line("starting cold")


if __name__ == "__main__":
    unittest.main()
