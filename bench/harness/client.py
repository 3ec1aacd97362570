"""This file owns a plain client: pipelined commands over one blocking connection, and replies read by length."""

import socket

from harness.errors import BenchError
from harness.servers import RunningServer

PATIENCE_SECONDS = 60


def encode(*arguments: bytes) -> bytes:
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        parts.append(b"$%d\r\n%b\r\n" % (len(argument), argument))
    return b"".join(parts)


class Client:
    def __init__(self, server: RunningServer):
        self.name = server.kind.name
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb", buffering=1 << 18)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.reader.close()
        self.socket.close()

    def send(self, request: bytes) -> None:
        self.socket.sendall(request)

    def reply(self) -> bytes | int | list | None:
        """
        A bulk, a simple string, a number or an array of these; an error reply ends the run unless it says OOM, which is
        returned.
        """
        line = self.reader.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self.reader.read(length + 2)[:-2]
        if kind == b":":
            return int(rest)
        if kind == b"*":
            return None if int(rest) < 0 else [self.reply() for _ in range(int(rest))]
        if kind == b"+" or rest.startswith(b"OOM"):
            return rest
        raise BenchError(f"{self.name} replied {line!r}")

    def ask(self, *arguments: bytes) -> bytes | int | list | None:
        self.send(encode(*arguments))
        return self.reply()

    def pipeline(self, requests: list[bytes]) -> list[bytes | int | list | None]:
        self.send(b"".join(requests))
        return [self.reply() for _ in requests]

    def info(self, section: bytes) -> dict[str, str]:
        lines = self.ask(b"INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)
