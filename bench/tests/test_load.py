"""What bench-load takes for right and for wrong, against servers that answer as told."""

import json
import subprocess
import unittest

from harness.build import build
from harness.load import LOAD
from tests.answering import NULL, OK, VALUE, Answering, take_line

HIT = b"VALUE %b 0 64\r\n" + b"v" * 64 + b"\r\n"


def setUpModule():
    build()


def load(port: int, *arguments: str) -> subprocess.CompletedProcess:
    command = [LOAD, "--port", str(port), "--connections", "2", "--seconds", "0.2", "--warmup", "0", "--keys", "100"]
    return subprocess.run(command + list(arguments), capture_output=True, text=True, timeout=30)


def answer(arguments: list[bytes]) -> bytes:
    """As a cache that has every key."""
    match arguments[0]:
        case b"GET": return VALUE
        case b"MGET": return b"*%d\r\n" % (len(arguments) - 1) + VALUE * (len(arguments) - 1)
        case b"INCR": return b":1000000007\r\n"
        case b"PING": return b"+PONG\r\n"
        case _: return OK


class Transactions:
    """One connection's: MULTI, commands, EXEC."""

    def __init__(self, result: bytes | None = None):
        self.queued: list[bytes] | None = None
        self.result = result

    def __call__(self, arguments: list[bytes]) -> bytes:
        if arguments[0] == b"MULTI":
            self.queued = []
            return OK
        if arguments[0] == b"EXEC":
            replies, self.queued = self.queued, None
            return self.result or b"*%d\r\n" % len(replies) + b"".join(replies)
        self.queued.append(answer(arguments))
        return b"+QUEUED\r\n"


class Cases(unittest.TestCase):
    def good(self, answer, *arguments: str, **options) -> dict:
        with Answering(answer, **options) as server:
            done = load(server.port, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertGreater(result["operations"], 0)
        return result

    def bad(self, answer, reason: str, *arguments: str, **options) -> None:
        with Answering(answer, **options) as server:
            done = load(server.port, *arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(reason, done.stderr)
        self.assertIn("failure", json.loads(done.stdout))


class RightReplies(Cases):
    def test_each_command_of_resp(self):
        for command in ("get", "mget", "incr", "ping"):
            self.good(answer, "--command", command, "--pipeline", "3")

    def test_transaction(self):
        for misses in ([], ["--misses"]):
            result = self.good(Transactions(), "--command", "multi", "--connections", "1", "--width", "5", *misses)
            self.assertEqual(result["hits"], 1)

    def test_histogram_holds_each_batch_of_the_window(self):
        result = self.good(answer, "--pipeline", "4")
        batches = sum(count for _, count in result["histogram"])
        self.assertLessEqual(abs(batches * 4 - result["operations"]), 2 * 4)
        self.assertGreaterEqual(result["histogram"][-1][0], result["max_us"] * 1000)

    def test_hits_are_null_where_nothing_is_read(self):
        self.assertIsNone(self.good(answer, "--set-share", "1")["hits"])

    def test_preload_sets_every_key(self):
        seen = set()

        def remember(arguments: list[bytes]) -> bytes:
            if arguments[0] == b"SET":
                seen.add(arguments[1])
            return answer(arguments)

        self.good(remember, "--preload", "--set-share", "0")
        self.assertEqual(seen, {b"k%015d" % number for number in range(100)})

    def test_memcached(self):
        def cache(words: list[bytes]) -> bytes:
            match words[0]:
                case b"get": return b"".join(HIT % key for key in words[1:]) + b"END\r\n"
                case b"incr": return b"1000000007\r\n"
                case b"mn": return b"MN\r\n"
                case _: return b"STORED\r\n"

        for command in ("get", "mget", "incr", "ping"):
            self.good(cache, "--protocol", "memcached", "--command", command, "--pipeline", "3", take=take_line)


class Misses(Cases):
    @staticmethod
    def half(arguments: list[bytes]) -> bytes:
        """Has the even keys."""
        values = [VALUE if key[-1] % 2 == 0 else NULL for key in arguments[1:]]
        match arguments[0]:
            case b"GET": return values[0]
            case b"MGET": return b"*%d\r\n" % len(values) + b"".join(values)
            case _: return OK

    def test_a_miss_fails_the_run(self):
        self.bad(self.half, "wrong reply")
        self.bad(self.half, "failed: connection", "--command", "mget")

    def test_misses_are_counted_where_wanted(self):
        for arguments in (["--pipeline", "10"], ["--command", "mget"], ["--set-share", "0.5"]):
            result = self.good(self.half, "--misses", *arguments)
            self.assertAlmostEqual(result["hits"], 0.5, delta=0.1)

    def test_replies_in_pieces(self):
        for piece in (1, 3, 70):
            result = self.good(self.half, "--misses", "--pipeline", "5", piece=piece)
            self.assertAlmostEqual(result["hits"], 0.5, delta=0.2)

    def test_null_of_resp3(self):
        self.assertEqual(self.good(lambda _: b"_\r\n", "--misses", "--set-share", "0")["hits"], 0)

    def test_memcached_leaves_misses_out(self):
        def half(words: list[bytes]) -> bytes:
            return b"".join(HIT % key for key in words[1:] if key[-1] % 2 == 0) + b"END\r\n"

        for arguments in (["--set-share", "0", "--pipeline", "10"], ["--command", "mget"]):
            result = self.good(half, "--protocol", "memcached", "--misses", *arguments, take=take_line)
            self.assertAlmostEqual(result["hits"], 0.5, delta=0.1)

    def test_wrong_ones_still_fail(self):
        wrong = {
            "an error": (b"-OOM command not allowed\r\n", "-OOM command"),
            "another size": (b"$3\r\nabc\r\n", "$3"),
            "no size": (b"$x\r\n", "$x"),
            "a number": (b":1\r\n", ":1"),
            "too many": (NULL + NULL, "beginning with $-1"),
            "another line end": (b"$64\n", "$64"),
            "a value too long": (VALUE[:-2] + b"vv\r\n", "wrong reply"),
            "a line without end": (b"+" + b"x" * 1000, "wrong reply"),
            "an array": (b"*2\r\n" + VALUE + VALUE, "1 values were asked for, 2 answered"),
            "an OK": (OK, "1 values were asked for, 0 answered"),
        }
        for what, (reply, reason) in wrong.items():
            with self.subTest(what):
                self.bad(lambda _: reply, reason, "--misses", "--set-share", "0")

    def test_aborted_transaction_fails(self):
        self.bad(Transactions(b"*-1\r\n"), "*-1", "--misses", "--command", "multi", "--connections", "1")

    def test_memcached_error_fails(self):
        for line in (b"SERVER_ERROR out of memory\r\n", b"NOT_STORED\r\n", b"ERROR\r\n"):
            self.bad(lambda _: line, line.decode().strip(), "--protocol", "memcached", "--misses", take=take_line)


class WrongReplies(Cases):
    def test_by_their_size_or_beginning(self):
        for reply in (b"-ERR no\r\n", b"+" + b"x" * (len(VALUE) - 3) + b"\r\n", VALUE + b"\r\n"):
            self.bad(lambda _: reply, "wrong reply", "--set-share", "0")

    def test_reply_that_never_ends(self):
        self.bad(lambda _: VALUE[:-1], "1 of 71 reply bytes never came", "--set-share", "0")
        self.bad(lambda _: b"$64\r\n", "never came", "--set-share", "0", "--misses")

    def test_closed_connection(self):
        self.bad(lambda _: None, "closed by the server")

    def test_preload_that_is_refused(self):
        with Answering(lambda _: b"-OOM\r\n") as server:
            done = load(server.port, "--preload")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1))
        self.assertIn("preload: a SET was answered with -OOM", done.stderr)


