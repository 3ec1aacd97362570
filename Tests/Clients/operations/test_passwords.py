"""Passwords: a right one waits for nobody, wrong ones are slow, and its bytes are bytes."""

import contextlib
import tempfile
import time
import unittest

from configured import Daemon, ErrorReply, over_unix, request, until

WRONG = "WRONGPASS invalid username-password pair or user is disabled."
FREE = 10  # wrong ones of an address that are answered at once
CLOCK_STEP = 0.01  # timers go by the kernel's coarse clock, whose steps of 4 ms they may end early by


def spend_free_ones(client):
    for _ in range(FREE):
        assert client.ask("AUTH", "wrong") == WRONG


def daemon(delay="30s", **server):
    return Daemon(security={"password": "right", "auth_failure_delay": delay}, server=server)


class Guesses(unittest.TestCase):
    def test_the_right_password_waits_for_no_wrong_one_of_its_address(self):
        with daemon() as server, contextlib.ExitStack() as stack:
            retrying = [stack.enter_context(server.connect()) for _ in range(50)]
            spend_free_ones(retrying[0])
            for client in retrying:
                client.send("AUTH", "old")
            with server.connect() as counter:
                counter.ask("AUTH", "right")
                until(lambda: b"auth_attempts_delayed:50\r" in counter.ask("INFO", "stats"))
            for attempt in [("AUTH", "right"), ("AUTH", "default", "right"), ("HELLO", "2", "AUTH", "default", "right")]:
                with server.connect(timeout=5) as client:
                    self.assertNotIsInstance(client.ask(*attempt), ErrorReply)
                    self.assertEqual(client.ask("PING"), b"PONG")

    def test_a_wrong_one_holds_its_connection(self):
        """However much is sent, one guess is looked at in each delay; over a Unix socket, and by HELLO, too."""
        for attempt in [("AUTH", "guess"), ("HELLO", "3", "AUTH", "default", "guess")]:
            for unix in (False, True):
                with self.subTest(attempt=attempt, unix=unix), tempfile.TemporaryDirectory() as directory:
                    path = directory + "/socket"
                    with daemon(unix_socket=path) as server, server.connect() as counter:
                        with over_unix(path) if unix else server.connect() as guesser:
                            guesser.socket.sendall(request(*attempt) * 1000)
                            for _ in range(FREE):
                                self.assertEqual(guesser.read(), WRONG)
                            counter.ask("AUTH", "right")
                            until(lambda: b"auth_attempts_delayed:1\r" in counter.ask("INFO", "stats"))
                            self.assertIn(b"acl_access_denied_auth:11\r", counter.ask("INFO", "stats"))

    def test_the_delay_grows_and_the_order_of_answers_stays(self):
        with daemon(delay="100ms") as server, server.connect() as client:
            spend_free_ones(client)
            times = []
            for _ in range(21):
                start = time.monotonic()
                client.socket.sendall(request("AUTH", "wrong") + request("PING"))
                self.assertEqual(client.read(), WRONG)
                times.append(time.monotonic() - start)
                self.assertEqual(client.read(), "NOAUTH Authentication required.")
            self.assertGreaterEqual(min(times[:10]), 0.1 - CLOCK_STEP)
            self.assertGreaterEqual(min(times[10:20]), 0.2 - CLOCK_STEP)
            self.assertGreaterEqual(times[20], 0.4 - CLOCK_STEP)
            self.assertEqual(client.ask("AUTH", "right"), b"OK")
            stats = client.ask("INFO", "everything").decode()
            self.assertIn("acl_access_denied_auth:31\r", stats)
            self.assertIn("auth_attempts_delayed:21\r", stats)
            self.assertRegex(stats, r"cmdstat_auth:calls=32,.*failed_calls=31\r")
            self.assertIn("errorstat_WRONGPASS:count=31\r", stats)

    def test_no_more_connections_are_held_than_leaves_room_for_others(self):
        with daemon(max_connections=16) as server, contextlib.ExitStack() as stack:
            guessers = [stack.enter_context(server.connect()) for _ in range(4)]
            spend_free_ones(guessers[0])
            for client in guessers:
                client.send("AUTH", "wrong")
            answers = []
            for client in guessers:
                client.socket.settimeout(2)
                with contextlib.suppress(TimeoutError):
                    answers.append((client.read(), client.file.read()))
            self.assertEqual(answers, [(WRONG, b"")] * 2)
            with server.connect() as client:
                self.assertEqual(client.ask("AUTH", "right"), b"OK")
                stats = client.ask("INFO", "stats")
                self.assertIn(b"auth_attempts_delayed:2\r", stats)
                self.assertIn(b"auth_attempts_refused:2\r", stats)

    def test_who_goes_gives_the_place_back(self):
        """It may go before its answer is due; a hold ends all the same."""
        with daemon(delay="50ms", max_connections=16) as server, server.connect() as counter:
            counter.ask("AUTH", "right")
            spend_free_ones(counter)
            for number in range(1, 9):
                with server.connect() as client:
                    client.send("AUTH", "wrong")
                    until(lambda: b"auth_attempts_delayed:%d\r" % number in counter.ask("INFO", "stats"))
                until(lambda: b"connected_clients:1\r" in counter.ask("INFO", "clients"))

    def test_who_is_authenticated_cannot_guess_in_bulk(self):
        with daemon(delay="1s") as server, server.connect() as client:
            self.assertEqual(client.ask("AUTH", "right"), b"OK")
            client.socket.sendall(request("MULTI") + request("AUTH", "wrong") * 100 + request("PING") + request("EXEC"))
            self.assertEqual(client.read(), b"OK")
            self.assertEqual([client.read() for _ in range(101)], [b"QUEUED"] * 101)
            answers = client.read()
            self.assertEqual(answers[:11], [WRONG] * 11)
            self.assertEqual(set(answers[11:100]), {"ERR a wrong password came just before, try again later"})
            self.assertEqual(answers[100], b"PONG")
            self.assertEqual(client.ask("AUTH", "right"), b"OK")
            stats = client.ask("INFO", "stats")
            self.assertIn(b"acl_access_denied_auth:11\r", stats)
            self.assertIn(b"auth_attempts_refused:89\r", stats)

    def test_a_stop_does_not_wait_for_the_delay(self):
        with daemon(delay="60s") as server, server.connect() as client:
            spend_free_ones(client)
            client.send("AUTH", "wrong")
            with server.connect() as counter:
                counter.ask("AUTH", "right")
                until(lambda: b"auth_attempts_delayed:1\r" in counter.ask("INFO", "stats"))
            start = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - start, 4)
            self.assertEqual(client.read(), WRONG)


