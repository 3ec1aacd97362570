"""A crash is told in the log, once, and the process ends as it would have."""

import ctypes
import os
import re
import signal
import time
import unittest
from pathlib import Path

from configured import Daemon, request

LIBC = ctypes.CDLL(None, use_errno=True)
TGKILL = {"x86_64": 234, "aarch64": 131}[os.uname().machine]


def threads(daemon):
    """Those of the daemon, once all have begun and wait: the allocator's own takes no signal, and runs nothing of ours."""
    end = time.monotonic() + 5
    while True:
        found = {}
        for task in Path(f"/proc/{daemon.process.pid}/task").iterdir():
            name, state = (task / "stat").read_text().split("(", 1)[1].rsplit(") ", 1)
            found[int(task.name)] = name, state[0]
        begun = any(name == "jemalloc_bg_thd" for name, _ in found.values())
        if (begun and all(state == "S" for _, state in found.values())) or time.monotonic() > end:
            return [number for number, (name, _) in found.items() if name != "jemalloc_bg_thd"]


def signal_thread(daemon, thread, number):
    return LIBC.syscall(TGKILL, daemon.process.pid, thread, int(number))


def named(daemon, prefix):
    """Threads of that name, by their names."""
    found = {}
    for thread in threads(daemon):
        with open(f"/proc/{daemon.process.pid}/task/{thread}/comm") as file:
            name = file.read().strip()
        if name.startswith(prefix):
            found[name] = thread
    return found


def worker_of(daemon, client):
    """The thread that serves a client: the one that runs while only it asks."""
    def ticks(thread):
        with open(f"/proc/{daemon.process.pid}/task/{thread}/schedstat") as file:
            return int(file.read().split()[0])
    workers = named(daemon, "worker-").values()
    before = {thread: ticks(thread) for thread in workers}
    for _ in range(200):
        client.socket.sendall(request("PING") * 50)
        for _ in range(50):
            client.read()
    return max(workers, key=lambda thread: ticks(thread) - before[thread])


class Crashes(unittest.TestCase):
    def test_a_fault_in_a_command_is_told_with_its_backtrace(self):
        with Daemon(security={"enable_debug_command": "yes"}, server={"workers": 2}) as daemon, daemon.connect() as client:
            with daemon.connect() as other:
                other.ask("SET", "k", "v")
                client.send("DEBUG", "SEGFAULT")
                self.assertEqual(daemon.process.wait(20), -signal.SIGSEGV)
            text = daemon.log.read_text()
            self.assertEqual(text.count("=== CRASH REPORT"), 1)
            self.assertRegex(text, r"CRASH REPORT: Redistill \S+ got signal 11 \(SIGSEGV\), code 2, address 0x[0-9a-f]+\n")
            for function in ["fault", "cmd_debug", "rd_dispatch", "rd_batch_run", "run"]:
                self.assertRegex(text, rf"  0x[0-9a-f]+ {function}\+0x")
            self.assertIn("worker 0 (this thread), last commands: debug\n", text)
            self.assertIn("worker 1, last command: set\n", text)
            self.assertTrue(text.rstrip().endswith("=== END OF CRASH REPORT"))
            offsets = re.search(r"addr2line -Cfpie <program>(( 0x[0-9a-f]+)+)", text).group(1).split()
            self.assertGreaterEqual(len(offsets), 5)

    def test_each_thread_and_each_signal_is_told(self):
        for number in [signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGTRAP]:
            with self.subTest(signal=number), Daemon() as daemon:
                # The allocator's own thread lets no signal in.
                own = [thread for name in ["redistilld", "worker-", "listener", "feeder"]
                       for thread in named(daemon, name).values()]
                signal_thread(daemon, own[number % len(own)], number)
                self.assertEqual(daemon.process.wait(20), -number)
                text = daemon.log.read_text()
                self.assertIn(f"got signal {int(number)} ({number.name}), code -6, sent by process {os.getpid()}\n", text)
                self.assertTrue(text.rstrip().endswith("=== END OF CRASH REPORT"))

    def test_a_killed_worker_names_its_last_command(self):
        with Daemon(server={"workers": 2}) as daemon, daemon.connect() as client:
            worker = worker_of(daemon, client)
            client.ask("STRLEN", "k")
            signal_thread(daemon, worker, signal.SIGSEGV)
            self.assertEqual(daemon.process.wait(20), -signal.SIGSEGV)
            self.assertRegex(daemon.log.read_text(), rf"thread {worker} [^\n]*\n(.*\n)*worker \d \(this thread\), last commands: strlen\n")

    def test_two_threads_that_crash_are_told_once(self):
        for _ in range(5):
            with Daemon(server={"workers": 2}) as daemon, daemon.connect() as one, daemon.connect() as other:
                workers = [worker_of(daemon, one), worker_of(daemon, other)]
                self.assertNotEqual(*workers)
                for thread in workers:
                    signal_thread(daemon, thread, signal.SIGSEGV)
                self.assertEqual(daemon.process.wait(20), -signal.SIGSEGV)
                text = daemon.log.read_text()
                self.assertEqual((text.count("=== CRASH REPORT"), text.count("=== END OF CRASH REPORT")), (1, 1))

    def test_without_a_log_file_it_is_told_on_standard_error(self):
        with Daemon(logging={"log_file": ""}) as daemon:
            signal_thread(daemon, daemon.process.pid, signal.SIGABRT)
            self.assertEqual(daemon.process.wait(20), -signal.SIGABRT)
            self.assertIn("=== END OF CRASH REPORT", daemon.process.stderr.read())

    def test_debug_segfault_needs_what_debug_needs(self):
        with Daemon() as daemon, daemon.connect() as client:
            self.assertTrue(client.ask("DEBUG", "SEGFAULT").startswith("ERR DEBUG command not allowed."))
            self.assertEqual(client.ask("PING"), b"PONG")


def is_sanitized():
    from daemon import executable
    with open(executable(), "rb") as file:
        return b"__asan_init" in file.read() or b"__tsan_init" in file.read()


def load_tests(loader, tests, _):
    """A sanitizer reports crashes itself."""
    return unittest.TestSuite() if is_sanitized() else tests


if __name__ == "__main__":
    unittest.main()
