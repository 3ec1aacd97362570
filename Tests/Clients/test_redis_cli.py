"""redis-cli against redistilld, unmodified."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import unittest
from pathlib import Path

from daemon import Redistill
from resp import Connection, request


class RedisCli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(Redistill("--workers", "2"))

    def setUp(self):
        self.cli("FLUSHALL")

    def cli(self, *arguments, input=None, daemon=None, check=True):
        result = subprocess.run(
            ["redis-cli", "-h", "127.0.0.1", "-p", str((daemon or self.daemon).port), *arguments],
            input=input, capture_output=True, timeout=60)
        if check:
            self.assertEqual(result.returncode, 0, result)
            self.assertEqual(result.stderr, b"")
        return result.stdout.decode()

    def test_one_command_at_a_time(self):
        self.assertEqual(self.cli("PING"), "PONG\n")
        self.assertEqual(self.cli("SET", "k", "v", "EX", "100"), "OK\n")
        self.assertEqual(self.cli("GET", "k"), "v\n")
        self.assertEqual(self.cli("TTL", "k"), "100\n")
        self.assertEqual(self.cli("INCR", "n"), "1\n")
        self.assertEqual(self.cli("GET", "none"), "\n")
        self.assertIn("ERR unknown command", self.cli("NOPE", check=False))
        self.assertIn("redis_version:7.4.0", self.cli("INFO", "server"))

    def test_commands_from_standard_input(self):
        lines = "SET k \"a b\"\nGET k\nINCR n\nINCR n\nMGET k n none\n"
        self.assertEqual(self.cli(input=lines.encode()), "OK\na b\n1\n2\na b\n2\n\n")

    def test_a_value_from_standard_input(self):
        value = bytes(range(1, 256)) * 100
        self.assertEqual(self.cli("-x", "SET", "k", input=value), "OK\n")
        with Connection(self.daemon) as connection:
            self.assertEqual(connection.ask("GET", "k"), b"$%d\r\n%s\r\n" % (len(value), value))

    def test_resp3(self):
        self.assertEqual(self.cli("-3", "SET", "k", "v"), "OK\n")
        self.assertEqual(self.cli("-3", "GET", "k"), "v\n")
        self.assertIn("maxmemory", self.cli("-3", "CONFIG", "GET", "maxmemory"))
        self.assertIn('1# "proto" => (integer) 3', re.sub(r"\d+#", "1#", self.cli("-3", "--no-raw", "HELLO")))

    def test_help_of_the_server_is_used(self):
        self.assertIn("summary", self.cli("COMMAND", "DOCS", "GET"))
        self.assertIn("GETNAME", self.cli("CLIENT", "HELP"))

    def test_help_shows_parameters(self):
        for command, syntax in (("set", "key value [NX|XX|"), ("getex", "key [EX seconds|PX milliseconds|"), ("config set",
                "parameter value [parameter value ...]"), ("bitfield_ro", "key [GET encoding offset [GET encoding offset ...]]")):
            shown = self.cli(input=f"help {command}\n".encode())
            self.assertIn(f"{command.upper()}\x1b[0m \x1b[90m{syntax}", shown)

    def test_hints_show_parameters(self):
        """What a person sees who types: the rest of the arguments, in grey behind the cursor."""
        person, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 132, 0, 0))
        cli = subprocess.Popen(["redis-cli", "-p", str(self.daemon.port)], stdin=terminal, stdout=terminal, stderr=terminal,
                               env={**os.environ, "TERM": "xterm", "HOME": "/nonexistent"})
        try:
            self.show_until(person, b"> ")
            os.write(person, b"expire k ")
            self.show_until(person, b"seconds [NX|XX|GT|LT]")
        finally:
            cli.kill()
            cli.wait()
            os.close(person)
            os.close(terminal)

    def show_until(self, screen, wanted):
        shown = b""
        while wanted not in shown:
            self.assertTrue(select.select([screen], [], [], 30)[0], shown)
            shown += os.read(screen, 4096)

    def test_pipe(self):
        count = 50_000
        bytes = b"".join(request("SET", f"k{number}", f"v{number}") for number in range(count))
        output = self.cli("--pipe", input=bytes)
        self.assertIn(f"errors: 0, replies: {count}", output)
        self.assertEqual(self.cli("DBSIZE"), f"{count}\n")
        self.assertEqual(self.cli("GET", f"k{count - 1}"), f"v{count - 1}\n")

    def test_pipe_counts_errors(self):
        output = self.cli("--pipe", input=request("SET", "k", "v") + request("INCR", "k"), check=False)
        self.assertIn("errors: 1, replies: 2", output)

    def test_scan(self):
        names = {f"key:{number}" for number in range(3000)}
        self.cli("--pipe", input=b"".join(request("SET", name, "v") for name in names))
        self.assertEqual(set(self.cli("--scan").split()), names)
        self.assertEqual(set(self.cli("--scan", "--pattern", "key:2*").split()),
                         {name for name in names if name.startswith("key:2")})

    def test_bigkeys(self):
        self.cli("--pipe", input=b"".join(request("SET", f"k{number}", "v" * number) for number in range(1, 500)))
        output = self.cli("--bigkeys")
        self.assertRegex(output, r"Biggest string found '\"k499\"' has 499 bytes")

    def test_repeat(self):
        self.assertEqual(self.cli("-r", "5", "INCR", "n"), "1\n2\n3\n4\n5\n")

    def test_password(self):
        with Redistill(environment={"REDIS_PASSWORD": "s3cret"}) as daemon:
            self.assertIn("NOAUTH", self.cli("GET", "k", daemon=daemon, check=False))
            self.assertEqual(self.cli("--no-auth-warning", "-a", "s3cret", "PING", daemon=daemon), "PONG\n")
            self.assertEqual(
                self.cli("--no-auth-warning", "--user", "default", "-a", "s3cret", "-3", "PING", daemon=daemon), "PONG\n")

    def test_unix_socket(self):
        path = str(Path(self.daemon.directory) / "socket")
        with Redistill("--unix-socket", path) as daemon:
            result = subprocess.run(["redis-cli", "-s", path, "PING"], capture_output=True, timeout=60)
            self.assertEqual(result.stdout, b"PONG\n")


if __name__ == "__main__":
    unittest.main()