class TakenAway(unittest.TestCase):
    def test_without_a_password_nobody_is_asked_for_it(self):
        with daemon() as server, server.connect() as admin, server.connect() as early:
            self.assertEqual(early.ask("PING"), "NOAUTH Authentication required.")
            self.assertEqual(admin.ask("AUTH", "right"), b"OK")
            self.assertEqual(admin.ask("CONFIG", "SET", "requirepass", ""), b"OK")
            self.assertEqual(early.ask("PING"), b"PONG")
            self.assertEqual(early.ask("MGET", *["k"] * 30), [None] * 30)
            self.assertEqual(admin.ask("CONFIG", "SET", "requirepass", "new"), b"OK")
            self.assertEqual(early.ask("PING"), "NOAUTH Authentication required.")

    def test_reset_starts_the_time_to_authenticate(self):
        with Daemon(security={"password": "right", "auth_timeout": "2s"}) as server, server.connect() as client:
            self.assertEqual(client.ask("AUTH", "right"), b"OK")
            until(lambda: client.ask("PING") and b"age=3" in client.ask("CLIENT", "INFO"))
            self.assertEqual(client.ask("RESET"), b"RESET")
            start = time.monotonic()
            self.assertEqual(client.ask("PING"), "NOAUTH Authentication required.")
            self.assertEqual(client.file.read(), b"")
            self.assertGreater(time.monotonic() - start, 0.9)


class Bytes(unittest.TestCase):
    SECRET = b"\xff\xfe\0abc"

    def test_a_password_is_bytes(self):
        with daemon() as server, server.connect() as admin:
            admin.ask("AUTH", "right")
            self.assertEqual(admin.ask("CONFIG", "SET", "requirepass", self.SECRET), b"OK")
            for wrong in [self.SECRET.decode(errors="replace"), self.SECRET[:3], b"\xff\xfe", b""]:
                with server.connect() as client:
                    self.assertEqual(client.ask("AUTH", wrong), WRONG)
            for attempt in [("AUTH", self.SECRET), ("AUTH", "default", self.SECRET),
                            ("HELLO", "2", "AUTH", "default", self.SECRET)]:
                with server.connect() as client:
                    self.assertNotIsInstance(client.ask(*attempt), ErrorReply)
            self.assertEqual(admin.ask("CONFIG", "REWRITE"),
                             "ERR Rewriting config file: password holds bytes that no TOML file can; put it into a file "
                             "of its own and name that in password_file")
            self.assertEqual(admin.ask("CONFIG", "GET", "requirepass"), [b"requirepass", b"<redacted>"])

    def test_a_password_of_the_environment_or_a_file_is_bytes(self):
        secret = b"\xff\xc2\x85\x0babc"
        with tempfile.NamedTemporaryFile() as file:
            file.write(secret + b"\r\nsecond line\n")
            file.flush()
            for given in [{"environment": {b"REDIS_PASSWORD": secret}}, {"security": {"password_file": file.name}}]:
                with Daemon(**given) as server, server.connect() as client:
                    self.assertEqual(client.ask("AUTH", secret), b"OK")

    def test_a_name_that_is_no_text_comes_back_as_it_was(self):
        with Daemon() as server, server.connect() as client:
            client.send("CONFIG", "SET", b"no\xffname", "1")
            self.assertEqual(client.file.readline(),
                             b"-ERR Unknown option or number of arguments for CONFIG SET - 'no\xffname'\r\n")


if __name__ == "__main__":
    unittest.main()