class Connections(Cases):
    def test_password_comes_first(self):
        with Answering(answer) as server:
            done = load(server.port, "--preload", "--password", "pass word")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(server.first, [[b"AUTH", b"pass word"]] * 3)

    def test_refused_password_is_said(self):
        with Answering(lambda _: b"-WRONGPASS invalid\r\n") as server:
            done = load(server.port, "--password", "x")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1))
        self.assertIn("AUTH was answered with -WRONGPASS", done.stderr)

    def test_reconnect_takes_a_connection_for_each_batch(self):
        with Answering(answer) as server:
            done = load(server.port, "--command", "ping", "--reconnect")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual(abs(len(server.first) - json.loads(done.stdout)["operations"]), 2 * 2)

    def test_reconnect_without_a_server(self):
        with Answering(answer) as server:
            port = server.port
        done = load(port, "--command", "ping", "--reconnect")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Connection refused", done.stderr)

    def test_reconnect_sees_wrong_replies(self):
        self.bad(lambda _: b"-ERR max number of clients\r\n", "max number", "--command", "ping", "--reconnect")


class Options(unittest.TestCase):
    def test_each_mistake_is_one_line(self):
        mistakes = (
            ["--command", "frobnicate"], ["--protocol", "http"], ["--width", "0"], ["--width", "x"],
            ["--command", "incr", "--set-share", "0.5"], ["--command", "ping", "--misses"],
            ["--protocol", "memcached", "--command", "multi"], ["--protocol", "memcached", "--password", "x"],
            ["--protocol", "memcached", "--key-size", "251"], ["--protocol", "memcached", "--ttl", "2592001"],
            ["--reconnect", "--tls"], ["--reconnect", "--password", "x"], ["--password", "x" * 513],
            ["--command", "mget", "--width", "10000", "--pipeline", "4096", "--value-size", "1000000"],
        )
        for arguments in mistakes:
            with self.subTest(arguments=arguments):
                done = load(1, *arguments)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)


if __name__ == "__main__":
    unittest.main()
