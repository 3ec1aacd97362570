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

    def read_nulls(self, count):
        """So many replies that are RESP3's null, at once. What is pushed meanwhile may be left half-read."""
        replies = b""
        while replies.count(b"_\r\n") - replies.count(b"invalidate\r\n_\r\n") < count:
            part = self.file.read1(65536)
            if not part:
                raise EOFError(replies[-100:])
            replies += part

    def read_to_end(self):
        """Everything to the end of the connection; a reset counts as one."""
        parts = []
        try:
            while part := self.file.read1(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)


class Simple(str):
    """A simple string, which is not the same as a bulk string of the same letters."""


class Set(list):
    """A set, in the order in which it was sent."""


def decode(reply):
    """The value of a reply's bytes, in RESP3."""
    value, rest = _decode(reply)
    if rest:
        raise ValueError(rest)
    return value


def _decode(data):
    line, rest = data.split(b"\r\n", 1)
    kind, text = line[:1], line[1:].decode()
    if kind == b"$":
        length = int(text)
        return (None, rest) if length < 0 else (rest[:length].decode(), rest[length + 2:])
    if kind in b":":
        return int(text), rest
    if kind == b"_":
        return None, rest
    if kind in b"*~%":
        values = []
        for _ in range(int(text) * (2 if kind == b"%" else 1)):
            value, rest = _decode(rest)
            values.append(value)
        if kind == b"%":
            return dict(zip(values[::2], values[1::2])), rest
        return (Set(values) if kind == b"~" else values), rest
    if kind in b"+-":
        return Simple(text), rest
    raise ValueError(line)
