"""Requests as bytes, replies as bytes: nothing is interpreted but where a reply ends."""


def request(*words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        if not isinstance(word, bytes):
            word = str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(parts)


class Connection:
    def __init__(self, server):
        self.socket = server.connect()
        self.file = self.socket.makefile("rb", buffering=1 << 16)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def ask(self, *words):
        self.socket.sendall(request(*words))
        return self.read()

    def send(self, bytes):
        self.socket.sendall(bytes)

    def pipeline(self, requests):
        self.socket.sendall(b"".join(requests))
        return [self.read() for _ in requests]

    def read(self):
        """The bytes of one reply; raises EOFError at the end of the connection."""
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(line)
        kind = line[:1]
        if kind in b"$=!":
            length = int(line[1:])
            return line + self.file.read(length + 2) if length >= 0 else line
        if kind in b"*~>%":
            count = max(int(line[1:]), 0) * (2 if kind == b"%" else 1)
            return line + b"".join(self.read() for _ in range(count))
        return line

    def read_to_end(self):
        """Everything to the end of the connection; a reset counts as one."""
        parts = []
        try:
            while part := self.file.read1(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)
