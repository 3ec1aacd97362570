"""iredis, the redis-cli with completion: at a terminal, with arguments, and from a pipe."""

import os
import pty
import subprocess
import tempfile

from peer import PASSWORD, DaemonTest, wait_until


class Iredis(DaemonTest):
    def setUp(self):
        super().setUp()
        home = tempfile.TemporaryDirectory()  # for its history and log
        self.addCleanup(home.cleanup)
        self.environment = {**os.environ, "HOME": home.name, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        # A terminal, since without one iredis reads its commands from standard input.
        self.keyboard, self.terminal = pty.openpty()
        self.addCleanup(os.close, self.keyboard)
        self.addCleanup(os.close, self.terminal)

    def iredis(self, *arguments, port=None, **options):
        return self.program("/usr/bin/iredis", "-h", "127.0.0.1", "-p", port or self.port, *arguments,
                            env=self.environment, **options)

    def test_commands_as_arguments(self):
        self.assertEqual(self.iredis("SET", "k", "'a value'", "EX", "100", stdin=self.terminal), "OK\n")
        self.assertEqual(self.iredis("GET", "k", stdin=self.terminal), "a value\n")
        self.assertEqual(self.iredis("INCR", "n", stdin=self.terminal), "1\n")
        self.assertIn("value is not an integer or out of range", self.iredis("INCR", "k", stdin=self.terminal))

    def test_commands_from_a_pipe(self):
        output = self.iredis("--decode", "utf-8", input="SET a 1\nMSET b 2 c 3\nMGET a b c\nSCAN 0\nCLIENT LIST\n")
        for expected in ("OK", "1\n2\n3", "cmd=client"):
            self.assertIn(expected, output)
        self.assertEqual(self.count_keys(), 3)

    def test_a_session_at_a_terminal(self):
        session = subprocess.Popen(
            ["/usr/bin/iredis", "-h", "127.0.0.1", "-p", str(self.port)], env=self.environment,
            stdin=self.terminal, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            os.write(self.keyboard, b"SET typed 'a value'\r")
            wait_until(lambda: self.command("GET typed") == b"$7\r\na value\r\n")
            os.write(self.keyboard, b"exit\r")
            self.assertEqual(session.wait(timeout=60), 0)
        finally:
            session.kill()
            session.wait()

    def test_a_password(self):
        self.assertEqual(self.iredis("-a", PASSWORD, "PING", port=self.locked_port(), stdin=self.terminal), "PONG\n")
