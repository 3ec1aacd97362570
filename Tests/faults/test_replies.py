"""No reply is for another request: what the worker writes for one client while others' commands are under way."""

import threading
import time
import unittest

from setting import Daemon, request


class Replies(unittest.TestCase):
    def test_the_late_answer_to_a_wrong_password_takes_nobody_elses_reply(self):
        security = {"password": "right", "auth_failure_delay": "20ms"}
        with Daemon(server={"workers": 1}, security=security) as daemon:
            friends = [daemon.connect() for _ in range(4)]
            for number, friend in enumerate(friends):
                self.assertEqual(friend.ask("AUTH", "right"), b"OK")
                self.assertEqual(friend.ask("SET", f"friend{number}", number), b"OK")
            guessers = [daemon.connect() for _ in range(20)]
            stopping, wrong = threading.Event(), []

            def ask(number):
                try:
                    while not stopping.is_set():
                        reply = friends[number].ask("GET", f"friend{number}")
                        if reply != b"%d" % number:
                            raise AssertionError(f"a friend got {reply}")
                except Exception as error:  # shown below
                    wrong.append(repr(error))

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(friends))]
            for thread in threads:
                thread.start()
            end, late = time.monotonic() + 1.5, 0
            while time.monotonic() < end and not wrong:
                for guesser in guessers:
                    guesser.socket.sendall(request("AUTH", "wrong"))
                for guesser in guessers:
                    reply = guesser.read()
                    if not str(reply).startswith("WRONGPASS"):
                        wrong.append(f"a guesser got {reply}")
                    late += 1
            stopping.set()
            for thread in threads:
                thread.join(20)
            self.assertEqual(wrong, [])
            self.assertGreater(late, 100)
            for client in friends + guessers:
                client.close()


if __name__ == "__main__":
    unittest.main()
