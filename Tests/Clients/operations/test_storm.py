"""Operators' commands in a storm: pauses, kills, watchers and resets under load, without one wrong reply."""

import random
import threading
import time
import unittest

from configured import Daemon, request

SECONDS = 6


class Storm(unittest.TestCase):
    def setUp(self):
        self.end = time.monotonic() + SECONDS
        self.wrong = []
        self.served = 0

    def repeat(self, work):
        """Over and over; being killed, or closed as too slow, is part of the storm."""
        while time.monotonic() < self.end:
            try:
                with self.daemon.connect() as client:
                    work(client)
            except (OSError, EOFError):
                pass

    def load(self, client):
        key = f"k{threading.get_ident()}"
        for _ in range(random.randint(1, 60)):
            value = "x" * random.choice([10, 1000, 40000])
            client.socket.sendall(
                request("SET", key, value) + request("GET", key) + b'GET "%s"\r\n' % key.encode() + request("NOSUCH"))
            replies = [client.read() for _ in range(4)]
            if replies[:3] != [b"OK", value.encode(), value.encode()]:
                self.wrong.append(str(replies)[:200])
            self.served += 1

    def administer(self, client):
        client.ask("CLIENT", "PAUSE", random.randint(1, 150), random.choice(["WRITE", "ALL"]))
        time.sleep(random.random() / 5)
        client.ask("CLIENT", "UNPAUSE")
        clients = client.ask("CLIENT", "LIST").decode().split()
        ids = [field[3:] for field in clients if field.startswith("id=")]
        for identity in random.sample(ids, min(2, len(ids))):
            client.ask("CLIENT", "KILL", "ID", identity)
        for command in [("SLOWLOG", "GET", "-1"), ("LATENCY", "HISTOGRAM"), ("CONFIG", "RESETSTAT"), ("INFO", "all")]:
            client.ask(*command)

    def watch(self, client):
        client.ask("MONITOR")
        for _ in range(random.randint(1, 300)):
            client.read()
        if random.random() < 0.5:
            client.send("RESET")

    def test_no_reply_is_wrong(self):
        with Daemon(server={"workers": 4}, logging={"slowlog_log_slower_than": 0}) as self.daemon:
            works = [self.load] * 6 + [self.administer] * 2 + [self.watch] * 2
            threads = [threading.Thread(target=self.repeat, args=(work,)) for work in works]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(self.wrong, [])
            self.assertGreater(self.served, 100)
            info = self.daemon.info()
            self.assertEqual((info["blocked_clients"], info["monitor_clients"]), ("0", "0"))
            self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
