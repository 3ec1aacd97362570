"""Client-side caching: who is told of which key, and when."""

import time
import unittest

from daemon import Redistill
from resp import Connection, request

OK = b"+OK\r\n"
ALL = b">2\r\n$10\r\ninvalidate\r\n_\r\n"


def invalidation(key):
    if isinstance(key, str):
        key = key.encode()
    return b">2\r\n$10\r\ninvalidate\r\n*1\r\n$%d\r\n%s\r\n" % (len(key), key)


class TrackingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "4"))

    def setUp(self):
        self.one = self.enterContext(Connection(self.server))
        self.other = self.enterContext(Connection(self.server))
        self.other.ask("FLUSHALL")
        self.one.ask("HELLO", 3)

    def track(self, *options):
        self.assertEqual(self.one.ask("CLIENT", "TRACKING", "ON", *options), OK)

    def silent(self):
        """Nothing has come for the tracking connection: what a broadcaster hears last is heard after all else."""
        self.assertEqual(self.one.ask("PING"), b"+PONG\r\n")

    def test_a_key_that_was_read_is_told_once_when_it_changes(self):
        self.track()
        self.one.ask("MGET", "a", "b")
        for _ in range(2):
            self.other.ask("SET", "a", "1")
        self.assertEqual(self.one.read(), invalidation("a"))
        self.other.ask("SET", "b", "1")
        self.assertEqual(self.one.read(), invalidation("b"))
        self.silent()

    def test_who_changes_a_key_itself_is_told_with_the_reply(self):
        self.track()
        told = invalidation("k")
        for _ in range(100):
            replies = self.one.pipeline([request("GET", "k"), request("SET", "k", "1"), request("PING"), request("GET", "k"),
                                         request("MULTI"), request("DEL", "k"), request("EXEC"), request("PING")] + [b""] * 2)
            self.assertEqual(replies, [b"_\r\n", OK, told, b"+PONG\r\n", b"$1\r\n1\r\n", OK, b"+QUEUED\r\n", b"*1\r\n:1\r\n",
                                       told, b"+PONG\r\n"])
        self.one.ask("GET", "k")
        self.assertEqual(self.one.pipeline([request("FLUSHALL"), request("PING"), b""]), [OK, ALL, b"+PONG\r\n"])

    def test_every_way_to_change_a_key_tells(self):
        self.track()
        for change in ("SET k 2", "APPEND k x", "EXPIRE k 100", "PERSIST k", "GETEX k EX 100", "SETRANGE k 0 z", "SETBIT k 0 1",
                       "RENAME k q", "COPY q k", "BITOP NOT k q", "MSET k 1", "INCR k", "INCRBYFLOAT k 1", "GETDEL k", "RENAME q k",
                       "PEXPIREAT k 1", "MSETEX 1 k 5", "DEL k", "SETNX k 5", "SET k 1 PX 1"):
            with self.subTest(change):
                self.one.ask("GET", "k")
                self.other.ask(*change.split())
                self.assertEqual(self.one.read(), invalidation("k"))

    def test_a_key_that_expires_or_is_evicted_is_told(self):
        self.track()
        self.other.ask("SET", "k", "1", "PX", "1")
        self.one.ask("EXISTS", "k")
        self.assertEqual(self.one.read(), invalidation("k"))

    def test_the_writer_itself_is_told_unless_it_wants_no_loop(self):
        self.track()
        self.assertEqual(self.one.pipeline([request("GET", "k"), request("SET", "k", "1")]), [b"_\r\n", OK])
        self.assertEqual(self.one.read(), invalidation("k"))
        self.one.ask("CLIENT", "TRACKING", "OFF")
        self.track("NOLOOP")
        self.one.pipeline([request("MGET", "k", "q"), request("SET", "k", "2"), request("MSET", "q", "1")])
        self.silent()
        self.one.ask("GET", "k")
        self.one.ask("SET", "k", "3", "NX")
        self.other.ask("SET", "k", "4")
        self.assertEqual(self.one.read(), invalidation("k"))

    def test_broadcasts_tell_of_prefixes(self):
        self.track("BCAST", "PREFIX", "user:", "PREFIX", "item:")
        for key in ("user:1", "none", "item:2", "user", "user:"):
            self.other.ask("SET", key, "1")
        self.assertEqual([self.one.read() for _ in range(3)], [invalidation(key) for key in ("user:1", "item:2", "user:")])
        self.silent()
        self.assertEqual(self.one.ask("CLIENT", "TRACKING", "OFF"), OK)
        self.track("BCAST", "NOLOOP")
        self.one.ask("SET", "mine", "1")
        self.other.ask("DEL", "none")
        self.assertEqual(self.one.read(), invalidation("none"))
        self.silent()

    def test_broadcasts_of_many_prefixes_tell_of_each_and_of_nothing_else(self):
        prefixes = [f"{number:05d}:" for number in range(0, 20_000, 2)]
        options = [word for prefix in reversed(prefixes) for word in ("PREFIX", prefix)]
        self.assertEqual(self.one.ask("CLIENT", "TRACKING", "ON", "BCAST", *options[:10_000]), OK)
        self.assertEqual(self.one.ask("CLIENT", "TRACKING", "ON", "BCAST", *options[10_000:]), OK)
        for number in (0, 1, 2, 9_999, 10_000, 19_997, 19_998, 19_999):
            self.other.pipeline([request("SET", f"{number:05d}:k", "1"), request("SET", f"{number:05d}", "1")])
        for number in (0, 2, 10_000, 19_998):
            self.assertEqual(self.one.read(), invalidation(f"{number:05d}:k"))
        self.silent()
        for prefix, refusal in (("00002", b"'00002' overlaps with an existing prefix '00002:'"), ("00002:x", b"existing prefix '00002:'"),
                                ("", b"existing prefix '")):
            self.assertIn(refusal, self.one.ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix))
        self.assertIn(b"Prefix 'a' overlaps with another provided prefix 'ab'", self.one.ask(
            "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a", "PREFIX", "b", "PREFIX", "c", "PREFIX", "bc", "PREFIX", "ab"))
        self.track("BCAST")  # without a prefix: every key, besides those
        self.other.ask("SET", "any", "1")
        self.other.ask("SET", "00002:k", "1")
        self.assertEqual([self.one.read(), self.one.read()], [invalidation("any"), invalidation("00002:k")])
        self.silent()

    def test_one_client_of_many_that_track_a_key_is_told_right_behind_its_own_reply(self):
        others = [self.enterContext(Connection(self.server)) for _ in range(300)]
        for options in ((), ("BCAST",), ("BCAST", "NOLOOP"), ("NOLOOP",)):
            for connection in others + [self.one]:
                connection.pipeline([request("HELLO", 3), request("CLIENT", "TRACKING", "ON", *options), request("GET", "k")])
            told = [] if "NOLOOP" in options else [invalidation("k")]
            requests = [request("PING"), request("SET", "k", "1"), request("PING")] + [b""] * len(told)
            self.assertEqual(self.one.pipeline(requests), [b"+PONG\r\n", OK] + told + [b"+PONG\r\n"])
            for connection in others:
                self.assertEqual(connection.read(), invalidation("k"))
            for connection in others + [self.one]:
                self.assertEqual(connection.ask("CLIENT", "TRACKING", "OFF"), OK)

    def test_noloop_keeps_back_only_what_its_own_client_has_changed(self):
        self.track("NOLOOP")
        keys = [f"k{number}" for number in range(100)]
        for _ in range(20):
            self.one.ask("MGET", *keys)
            self.other.ask("MSET", *[word for key in keys[:50] for word in (key, "1")])
            self.one.socket.sendall(request("MSET", *[word for key in keys[25:75] for word in (key, "2")]) + request("ECHO", "end"))
            told = []
            while len(told) < 50 or told[-1] != b"$3\r\nend\r\n":
                told.append(self.one.read())
            self.assertEqual(sorted(reply for reply in told if reply.startswith(b">")),
                             sorted(invalidation(key) for key in keys[:50]))
            self.other.ask("MSET", *[word for key in keys[75:] for word in (key, "3")])
            self.assertEqual(sorted(self.one.read() for _ in range(25)), sorted(invalidation(key) for key in keys[75:]))

    def test_a_key_that_changes_again_and_again_leaves_no_stale_copy(self):
        """Who reads while others write: the last thing that it hears of a key is its value, or that this is gone."""
        readers = [self.enterContext(Connection(self.server)) for _ in range(20)]
        for reader in readers:
            reader.pipeline([request("HELLO", 3), request("CLIENT", "TRACKING", "ON")])
        copies = [None] * len(readers)
        for value in range(300):
            for i, reader in enumerate(readers):
                if (value + i) % 3 == 0:
                    reader.socket.sendall(request("GET", "k"))
            self.other.ask("SET", "k", value)
            for i, reader in enumerate(readers):
                if (value + i) % 3 == 0:
                    while (reply := reader.read()).startswith(b">"):
                        copies[i] = None
                    copies[i] = reply
        for i, reader in enumerate(readers):
            reader.socket.settimeout(20)
            current = b"$3\r\n299\r\n"
            while copies[i] not in (None, current):
                self.assertEqual(reader.read(), invalidation("k"))
                copies[i] = None

    def test_opting_in_and_out_is_for_the_next_command(self):
        self.track("OPTIN")
        self.one.pipeline([request("GET", "a"), request("CLIENT", "CACHING", "YES"), request("GET", "b"), request("GET", "c")])
        for key in "abc":
            self.other.ask("SET", key, "1")
        self.assertEqual(self.one.read(), invalidation("b"))
        self.silent()
        self.one.pipeline([request("CLIENT", "CACHING", "YES"), request("MULTI"), request("GET", "a"), request("GET", "b"),
                           request("EXEC")])
        self.other.ask("MSET", "a", "1")
        self.other.ask("MSET", "b", "1")
        self.assertEqual([self.one.read(), self.one.read()], [invalidation("a"), invalidation("b")])
        self.one.ask("CLIENT", "TRACKING", "OFF")
        self.track("OPTOUT")
        self.one.pipeline([request("GET", "a"), request("CLIENT", "CACHING", "NO"), request("GET", "b")])
        self.other.ask("SET", "b", "1")
        self.other.ask("SET", "a", "1")
        self.assertEqual(self.one.read(), invalidation("a"))
        self.silent()

    def test_a_flush_tells_to_forget_everything(self):
        self.track()
        self.one.ask("GET", "a")
        self.other.ask("SET", "b", "1")
        self.other.ask("FLUSHALL")
        self.assertEqual(self.one.read(), ALL)
        self.other.ask("SET", "a", "1")
        self.silent()

    def test_a_key_too_long_to_be_kept_is_told_at_once(self):
        self.track()
        key = "k" * 5000
        self.assertEqual(self.one.ask("GET", key), b"_\r\n")
        self.assertEqual(self.one.read(), invalidation(key))

    def test_a_connection_that_ends_leaves_nothing_behind(self):
        for options in ((), ("BCAST",)):
            with Connection(self.server) as third:
                third.ask("HELLO", 3)
                third.ask("CLIENT", "TRACKING", "ON", *options)
                third.pipeline([request("GET", f"k{i}") for i in range(100)])
            self.one.ask("PING")
            self.assertEqual(self.other.ask("SET", "k1", "1"), OK)
        self.track()
        self.one.ask("GET", "k")
        self.assertEqual(self.one.ask("RESET"), b"+RESET\r\n")
        deadline = time.monotonic() + 30
        while b"tracking_clients:0\r\n" not in self.other.ask("INFO", "clients"):
            self.assertLess(time.monotonic(), deadline)
        self.assertIn(b"tracking_total_keys:0\r\n", self.other.ask("INFO", "stats"))

    def test_what_is_tracked_is_bounded(self):
        """Beyond the bound some key is given up, and its client told, so that a copy is never stale."""
        self.track()
        for start in range(0, 1_100_000, 10_000):
            self.one.socket.sendall(request("MGET", *range(start, start + 10_000)))
            self.one.read_nulls(10_000)
        tracked = int(self.other.ask("INFO", "stats").split(b"tracking_total_keys:")[1].split(b"\r\n")[0])
        self.assertLessEqual(tracked, (1 << 20) + 4)
        self.assertGreaterEqual(tracked, 1_000_000)

    def test_tracking_tells_of_itself(self):
        ask = self.one.ask
        self.assertEqual(ask("CLIENT", "GETREDIR"), b":-1\r\n")
        self.assertEqual(ask("CLIENT", "TRACKINGINFO"),
                         b"%3\r\n$5\r\nflags\r\n~1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n")
        self.track("BCAST", "PREFIX", "a", "NOLOOP")
        self.assertEqual(ask("CLIENT", "TRACKINGINFO"),
                         b"%3\r\n$5\r\nflags\r\n~3\r\n$2\r\non\r\n$5\r\nbcast\r\n$6\r\nnoloop\r\n"
                         b"$8\r\nredirect\r\n:0\r\n$8\r\nprefixes\r\n*1\r\n$1\r\na\r\n")
        self.assertEqual(ask("CLIENT", "GETREDIR"), b":0\r\n")
        self.assertIn(b" flags=tB ", ask("CLIENT", "INFO"))

    def test_tracking_that_ends_within_an_exec_remembers_nothing_of_its_rest(self):
        self.track()
        self.assertEqual(self.one.pipeline([request(*line.split()) for line in (
            "MULTI", "CLIENT TRACKING OFF", "GET foo", "MGET foo bar", "EXEC")])[4], b"*3\r\n+OK\r\n_\r\n*2\r\n_\r\n_\r\n")
        for i in range(50):  # names take the memory that the tracker had
            self.other.ask("CLIENT", "SETNAME", "n" * (40 + 4 * i))
        for key in ("foo", "bar"):
            self.assertEqual(self.other.ask("SET", key, "1"), OK)
        self.silent()

    def test_tracking_that_begins_within_an_exec_holds_for_its_rest(self):
        self.assertEqual(self.one.pipeline([request(*line.split()) for line in (
            "MULTI", "GET none", "CLIENT TRACKING ON", "GET foo", "MGET bar", "EXEC")])[5],
            b"*4\r\n_\r\n+OK\r\n_\r\n*1\r\n_\r\n")
        for key in ("none", "foo", "bar"):
            self.other.ask("SET", key, "1")
        self.assertEqual([self.one.read(), self.one.read()], [invalidation("foo"), invalidation("bar")])
        self.silent()

    def test_noloop_that_begins_within_an_exec_holds_for_its_rest(self):
        self.one.pipeline([request(*line.split()) for line in (
            "MULTI", "CLIENT TRACKING ON BCAST NOLOOP", "SET mine 1", "MSET mine 2 own 3", "EXEC")])
        self.other.ask("SET", "other", "1")
        self.assertEqual(self.one.read(), invalidation("other"))
        self.silent()

    def test_options_that_contradict_are_refused(self):
        ask = self.one.ask
        self.assertIn(b"PREFIX option requires BCAST", ask("CLIENT", "TRACKING", "ON", "PREFIX", "a"))
        self.assertIn(b"not compatible with BCAST", ask("CLIENT", "TRACKING", "ON", "BCAST", "OPTIN"))
        self.assertIn(b"both OPTIN mode and OPTOUT", ask("CLIENT", "TRACKING", "ON", "OPTOUT", "OPTIN"))
        own = self.other.ask("CLIENT", "ID")[1:-2]
        for options, error in (
                (("REDIRECT", own), b"-ERR REDIRECT to a connection of RESP2 needs pub/sub"),
                (("REDIRECT", "x"), b"-ERR value is not an integer or out of range"),
                (("REDIRECT", 999_999), b"-ERR The client ID you want redirect to does not exist"),
                (("REDIRECT", 0), b"-ERR The client ID you want redirect to does not exist")):
            self.assertTrue(ask("CLIENT", "TRACKING", "ON", *options).startswith(error), options)
        self.assertIn(b"overlaps with another provided prefix", ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a", "PREFIX", "ab"))
        self.assertIn(b"tracking mode with OPTIN or OPTOUT", ask("CLIENT", "CACHING", "YES"))
        self.assertEqual(ask("CLIENT", "TRACKING", "MAYBE"), b"-ERR syntax error\r\n")
        self.track("BCAST", "PREFIX", "ab")
        self.assertIn(b"overlaps with an existing prefix 'ab'", ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a"))
        self.assertIn(b"can't switch BCAST mode", ask("CLIENT", "TRACKING", "ON"))

    def listener(self):
        """A RESP3 connection to redirect to, on any worker, and its id."""
        connection = self.enterContext(Connection(self.server))
        connection.ask("HELLO", 3)
        return connection, int(connection.ask("CLIENT", "ID")[1:])

    def redirect(self, tracker, identity, *options):
        self.assertEqual(tracker.ask("CLIENT", "TRACKING", "ON", "REDIRECT", identity, *options), OK)

    def test_another_connection_is_told_whichever_worker_it_is_on(self):
        for _ in range(4):
            listener, identity = self.listener()
            with Connection(self.server) as tracker:  # RESP2 suffices, as it reads no messages
                self.redirect(tracker, identity)
                tracker.ask("GET", "a")
                self.other.ask("SET", "a", "1")
                self.assertEqual(listener.read(), invalidation("a"))
                tracker.ask("GET", "b")
                self.other.ask("FLUSHALL")
                self.assertEqual(listener.read(), ALL)
                self.assertEqual(tracker.ask("PING"), b"+PONG\r\n")
                self.assertEqual(tracker.ask("CLIENT", "GETREDIR"), b":%d\r\n" % identity)
                self.assertIn(b"redir=%d " % identity, tracker.ask("CLIENT", "INFO"))
                self.assertIn(b":%d\r\n" % identity, tracker.ask("CLIENT", "TRACKINGINFO"))

    def test_broadcasts_are_redirected_and_redirection_ends_with_tracking(self):
        listener, identity = self.listener()
        self.redirect(self.one, identity, "BCAST", "PREFIX", "p")
        self.other.ask("SET", "p1", "1")
        self.assertEqual(listener.read(), invalidation("p1"))
        self.assertEqual(self.one.ask("CLIENT", "TRACKING", "OFF"), OK)
        self.other.ask("SET", "p2", "1")
        self.assertEqual(listener.ask("PING"), b"+PONG\r\n")
        self.assertEqual(self.one.ask("CLIENT", "GETREDIR"), b":-1\r\n")

    def test_redirection_can_be_changed_and_taken_back(self):
        (first, first_id), (second, second_id) = self.listener(), self.listener()
        for listener, identity in ((first, first_id), (second, second_id), (first, first_id)):
            self.redirect(self.one, identity)
            self.one.ask("GET", "a")
            self.other.ask("SET", "a", "1")
            self.assertEqual(listener.read(), invalidation("a"))
        self.track()
        self.one.ask("GET", "a")
        self.other.ask("SET", "a", "2")
        self.assertEqual(self.one.read(), invalidation("a"))
        for listener in (first, second):
            self.assertEqual(listener.ask("PING"), b"+PONG\r\n")

    def test_tracker_is_told_when_whom_it_redirects_to_is_gone(self):
        listener, identity = self.listener()
        self.redirect(self.one, identity)
        self.one.ask("GET", "a")
        self.assertEqual(self.other.ask("CLIENT", "KILL", "ID", identity), b":1\r\n")
        self.assertEqual(listener.read_to_end(), b"")
        deadline = time.monotonic() + 20
        while b"broken_redirect" not in self.one.ask("CLIENT", "TRACKINGINFO"):
            self.assertLess(time.monotonic(), deadline)
        self.assertIn(b" flags=tR ", self.one.ask("CLIENT", "INFO"))
        self.other.ask("SET", "a", "1")
        self.assertEqual(self.one.read(), b">2\r\n$21\r\ntracking-redir-broken\r\n:%d\r\n" % identity)
        self.track()
        self.one.ask("GET", "a")
        self.other.ask("SET", "a", "2")
        self.assertEqual(self.one.read(), invalidation("a"))

    def test_a_tracker_that_goes_leaves_its_listener_alone(self):
        listener, identity = self.listener()
        for _ in range(20):
            with Connection(self.server) as tracker:
                self.redirect(tracker, identity)
                tracker.ask("GET", "a")
        deadline = time.monotonic() + 20
        while b" flags=t " in self.other.ask("CLIENT", "LIST"):
            self.assertLess(time.monotonic(), deadline)
        self.other.ask("SET", "a", "1")
        self.assertEqual(listener.ask("ECHO", "end"), b"$3\r\nend\r\n")


if __name__ == "__main__":
    unittest.main()
