"""warm_restart = "after-crash": a daemon that was killed leaves its keys to the next one, by way of systemd."""

import os
import random
import re
import signal
import threading
import unittest

from configured import Client, Daemon, until
from kept import ManagedTest, digest, fill, is_loading

CRASHES = int(os.environ.get("CRASHES", "4"))
RECOVERED = "the process before has crashed, its keys are recovered"


class Writer(threading.Thread):
    """Writes and removes until its connection ends, and knows what was acknowledged."""

    def __init__(self, daemon, number, known):
        super().__init__()
        self.client, self.number, self.random = Client(daemon.port), number, random.Random(number)
        self.known, self.open, self.asked = known, None, 0

    def value(self):
        length = self.random.choice([self.random.randrange(60), self.random.randrange(1200), self.random.randrange(40_000),
                                     self.random.randrange(120_000)])
        return self.random.randbytes(20) * (length // 20 + 1)

    def run(self):
        try:
            while True:
                key = f"writer-{self.number}-{self.random.randrange(300)}"
                value = self.value() if self.random.random() < 0.8 else None
                self.open = key, value
                self.client.ask("SET", key, value) if value else self.client.ask("DEL", key)
                self.known[key], self.open = value, None
                self.asked += 1
        except (OSError, EOFError):
            self.client.__exit__()


class AfterCrash(ManagedTest):
    def start(self, warm_restart="after-crash", **sections):
        server = sections.pop("server", {})
        daemon = Daemon(server={"warm_restart": warm_restart, **server}, environment=self.manager.environment(),
                        security={"enable_debug_command": "local"}, **sections)
        self.addCleanup(daemon.__exit__)
        return daemon

    def again(self, daemon, number=signal.SIGKILL, wait=True):
        """Ends it by a signal, and starts the next one; which is `daemon` from then on."""
        daemon.stop(number)
        self.manager.take_all()
        daemon.process.stdout.close()
        daemon.process.stderr.close()
        daemon.process = self.manager.start(daemon)
        daemon.process.stderr = open(os.devnull)
        if wait:
            self.assertIn("ready on", daemon.process.stdout.readline())

    def losses(self, daemon, count=1):
        """Keys and shards, as the last of so many lines tells them."""
        until(lambda: sum(RECOVERED in line for line in daemon.lines()) == count, 10, "no word of a recovery")
        line = [line for line in daemon.lines() if RECOVERED in line][-1]
        keys, shards = re.search(r"lost_keys\W+(\d+)", line), re.search(r"lost_shards\W+(\d+) of", line)
        return int(keys[1]), int(shards[1])

    def test_killed_under_load_every_value_is_what_was_written_last(self):
        for workers in (1, 2):
            daemon = self.start(server={"workers": workers})
            known = {}
            for crash in range(CRASHES):
                writers = [Writer(daemon, number, known) for number in range(3)]
                for writer in writers:
                    writer.start()
                until(lambda: all(writer.asked > 200 for writer in writers), 60, "the writers do not get on")
                self.again(daemon)
                for writer in writers:
                    writer.join()
                lost_keys, lost_shards = self.losses(daemon, crash + 1)
                self.assertLessEqual(lost_shards, workers)
                missing = self.check(daemon, known, dict(writer.open for writer in writers if writer.open))
                self.assertLessEqual(missing, lost_keys + lost_shards)
                self.again(daemon, signal.SIGTERM)  # an end in order, after which a crash is the first again
            daemon.stop()
            self.manager.take_all()
            self.manager.forget()

    def check(self, daemon, known, written):
        """Each key has the value that was acknowledged last, or was being written. How many are missing."""
        missing = 0
        with daemon.connect() as client:
            for key, value in list(known.items()):
                found = client.ask("GET", key)
                if found != value and (key not in written or found != written[key]):
                    self.assertIsNone(found, f"{key} has a value that it should not have")
                    missing += 1
                known[key] = found
        return missing

    def test_all_kinds_of_values_outlive_a_crash(self):
        daemon = self.start(server={"num_shards": 16})
        with daemon.connect() as client:
            fill(client)
            before = digest(client)
        daemon.sections["server"]["num_shards"] = 64
        daemon.write()
        self.again(daemon, signal.SIGSEGV)
        self.assertEqual(self.losses(daemon), (0, 0))
        with daemon.connect() as client:
            self.assertEqual(digest(client), before)
            self.assertGreater(client.ask("PTTL", "timed"), 2_000_000)
            self.assertEqual(client.ask("CONFIG", "GET", "warm_restart"), [b"warm_restart", b"after-crash"])

    def test_what_a_script_has_left_half_done_is_lost(self):
        daemon = self.start()
        daemon.ask("MSET", *[str(word) for number in range(2000) for word in (number, number)])
        with daemon.connect() as client:
            client.send("EVAL", "redis.call('SET', KEYS[1], 'half'); while true do end", "1", "0")
            until(lambda: "BUSY" in str(daemon.ask("GET", "0")), 20, "the script does not begin")
            self.again(daemon)
        lost_keys, lost_shards = self.losses(daemon)
        self.assertEqual(lost_shards, 1)
        self.assertIsNone(daemon.ask("GET", "0"))
        self.assertEqual(daemon.ask("DBSIZE"), 2000 - lost_keys)

    def test_a_second_crash_within_a_minute_starts_cold(self):
        daemon = self.start()
        daemon.ask("SET", "k", "v")
        self.again(daemon)
        self.assertEqual(daemon.ask("GET", "k"), b"v")
        self.again(daemon)
        daemon.wait_for_line("starting cold")
        self.assertTrue(any("it crashed again" in line for line in daemon.lines()))
        self.assertIsNone(daemon.ask("GET", "k"))

    def test_an_end_in_order_is_as_without_it(self):
        daemon = self.start()
        with daemon.connect() as client:
            fill(client)
            before = digest(client)
        for _ in range(2):
            self.again(daemon, signal.SIGTERM)
            with daemon.connect() as client:
                self.assertEqual(digest(client), before)
            self.assertFalse(any(RECOVERED in line for line in daemon.lines()))

    def test_killed_while_a_snapshot_is_loaded_the_next_one_loads_it(self):
        path = os.path.join(self.directory, "snapshot.rdb")
        persistence = {"enabled": True, "snapshot_path": path, "save_on_shutdown": False}
        daemon = self.start(persistence=persistence)
        keys = 300_000
        daemon.ask("DEBUG", "POPULATE", str(keys))
        self.assertEqual(daemon.ask("SAVE"), b"OK")
        daemon.stop()
        self.manager.take_all()
        self.manager.forget()
        self.again(daemon, wait=False)
        until(lambda: is_loading(daemon), 20)
        self.again(daemon)
        self.assertTrue(any("the process before did not end in order" in line for line in daemon.lines()))
        self.assertEqual(daemon.ask("DBSIZE"), keys)
        daemon.ask("SET", "later", "1")
        self.again(daemon)
        self.assertEqual(self.losses(daemon), (0, 0))
        self.assertEqual(daemon.ask("GET", "later"), b"1")

    def test_without_systemd_it_says_that_a_crash_loses_the_keys(self):
        with Daemon(server={"warm_restart": "after-crash"}, environment={"NOTIFY_SOCKET": ""}) as daemon:
            daemon.wait_for_line("a crash will lose the keys")

    def test_plain_warm_restart_recovers_nothing(self):
        daemon = self.start(warm_restart=True)
        daemon.ask("SET", "k", "v")
        memory = [entry for entry in os.listdir(f"/proc/{daemon.process.pid}/fd")
                  if "redistill-store" in os.readlink(f"/proc/{daemon.process.pid}/fd/{entry}")]
        self.manager.stored = [os.open(f"/proc/{daemon.process.pid}/fd/{memory[0]}", os.O_RDWR)]
        daemon.sections["server"]["warm_restart"] = "after-crash"
        daemon.write()
        self.again(daemon)
        daemon.wait_for_line("starting cold")
        self.assertIsNone(daemon.ask("GET", "k"))

    def test_a_word_that_is_none_of_the_three_is_refused(self):
        daemon = self.start()
        daemon.sections["server"]["warm_restart"] = "always"
        daemon.write()
        daemon.reload()
        daemon.wait_for_line('true, false or "after-crash"')


if __name__ == "__main__":
    unittest.main()
