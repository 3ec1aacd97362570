"""This file owns a running redistilld for a test: its configuration file, its ports, its log, its end."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

from daemon import ROOT, executable, free_port  # noqa: E402, F401  (for the tests, too)
from resp import request  # noqa: E402


class Daemon:
    """Starts the daemon with a configuration of sections and keys, and waits until it is ready."""

    def __init__(self, wait=True, limits=None, environment=None, **sections):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="redistill-"))
        self.port = sections.setdefault("server", {}).setdefault("port", free_port())
        self.http = sections["server"].setdefault("health_check_port", free_port())
        self.sections = sections
        self.config = self.directory / "redistill.toml"
        self.log = self.directory / "log"
        sections.setdefault("logging", {}).setdefault("log_file", str(self.log))
        self.write()
        self.process = subprocess.Popen(
            [executable(), "--config", str(self.config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **(environment or {})}, preexec_fn=limits)
        if wait:
            self.ready = self.process.stdout.readline()
            assert "ready on" in self.ready, self.ready + self.process.stderr.read()

    def write(self):
        lines = []
        for section, keys in self.sections.items():
            lines.append(f"[{section}]")
            for key, value in keys.items():
                text = str(value).lower() if isinstance(value, (bool, int)) else f'"{value}"'
                if isinstance(value, list):
                    text = "[" + ", ".join(f'"{item}"' for item in value) + "]"
                lines.append(f"{key} = {text}")
        self.config.write_text("\n".join(lines) + "\n")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def connect(self, port=None, timeout=10):
        return Client(port or self.port, timeout)

    def ask(self, *arguments):
        with self.connect() as client:
            return client.ask(*arguments)

    def info(self, section="everything"):
        text = self.ask("INFO", section).decode()
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    def cpu_ticks(self):
        """User and system time so far, in hundredths of a second."""
        return sum(map(int, pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().split()[13:15]))

    def lines(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def wait_for_line(self, part, seconds=10):
        until(lambda: any(part in line for line in self.lines()), seconds, f"no log line with {part!r}")

    def stop(self, number=signal.SIGTERM, seconds=20):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        shutil.rmtree(self.directory)


def until(condition, seconds=10, complaint="it did not happen in time"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(complaint)


class ErrorReply(str):
    """An error that the server replied with."""


class Client:
    """A RESP2 client that hides nothing."""

    def __init__(self, port, timeout=10, wrapped=None):
        self.socket = wrapped or socket.create_connection(("127.0.0.1", port), timeout)
        self.file = self.socket.makefile("rb")

    def send(self, *arguments):
        self.socket.sendall(request(*arguments))

    def ask(self, *arguments):
        self.send(*arguments)
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return ErrorReply(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.value(int(rest))
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        raise AssertionError(line)

    def value(self, length):
        """A value that the end of the connection cuts off is none."""
        data = self.file.read(length + 2)
        if len(data) < length + 2:
            raise EOFError
        return data[:-2]

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def over_unix(path):
    """A client of the Unix socket there."""
    raw = socket.socket(socket.AF_UNIX)
    raw.settimeout(10)
    raw.connect(path)
    return Client(0, wrapped=raw)
