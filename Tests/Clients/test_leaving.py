"""Clients that go: who has quit is gone for everybody at once, and who hangs up is noticed, whatever it waits for."""

import os
import socket
import time
import unittest

from daemon import Redistill
from resp import Connection, request

OK = b"+OK\r\n"


class LeavingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "2"))

    def setUp(self):
        self.asker = self.enterContext(Connection(self.server))
        self.addCleanup(self.asker.ask, "CLIENT", "UNPAUSE")
        self.asker.ask("FLUSHALL")

    def open(self):
        connection = self.enterContext(Connection(self.server))
        return connection, int(connection.ask("CLIENT", "ID")[1:])

    def connected(self):
        return int(self.asker.ask("INFO", "clients").split(b"connected_clients:")[1].split(b"\r\n")[0])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def wait_until(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end)

    def test_who_has_quit_is_in_no_list(self):
        for _ in range(20):
            client, identity = self.open()
            self.assertEqual(client.ask("QUIT"), OK)
            # It has not closed its own end.
            self.assertNotIn(b"id=%d " % identity, self.asker.ask("CLIENT", "LIST"))
            self.assertEqual(self.asker.ask("CLIENT", "KILL", "ID", identity), b":0\r\n")
            self.assertEqual(self.connected(), 1)

    def test_who_has_quit_is_no_longer_told_for_another(self):
        for _ in range(20):
            tracker, _ = self.open()
            tracker.ask("HELLO", 3)
            listener, identity = self.open()
            listener.ask("HELLO", 3)
            self.assertEqual(tracker.ask("CLIENT", "TRACKING", "ON", "REDIRECT", identity), OK)
            tracker.ask("GET", "a")
            self.assertEqual(listener.ask("QUIT"), OK)
            self.asker.ask("SET", "a", "1")
            self.assertEqual(tracker.read(), b">2\r\n$21\r\ntracking-redir-broken\r\n:%d\r\n" % identity)
            self.assertTrue(self.asker.ask("CLIENT", "TRACKING", "ON", "REDIRECT", identity).startswith(b"-ERR The client ID"))
            self.assertEqual(listener.read_to_end(), b"")
            self.assertEqual(tracker.ask("QUIT"), OK)

    def test_who_has_quit_tracks_and_watches_nothing(self):
        client, _ = self.open()
        client.ask("HELLO", 3)
        client.pipeline([request(*line.split()) for line in ("CLIENT TRACKING ON", "GET a", "WATCH b")])
        self.assertEqual(client.ask("QUIT"), OK)
        self.assertIn(b"tracking_clients:0\r\n", self.asker.ask("INFO", "clients"))
        self.assertIn(b"tracking_total_keys:0\r\n", self.asker.ask("INFO", "stats"))
        self.assertIn(b"watching_clients:0\r\n", self.asker.ask("INFO", "clients"))

    def test_who_hangs_up_during_a_pause_gives_its_descriptor_back(self):
        for graceful in (True, False):
            before = self.descriptors()
            clients = [self.open()[0] for _ in range(50)]
            self.assertEqual(self.asker.ask("CLIENT", "PAUSE", "600000", "WRITE"), OK)
            for client in clients:
                client.socket.sendall(request("SET", "a", "1") + request("PING"))
            self.wait_until(lambda: self.asker.ask("CLIENT", "LIST").count(b" flags=b ") == 50)
            for client in clients:
                if not graceful:
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0" + bytes(4))
                client.file.close()
                client.socket.close()
            self.wait_until(lambda: self.connected() == 1 and self.descriptors() <= before)
            self.assertEqual(self.asker.ask("CLIENT", "UNPAUSE"), OK)
            self.assertEqual(self.asker.ask("GET", "a"), b"$-1\r\n")

    def test_who_is_held_by_a_pause_and_goes_on_sending_is_answered_after_it(self):
        client, _ = self.open()
        self.assertEqual(self.asker.ask("CLIENT", "PAUSE", "600000", "WRITE"), OK)
        client.socket.sendall(request("SET", "a", "1"))
        self.wait_until(lambda: b" flags=b " in self.asker.ask("CLIENT", "LIST"))
        for _ in range(20):
            client.socket.sendall(request("GET", "a"))
        self.assertEqual(self.asker.ask("CLIENT", "UNPAUSE"), OK)
        self.assertEqual([client.read() for _ in range(21)], [OK] + [b"$1\r\n1\r\n"] * 20)

    def test_a_pause_of_all_can_be_taken_back_by_who_has_to_authenticate_first(self):
        with Redistill(environment={"REDIS_PASSWORD": "s3cret"}) as server, Connection(server) as one:
            one.pipeline([request("AUTH", "s3cret"), request("CLIENT", "PAUSE", "600000", "ALL")])
            for greeting in (("AUTH", "s3cret"), ("HELLO", 2, "AUTH", "default", "s3cret")):
                with Connection(server) as other:
                    self.assertFalse(other.ask(*greeting).startswith(b"-"))
                    self.assertEqual(other.ask("CLIENT", "UNPAUSE"), OK)
                    self.assertEqual(other.ask("PING"), b"+PONG\r\n")
                    other.ask("CLIENT", "PAUSE", "600000", "ALL")
            with Connection(server) as other:
                self.assertTrue(other.ask("AUTH", "wrong").startswith(b"-WRONGPASS"))
                self.assertEqual(other.ask("QUIT"), OK)


if __name__ == "__main__":
    unittest.main()
