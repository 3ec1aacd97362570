"""What differential tests share: starting the two servers, talking RESP to both, shrinking what fails.

No packages are needed. The daemon is $REDISTILLD (default .build/release/redistilld); $REDISTILL_DRIVER names a program
that takes `port workers` instead, for trying the C code alone. The other server is Debian's redis-server.
"""

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process on a free port of the loopback."""

    def __init__(self, make_command):
        self.port = free_port()
        self.directory = tempfile.TemporaryDirectory()
        self.log = open(Path(self.directory.name) / "log", "wb")
        self.process = subprocess.Popen(
            make_command(self.port), cwd=self.directory.name, stdout=self.log, stderr=self.log
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"server did not start: {self.output()}") from None
                time.sleep(0.02)

    def output(self):
        self.log.flush()
        return (Path(self.directory.name) / "log").read_text(errors="replace")[-4000:]

    def stop(self):
        self.process.terminate()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        output = self.output()
        self.log.close()
        self.directory.cleanup()
        return code, output


def start_redistill(workers=2):
    driver = os.environ.get("REDISTILL_DRIVER")
    if driver:
        return Server(lambda port: [driver, str(port), str(workers)])
    daemon = os.environ.get("REDISTILLD", str(ROOT / ".build/release/redistilld"))
    return Server(lambda port: [daemon, "--port", str(port), "--bind", "127.0.0.1"])


def start_redis():
    return Server(
        lambda port: ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    )


def encode(command):
    parts = [b"*%d\r\n" % len(command)]
    for argument in command:
        if isinstance(argument, str):
            argument = argument.encode()
        elif isinstance(argument, int):
            argument = b"%d" % argument
        parts.append(b"$%d\r\n%s\r\n" % (len(argument), argument))
    return b"".join(parts)


class Connection:
    """One connection whose replies are kept as the bytes that came."""

    def __init__(self, server, protocol=2):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.at = 0
        if protocol == 3:
            self.send([["HELLO", "3"]])
            self.reply()

    def close(self):
        self.socket.close()

    def send(self, commands):
        self.socket.sendall(b"".join(encode(command) for command in commands))

    def _more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("closed")
        self.buffer = self.buffer[self.at :] + data
        self.at = 0

    def _line(self):
        while True:
            end = self.buffer.find(b"\r\n", self.at)
            if end >= 0:
                line = self.buffer[self.at : end]
                self.at = end + 2
                return line
            self._more()

    def _exactly(self, count):
        while len(self.buffer) - self.at < count:
            self._more()
        data = self.buffer[self.at : self.at + count]
        self.at += count
        return data

    def reply(self):
        """The bytes of one whole reply."""
        line = self._line()
        kind, raw = line[:1], line + b"\r\n"
        if kind in b"$=!" and line[1:] != b"-1":
            raw += self._exactly(int(line[1:]) + 2)
        elif kind in b"*~>%|" and line[1:] != b"-1":
            for _ in range(int(line[1:]) * (2 if kind in b"%|" else 1)):
                raw += self.reply()
        return raw

    def run(self, commands):
        self.send(commands)
        return [self.reply() for _ in commands]

    def call(self, *command):
        return self.run([list(command)])[0]


def shrink(sequence, fails):
    """The shortest part of a failing sequence that still fails, found by leaving out ever smaller stretches."""
    size = max(1, len(sequence) // 2)
    while True:
        start, changed = 0, False
        while start < len(sequence):
            shorter = sequence[:start] + sequence[start + size :]
            if shorter and fails(shorter):
                sequence, changed = shorter, True
            else:
                start += size
        if size == 1 and not changed:
            return sequence
        size = max(1, size // 2)
