"""A bad network between client and daemon: nothing is stuck, no write that was acknowledged is lost."""

import pathlib
import socket
import threading
import time
import unittest

import wire
from setting import Client, Daemon, descriptors, request, settled, until
from wire import FAR, Quality, Wire


def daemon_behind(line, performance=None, **server):
    keys = {"bind": [FAR, "127.0.0.1"], "workers": 2, "health_check_port": 0, **server}
    return Daemon(limits=lambda: wire.enter(line.path(1)), server=keys, security={"protected_mode": False},
                  performance=performance or {})


def unacknowledged(daemon):
    """Bytes that the kernel of the daemon's side waits for acknowledgements of."""
    lines = pathlib.Path(f"/proc/{daemon.process.pid}/net/tcp").read_text().splitlines()[1:]
    return sum(int(line.split()[4].split(":")[0], 16) for line in lines if line.split()[3] == "01")


class Numbers(threading.Thread):
    """Writes numbers, reads each back, and connects anew when it has lost its connection."""

    def __init__(self, line, port, name, seconds, timeout=15):
        super().__init__()
        self.line, self.port, self.name, self.timeout = line, port, name, timeout
        self.end = time.monotonic() + seconds
        self.acknowledged, self.sent, self.lost = 0, 0, 0
        self.wrong = None
        self.longest = 0.0

    def client(self):
        with self.line.near():
            return Client(0, wrapped=socket.create_connection((FAR, self.port), self.timeout))

    def run(self):
        try:
            client = self.client()
            while time.monotonic() < self.end:
                try:
                    self.exchange(client)
                except ConnectionError:
                    self.lost += 1
                    client.close()
                    client = self.client()
            client.close()
        except Exception as error:  # shown by the test
            self.wrong = repr(error)

    def exchange(self, client):
        begun = time.monotonic()
        numbers = range(self.sent + 1, self.sent + 11)
        self.sent += 10
        large = b"x" * 20_000
        client.socket.sendall(b"".join(
            request("SET", self.name, number) + request("GET", self.name) + request("ECHO", large) for number in numbers))
        for number in numbers:
            if client.read() != b"OK":
                raise AssertionError("no OK")
            self.acknowledged = number
            value, echo = client.read(), client.read()
            if value != b"%d" % number or echo != large:
                raise AssertionError(f"{value} instead of {number}")
        self.longest = max(self.longest, time.monotonic() - begun)


@unittest.skipUnless(wire.usable(), "needs root, ip and /dev/net/tun")
class Network(unittest.TestCase):
    def numbers(self, line, daemon, seconds, count=6):
        clients = [Numbers(line, daemon.port, f"n{number}", seconds) for number in range(count)]
        for client in clients:
            client.start()
        return clients

    def finish(self, line, daemon, clients):
        """All came through, and what was acknowledged last is there; or what was sent after it."""
        for client in clients:
            client.join(60)
            self.assertFalse(client.is_alive(), "a client is stuck")
            self.assertIsNone(client.wrong)
            self.assertGreater(client.acknowledged, 10)
        with line.near(), Client(0, wrapped=socket.create_connection((FAR, daemon.port), 20)) as reader:
            for client in clients:
                self.assertIn(int(reader.ask("GET", client.name)), range(client.acknowledged, client.sent + 1))

    def test_delay_loss_and_reordering_lose_nothing(self):
        quality = Quality(delay=0.01, jitter=0.01, loss=0.02, reorder=0.05)
        with Wire(quality) as line, daemon_behind(line) as daemon:
            self.finish(line, daemon, self.numbers(line, daemon, 4))

    def test_a_link_that_goes_down_and_up_leaves_nobody_stuck(self):
        with Wire(Quality(delay=0.002)) as line, daemon_behind(line) as daemon:
            clients = self.numbers(line, daemon, 6)
            for _ in range(2):
                time.sleep(0.7)
                line.becomes(down=True)
                time.sleep(0.7)
                line.becomes(down=False)
            line.cable(False)
            time.sleep(0.5)
            line.cable(True)
            self.finish(line, daemon, clients)

    def vanish(self, line, daemon, before, ask):
        with line.near():
            clients = [Client(0, wrapped=socket.create_connection((FAR, daemon.port), 20)) for _ in range(20)]
        for client in clients:
            self.assertEqual(client.ask("SET", "large", b"v" * 3_000_000), b"OK")
            if ask:  # nobody reads, so that most of the answer waits with the daemon
                client.send("GET", "large")
        if not ask:  # what is sent and not acknowledged is no silence, and the keepalive does not look at it
            until(lambda: unacknowledged(daemon) == 0)
        line.becomes(down=True)
        left = settled(lambda: descriptors(daemon.process.pid), lambda number: number <= before, 45)
        self.assertLessEqual(left, before, "connections to peers that are gone")
        for client in clients:
            client.close()

    def test_idle_clients_that_vanish_without_a_word_are_found_by_the_keepalive(self):
        with Wire() as line, daemon_behind(line, performance={"tcp_keepalive": "2s"}) as daemon:
            self.vanish(line, daemon, descriptors(daemon.process.pid), ask=False)

    def test_clients_that_vanish_with_replies_under_way_are_found_by_the_idle_timeout(self):
        """Which has them close, and gives them up when they have taken nothing for half a minute more."""
        with Wire() as line, daemon_behind(line, connection_timeout="2s") as daemon:
            self.vanish(line, daemon, descriptors(daemon.process.pid), ask=True)


if __name__ == "__main__":
    unittest.main()
