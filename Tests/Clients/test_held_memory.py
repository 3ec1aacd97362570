"""What clients make the daemon hold: announced arguments, replies that nobody reads, lines for MONITOR, LCS."""

import random
import resource
import socket
import time
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, request

MIB = 1 << 20
LIMIT = 64 * MIB
# Beyond the limit: the program itself, its buffers, what one turn of a worker may bring before relief takes it back.
ALLOWANCE = 28 * MIB


def raise_descriptors(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def peak(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def info(connection, field):
    for line in connection.ask("INFO", "everything").split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.decode() == field:
            return int(value)
    raise KeyError(field)


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            return value
        time.sleep(0.02)
    return value


def limited(*flags):
    return Redistill("--workers", "2", "--max-memory", str(LIMIT), *flags)


def fill(connection, size=1000):
    """Keys until some are evicted, and a little on; how many there are."""
    number = 0
    while info(connection, "evicted_keys") < 5000:
        connection.pipeline([request("SET", f"fill:{n}", b"v" * size) for n in range(number, number + 5000)])
        number += 5000
    return int(connection.ask("DBSIZE")[1:])


class AnnouncedArguments(unittest.TestCase):
    def test_announcing_neither_evicts_nor_counts(self):
        raise_descriptors(4096)
        with limited("--eviction-policy", "allkeys-lru") as server, Connection(server) as client:
            keys, used = fill(client), info(client, "used_memory")
            evicted = info(client, "evicted_keys")
            held = []
            for number in range(1000):
                announcer = server.connect()
                announcer.sendall(b"*3\r\n$3\r\nSET\r\n$5\r\nk%04d\r\n$1000000\r\n" % number)
                held.append(announcer)
            client.ask("PING")
            # What the connections themselves take may cost some keys.
            self.assertGreater(int(client.ask("DBSIZE")[1:]), keys * 0.9)
            self.assertLess(info(client, "evicted_keys") - evicted, keys // 10)
            self.assertLess(abs(info(client, "used_memory") - used), 6 * MIB)
            for announcer in held:
                announcer.close()

    def test_thousands_of_announcements_leave_room_for_large_values(self):
        count = min(raise_descriptors(8192) - 200, 2500)
        with limited("--eviction-policy", "noeviction", "--max-connections", "5000") as server, Connection(server) as client:
            value = b"x" * 40_000

            def others_fit():
                replies = client.pipeline([request("SET", f"k:{n}", value) for n in range(1000)])
                self.assertEqual(set(replies), {b"+OK\r\n"})
                self.assertEqual(client.ask("GET", "k:999"), b"$40000\r\n" + value + b"\r\n")
                self.assertEqual(client.ask("SET", "large", b"y" * (8 * MIB)), b"+OK\r\n")
                client.ask("FLUSHALL")

            with_limit_off = client.ask("CONFIG", "SET", "maxmemory", "0")
            self.assertEqual(with_limit_off, b"+OK\r\n")
            held = []
            for _ in range(count):
                announcer = server.connect()
                announcer.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870910\r\n")
                held.append(announcer)
            others_fit()
            for announcer in held:
                announcer.close()
            self.assertTrue(until(lambda: info(client, "connected_clients") == 1))
            for _ in range(4):
                others_fit()


class Replies(unittest.TestCase):
    ATTACKS = {
        "GETRANGE": lambda: b"".join([request("GETRANGE", "large", 1, -1)] * 64),
        "MGET": lambda: request("MGET", *["sixteen"] * 40_000),
        "MGET of smaller values": lambda: request("MGET", *["fifteen"] * 40_000),
        "EXEC": lambda: request("MULTI") + b"".join([request("GETRANGE", "large", 0, 5_000_000)] * 200) + request("EXEC"),
        "DUMP": lambda: b"".join([request("DUMP", "large")] * 64),
        "COMMAND DOCS": lambda: request("MULTI") + b"".join([request("COMMAND", "DOCS")] * 2000) + request("EXEC"),
    }

    def test_replies_that_nobody_reads_stay_within_the_limit(self):
        for name, attack in self.ATTACKS.items():
            with self.subTest(name), limited("--output-buffer-limit", str(MIB)) as server, Connection(server) as client:
                client.ask("SET", "large", b"x" * (10 * MIB))
                client.ask("SET", "sixteen", b"y" * 16_384)
                client.ask("SET", "fifteen", b"z" * 15_000)
                attacker = server.connect()
                attacker.sendall(attack())
                self.assertTrue(until(lambda: info(client, "connected_clients") == 1))
                self.assertEqual(client.ask("STRLEN", "large"), b":%d\r\n" % (10 * MIB))
                self.assertLess(peak(server), LIMIT + ALLOWANCE)
                attacker.close()

    def test_without_a_limit_every_byte_comes(self):
        with Redistill("--workers", "1") as server, Connection(server) as client:
            value = random.Random(1).randbytes(5 * MIB)
            client.ask("SET", "large", value)
            ranges = [(0, -1), (1, -1), (0, 16_383), (17, 16_400), (5, 16_388), (5 * MIB - 20_000, -1), (100, 99_999)]
            requests = [request("GETRANGE", "large", start, end) for start, end in ranges * 20]
            expected = [value[start:end + 1 or None] for start, end in ranges * 20]
            client.socket.sendall(request("MULTI") + b"".join(requests) + request("EXEC"))
            self.assertEqual(client.read(), b"+OK\r\n")
            self.assertEqual({client.read() for _ in requests}, {b"+QUEUED\r\n"})
            self.assertEqual(client.file.readline(), b"*%d\r\n" % len(requests))
            for part in expected:
                self.assertEqual(client.read(), b"$%d\r\n%s\r\n" % (len(part), part))
            client.socket.sendall(b"".join(requests) + request("MGET", *["large"] * 30) + request("GETDEL", "large"))
            for part in expected:
                self.assertEqual(client.read(), b"$%d\r\n%s\r\n" % (len(part), part))
            whole = b"$%d\r\n%s\r\n" % (len(value), value)
            self.assertEqual(client.read(), b"*30\r\n" + whole * 30)
            self.assertEqual(client.read(), whole)

    def test_what_was_held_for_replies_comes_back(self):
        """150 clients with 1.5 MB of unread replies, then gone: as many keys fit as before, within seconds."""
        raise_descriptors(1024)
        with limited("--eviction-policy", "allkeys-lru") as server, Connection(server) as client:
            keys = fill(client, 400)
            for _ in range(2):
                held = []
                for number in range(150):
                    reader = socket.socket()
                    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    reader.connect(("127.0.0.1", server.port))
                    reader.sendall(b"".join(request("GET", f"fill:{keys - n - 1}") for n in range(4000)))
                    held.append(reader)
                client.ask("PING")
                for reader in held:
                    reader.close()
                self.assertTrue(until(lambda: info(client, "connected_clients") == 1))

            def fits():
                client.pipeline([request("SET", f"fill:{n}", b"v" * 400) for n in range(keys)])
                return int(client.ask("DBSIZE")[1:])
            self.assertTrue(until(lambda: fits() > keys * 0.95, 20), f"{fits()} of {keys}")


class Monitor(unittest.TestCase):
    def test_quoting_stops_where_the_watcher_would_be_closed(self):
        with Redistill("--workers", "1") as server, Connection(server) as client:
            watchers = [server.connect() for _ in range(10)]
            for watcher in watchers:
                watcher.sendall(b"MONITOR\r\n")
                self.assertEqual(watcher.recv(100), b"+OK\r\n")
            before = peak(server)
            client.ask("SET", "k", b"\x01" * (100 * MIB))
            self.assertLess(peak(server) - before, (100 + 24) * MIB)
            self.assertEqual(client.ask("DEL", "k"), b":1\r\n")
            for watcher in watchers:
                watcher.close()

    def test_long_line_comes_whole_to_every_watcher(self):
        with Redistill("--workers", "2") as server, Connection(server) as client:
            watchers = [Connection(server) for _ in range(5)]
            for watcher in watchers:
                self.assertEqual(watcher.ask("MONITOR"), b"+OK\r\n")
            client.ask("SET", "k", b"\x02a\"" * 300_000)
            client.ask("PING")
            for watcher in watchers:
                line = watcher.file.readline()
                self.assertTrue(line.endswith(b'"SET" "k" "' + b'\\x02a\\"' * 300_000 + b'"\r\n'), line[-40:])
                self.assertTrue(watcher.file.readline().endswith(b'"PING"\r\n'))
                watcher.__exit__()


def matches(a, b):
    """Redis's own way: the whole matrix, and back from its end."""
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            same = a[i - 1] == b[j - 1]
            lengths[i][j] = lengths[i - 1][j - 1] + 1 if same else max(lengths[i - 1][j], lengths[i][j - 1])
    i, j, found = len(a), len(b), []
    while i and j:
        if a[i - 1] == b[j - 1]:
            i, j = i - 1, j - 1
            found.append((i, j))
        elif lengths[i - 1][j] > lengths[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found[::-1]


class LongestCommonSubsequence(unittest.TestCase):
    def test_answers_are_those_of_the_whole_matrix(self):
        draw = random.Random(7)
        with Redistill("--workers", "1") as server, Connection(server) as client:
            for round_ in range(300):
                letters = b"ab" if round_ % 3 == 0 else bytes(range(256))[: draw.choice([3, 5, 30, 256])]
                a, b = (bytes(draw.choices(letters, k=draw.choice([0, 1, 5, 63, 64, 65, 130]))) for _ in range(2))
                client.ask("MSET", "a", a, "b", b)
                found = matches(a, b)
                text = bytes(a[i] for i, _ in found)
                self.assertEqual(client.ask("LCS", "a", "b"), b"$%d\r\n%s\r\n" % (len(text), text))
                self.assertEqual(client.ask("LCS", "a", "b", "LEN"), b":%d\r\n" % len(text))
                answer = client.ask("LCS", "a", "b", "IDX")
                runs = []
                for i, j in found[::-1]:
                    if runs and runs[-1][0] == i + 1 and runs[-1][2] == j + 1:
                        runs[-1][0], runs[-1][2] = i, j
                    else:
                        runs.append([i, i, j, j])
                wanted = b"".join(b"*2\r\n*2\r\n:%d\r\n:%d\r\n*2\r\n:%d\r\n:%d\r\n" % tuple(run) for run in runs)
                self.assertEqual(answer, b"*4\r\n$7\r\nmatches\r\n*%d\r\n%s$3\r\nlen\r\n:%d\r\n" % (len(runs), wanted, len(text)))

    def test_idx_is_redis_own(self):
        if not DebianRedis.version():
            self.skipTest("no redis-server")
        draw = random.Random(8)
        with Redistill() as ours, DebianRedis() as redis, Connection(ours) as one, Connection(redis) as other:
            for _ in range(200):
                a, b = (bytes(draw.choices(b"abcd", k=draw.randrange(200))) for _ in range(2))
                for words in (["MSET", "a", a, "b", b], ["LCS", "a", "b"], ["LCS", "a", "b", "IDX", "WITHMATCHLEN"],
                              ["LCS", "a", "b", "IDX", "MINMATCHLEN", "3"], ["LCS", "b", "a", "LEN"]):
                    self.assertEqual(one.ask(*words), other.ask(*words))

    def test_memory_is_counted_and_small(self):
        with limited() as server, Connection(server) as client:
            draw = random.Random(9)
            client.ask("MSET", "a", draw.randbytes(11_000), "b", draw.randbytes(11_000))
            for words in (["LCS", "a", "b", "LEN"], ["LCS", "a", "b"], ["LCS", "a", "b", "IDX"]):
                self.assertNotEqual(client.ask(*words)[:1], b"-")
            self.assertLess(peak(server), LIMIT)
            client.ask("SET", "a", draw.randbytes(20_000))
            client.ask("SET", "b", draw.randbytes(20_000))
            self.assertEqual(client.ask("LCS", "a", "b", "LEN")[:1], b"-")


if __name__ == "__main__":
    unittest.main()
