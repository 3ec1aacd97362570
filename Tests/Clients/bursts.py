"""What clients can make the daemon hold: each burst holds as much as it can, and gives it up when its block ends."""

import contextlib
import socket
import ssl
import time

from resp import Connection, request

VALUE = b"v" * 1000


def fill(server, count, name=b"k", value=VALUE, first=1_000_000):
    """SETs of that many keys in pipelines; how many were taken. All keys of a name are of one length."""
    taken = 0
    with Connection(server) as client:
        for start in range(0, count, 500):
            some = [request(b"SET", b"%s:%d" % (name, i), value) for i in range(first + start, first + min(start + 500, count))]
            taken += sum(reply == b"+OK\r\n" for reply in client.pipeline(some))
    return taken


def keys(server):
    with Connection(server) as client:
        return int(client.ask("DBSIZE")[1:])


def info(client, section):
    text = client.ask("INFO", section).split(b"\r\n", 1)[1].decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def eventually(question, seconds=20):
    """Asks until the answer is true; the last answer."""
    end = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def send_all(client, data, seconds=5):
    """Sends what the peer takes; one that closes, or stops to take, is no failure."""
    client.settimeout(seconds)
    with contextlib.suppress(OSError):
        client.sendall(data)
        return True
    return False


@contextlib.contextmanager
def many(server, count):
    """So many sockets, closed at once at the end. Those that the daemon refuses are closed already."""
    clients = []
    try:
        for _ in range(count):
            clients.append(server.connect())
        yield clients
    finally:
        for client in clients:
            client.close()


@contextlib.contextmanager
def tracker_of_absent_keys(server, count=400_000):
    """One client tracks keys that do not exist."""
    with Connection(server) as client:
        client.ask("HELLO", "3")
        client.ask("CLIENT", "TRACKING", "ON")
        for start in range(0, count, 1000):
            client.socket.sendall(b"".join(request("GET", f"absent:{i}") for i in range(start, start + 1000)))
            client.read_nulls(1000)
        yield client


@contextlib.contextmanager
def broadcast_that_nobody_reads(server, count=10, writes=30_000):
    """Clients of CLIENT TRACKING ON BCAST that do not read, while keys of 500 bytes change."""
    with many(server, count) as clients:
        for client in clients:
            client.sendall(request("HELLO", "3") + request("CLIENT", "TRACKING", "ON", "BCAST"))
        fill(server, writes, b"b" * 500, b"1")
        yield


@contextlib.contextmanager
def monitors_that_nobody_reads(server, count=3, writes=40_000):
    with many(server, count) as clients:
        for client in clients:
            client.sendall(request("MONITOR"))
        fill(server, writes, b"m")
        yield


@contextlib.contextmanager
def queue_that_is_discarded(server, count=300_000):
    """MULTI, SETs, and DISCARD."""
    with Connection(server) as client, contextlib.suppress(OSError, EOFError):
        client.ask("MULTI")
        for start in range(0, count, 1000):
            client.pipeline([request("SET", f"q:{i}", "v" * 100) for i in range(start, start + 1000)])
        client.ask("DISCARD")
    yield


@contextlib.contextmanager
def queue_that_waits(server, count=50_000):
    """MULTI, SETs, and nothing more."""
    with Connection(server) as client:
        client.ask("MULTI")
        for start in range(0, count, 1000):
            client.pipeline([request("SET", f"q:{i}", "v" * 100) for i in range(start, start + 1000)])
        yield


@contextlib.contextmanager
def unfinished_arguments(server, count=60):
    """Clients that have sent thousands of small arguments, and some of 16 KB, of a request."""
    data = b"*20000\r\n" + b"$1\r\nx\r\n" * 5000 + (b"$16384\r\n" + b"x" * 16384 + b"\r\n") * 4
    with many(server, count) as clients:
        for client in clients:
            send_all(client, data, 1)
        yield


@contextlib.contextmanager
def tls_clients(server, count=1000):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    clients = []
    try:
        for _ in range(count):
            clients.append(context.wrap_socket(socket.create_connection(("127.0.0.1", server.tls_port), timeout=60)))
            clients[-1].sendall(b"PING\r\n")
        for client in clients:
            client.recv(10)
        yield
    finally:
        for client in clients:
            client.close()


@contextlib.contextmanager
def clients_that_pipeline(server, count=1500):
    """Each sends a pipeline of small SETs, and GETs of large replies, which it does not read."""
    batch = b"".join(request("SET", f"p:{1_000_000 + i}", b"v" * 200) + request("GET", f"k:{1_069_999 - i}")
                     for i in range(100)) * 5
    with many(server, count) as clients:
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(OSError):
                client.send(batch)
        yield


@contextlib.contextmanager
def replies_that_nobody_reads(server, count=150, replies=8000):
    """The kernel takes what it can of the replies, the rest waits with the daemon."""
    asked = request("GET", "k:1069999") * replies
    with many(server, count) as clients:
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            send_all(client, asked, 1)
        yield


@contextlib.contextmanager
def unfinished_values(server, count=40, sent=1_500_000, announced=2_000_000):
    """Clients that have sent a part of a large SET."""
    head = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n" % announced
    with many(server, count) as clients:
        for client in clients:
            send_all(client, head + b"x" * sent, 1)
        yield


@contextlib.contextmanager
def strangers(server, count=3000):
    """Nobody has said the password, and each has sent nine of ten arguments of 16 KB."""
    data = b"*10\r\n" + (b"$16384\r\n" + b"x" * 16384 + b"\r\n") * 9
    with many(server, count) as clients:
        for client in clients:
            send_all(client, data, 1)
        yield


ALL = [tracker_of_absent_keys, broadcast_that_nobody_reads, monitors_that_nobody_reads, queue_that_is_discarded,
       tls_clients, clients_that_pipeline, replies_that_nobody_reads, unfinished_values]
