"""This file owns a server made of one function: requests in, whatever bytes it returns out."""

import socket
import threading
from collections.abc import Callable

VALUE = b"$64\r\n" + b"v" * 64 + b"\r\n"
NULL = b"$-1\r\n"
OK = b"+OK\r\n"


def take_command(data: bytes) -> tuple[list[bytes], bytes] | None:
    """The first whole command of RESP, and what follows it; None: there is none yet."""
    head, found, rest = data.partition(b"\r\n")
    arguments = []
    for _ in range(int(head[1:]) if found else 0):
        size, found, rest = rest.partition(b"\r\n")
        if not found or len(rest) < int(size[1:]) + 2:
            return None
        arguments.append(rest[:int(size[1:])])
        rest = rest[int(size[1:]) + 2:]
    return (arguments, rest) if found else None


def take_line(data: bytes) -> tuple[list[bytes], bytes] | None:
    """The same of memcached's text protocol; a set's value is its last argument."""
    line, found, rest = data.partition(b"\r\n")
    words = line.split()
    if not found or words[0] != b"set":
        return (words, rest) if found else None
    size = int(words[-1])
    return (words + [rest[:size]], rest[size + 2:]) if len(rest) >= size + 2 else None


class Answering:
    """
    Answers each command with answer(arguments); None closes the connection. `piece` bytes are sent at a time, all of
    them when it is 0. `first` holds the first command of each connection.
    """

    def __init__(self, answer: Callable[[list[bytes]], bytes | None], piece: int = 0, take=take_command):
        self.answer, self.piece, self.take = answer, piece, take
        self.first: list[list[bytes]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *ignored):
        # A mere close would leave the thread in its accept.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        data, fresh = b"", True
        with connection:
            try:
                while got := connection.recv(1 << 16):
                    data += got
                    while taken := self.take(data):
                        arguments, data = taken
                        if fresh:
                            self.first.append(arguments)
                        fresh = False
                        reply = self.answer(arguments)
                        if reply is None:
                            return
                        self._send(connection, reply)
            except OSError:
                return

    def _send(self, connection: socket.socket, reply: bytes) -> None:
        piece = self.piece or len(reply) or 1
        for at in range(0, len(reply), piece):
            connection.sendall(reply[at:at + piece])
