"""MULTI, EXEC and WATCH: with each other, with the operator's commands, and with other connections."""

import threading
import unittest

from daemon import Redistill
from resp import Connection, request

OK, QUEUED = b"+OK\r\n", b"+QUEUED\r\n"


class TransactionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "8"))

    def setUp(self):
        self.one = self.enterContext(Connection(self.server))
        self.other = self.enterContext(Connection(self.server))
        self.one.ask("FLUSHALL")
        self.one.ask("CONFIG", "RESETSTAT")

    def pipeline(self, connection, *lines):
        return connection.pipeline([request(*line.split()) for line in lines])

    def test_a_transaction_in_one_write_is_answered_in_order(self):
        self.assertEqual(
            self.pipeline(self.one, "MULTI", "SET a 1", "INCR a", "GET a", "EXEC", "GET a"),
            [OK, QUEUED, QUEUED, QUEUED, b"*3\r\n+OK\r\n:2\r\n$1\r\n2\r\n", b"$1\r\n2\r\n"])

    def test_a_watched_key_that_changes_in_any_way_aborts(self):
        changes = ["SET k 2", "DEL k", "APPEND k x", "EXPIRE k 100", "RENAME k q", "COPY q k REPLACE", "FLUSHALL", "INCR k",
                   "SETRANGE k 0 z", "SETBIT k 0 1", "GETEX k EX 100", "GETDEL k", "MSET z 1 k 2", "BITOP NOT k q",
                   "PEXPIREAT k 1", "RESTORE k 0 \x00\xc0\x01\n\x00 REPLACE", "MSETEX 1 k 5"]
        for change in changes:
            with self.subTest(change):
                self.one.ask("MSET", "k", "1", "q", "3")
                self.one.ask("WATCH", "k")
                reply = self.other.ask(*change.split(" "))
                self.assertEqual(self.pipeline(self.one, "MULTI", "PING", "EXEC")[2],
                                 b"*1\r\n+PONG\r\n" if reply.startswith(b"-") else b"*-1\r\n")

    def test_a_watched_key_that_stays_does_not_abort(self):
        self.one.ask("MSET", "k", "1", "q", "3")
        for harmless in ("GET k", "SET other 1", "SET k 2 NX", "EXPIRE k 100 XX", "DEL none", "RENAMENX q k", "PERSIST k"):
            with self.subTest(harmless):
                self.one.ask("WATCH", "k")
                self.other.ask(*harmless.split())
                self.assertEqual(self.pipeline(self.one, "MULTI", "EXEC")[1], b"*0\r\n")

    def test_unwatch_discard_and_reset_forget_the_watched_keys(self):
        for forget in (["UNWATCH"], ["MULTI", "DISCARD"], ["RESET"]):
            self.pipeline(self.one, "WATCH k", *forget)
            self.other.ask("SET", "k", "1")
            self.assertEqual(self.pipeline(self.one, "MULTI", "EXEC")[1], b"*0\r\n", forget)

    def test_reset_ends_a_transaction(self):
        self.assertEqual(self.pipeline(self.one, "MULTI", "SET a 1", "RESET", "GET a", "EXEC"),
                         [OK, QUEUED, b"+RESET\r\n", b"$-1\r\n", b"-ERR EXEC without MULTI\r\n"])

    def test_quit_within_a_transaction_closes_and_runs_nothing(self):
        self.one.socket.sendall(request("MULTI") + request("SET", "a", "1") + request("QUIT"))
        self.assertEqual(self.one.read_to_end(), OK + QUEUED + OK)
        self.assertEqual(self.other.ask("GET", "a"), b"$-1\r\n")

    def test_a_command_that_can_not_be_queued_aborts_all(self):
        for bad in ("NOSUCH", "GET", "CLIENT NOSUCH", "SHUTDOWN", "EXEC x"):
            replies = self.pipeline(self.one, "MULTI", "SET a 1", bad, "EXEC")
            self.assertTrue(replies[2].startswith(b"-"), bad)
            self.assertTrue(replies[3].startswith(b"-E"), replies)
            self.assertEqual(self.one.ask("GET", "a"), b"$-1\r\n", bad)

    def test_each_queued_command_is_counted_as_one_call(self):
        self.pipeline(self.one, "MULTI", "SET a x", "INCR a", "CLIENT GETNAME", "GET a b", "DISCARD")
        self.pipeline(self.one, "MULTI", "SET a x", "INCR a", "CLIENT GETNAME", "EXEC")
        statistics = self.one.ask("INFO", "commandstats").decode()
        for name, calls, rejected, failed in (
                ("set", 1, 0, 0), ("incr", 1, 0, 1), ("client|getname", 1, 0, 0), ("multi", 2, 0, 0), ("exec", 1, 0, None),
                ("discard", 1, 0, 0), ("get", 0, 1, 0)):
            line = next(line for line in statistics.split("\r\n") if line.startswith(f"cmdstat_{name}:"))
            self.assertIn(f"calls={calls},", line)
            self.assertIn(f"rejected_calls={rejected},", line)
            if failed is not None:
                self.assertTrue(line.endswith(f"failed_calls={failed}"), line)

    def failed_calls(self, *names):
        statistics = self.other.ask("INFO", "commandstats").decode()
        lines = {line.split(":")[0][8:]: line for line in statistics.split("\r\n") if line.startswith("cmdstat_")}
        return [int(lines[name].split("failed_calls=")[1]) for name in names]

    def test_what_fails_within_an_exec_is_no_failure_of_exec(self):
        replies = self.pipeline(self.one, "MULTI", "SET a b", "AUTH a", "EXEC")
        self.assertTrue(replies[3].startswith(b"*2\r\n+OK\r\n-ERR AUTH"), replies[3])
        self.assertEqual(self.failed_calls("exec", "auth", "set"), [0, 1, 0])
        self.pipeline(self.one, "EXEC")
        self.assertEqual(self.failed_calls("exec", "auth"), [1, 1])
        self.pipeline(self.one, "MULTI", "NOSUCH", "EXEC")
        self.assertEqual(self.failed_calls("exec", "auth"), [2, 1])

    def test_resetting_statistics_after_an_error_is_no_failure(self):
        self.pipeline(self.one, "FOO", "CONFIG RESETSTAT")
        self.assertEqual(self.failed_calls("config|resetstat"), [0])
        self.pipeline(self.one, "FOO", "MULTI", "INCR a", "CONFIG RESETSTAT", "EXEC")
        self.assertEqual(self.failed_calls("config|resetstat", "exec"), [0, 0])

    def test_a_pause_holds_what_its_own_client_sent_behind_it(self):
        for begin in (["CLIENT PAUSE 600000 WRITE"], ["MULTI", "CLIENT PAUSE 600000 WRITE", "EXEC"]):
            self.one.socket.sendall(b"".join(request(*line.split()) for line in begin + ["GET a", "SET a 1"]))
            for _ in begin + ["GET a"]:
                reply = self.one.read()
            self.assertEqual(reply, b"$-1\r\n")
            self.assertEqual(self.other.ask("GET", "a"), b"$-1\r\n")
            self.assertEqual(self.other.ask("CLIENT", "UNPAUSE"), OK)
            self.assertEqual(self.one.read(), OK)
            self.one.ask("DEL", "a")

    def test_a_monitor_sees_what_its_own_client_sent_behind_it(self):
        self.assertEqual(self.pipeline(self.other, "MONITOR", "GET a"), [OK, b"$-1\r\n"])
        self.assertTrue(self.other.read().endswith(b'"GET" "a"\r\n'))

    def test_a_monitor_sees_the_commands_when_they_run_and_exec_last(self):
        self.assertEqual(self.other.ask("MONITOR"), OK)
        self.pipeline(self.one, "MULTI", "SET a 1", "GET a", "EXEC", "PING")
        seen = [self.other.read().split(b"] ")[1].strip() for _ in range(5)]
        self.assertEqual(seen, [b'"MULTI"', b'"SET" "a" "1"', b'"GET" "a"', b'"EXEC"', b'"PING"'])

    def test_client_reply_off_swallows_what_a_transaction_says(self):
        self.one.socket.sendall(b"".join(request(*line.split()) for line in (
            "CLIENT REPLY OFF", "MULTI", "SET a 1", "EXEC", "CLIENT REPLY ON", "GET a")))
        self.assertEqual([self.one.read(), self.one.read()], [OK, b"$1\r\n1\r\n"])

    def test_a_pause_of_writes_holds_an_exec_that_writes_and_no_other(self):
        self.pipeline(self.one, "MULTI", "SET a 1")
        self.assertEqual(self.other.ask("CLIENT", "PAUSE", "60000", "WRITE"), OK)
        self.assertEqual(self.pipeline(self.other, "MULTI", "GET a", "EXEC")[2], b"*1\r\n$-1\r\n")
        self.one.socket.sendall(request("EXEC"))
        self.assertEqual(self.other.ask("GET", "a"), b"$-1\r\n")
        self.assertEqual(self.other.ask("CLIENT", "UNPAUSE"), OK)
        self.assertEqual(self.one.read(), b"*1\r\n+OK\r\n")

    def test_a_pause_holds_no_command_that_is_refused_anyway(self):
        self.assertEqual(self.other.ask("CLIENT", "PAUSE", "600000", "ALL"), OK)
        self.addCleanup(self.other.ask, "CLIENT", "UNPAUSE")
        self.one.socket.settimeout(30)
        for line, error in (("SET a", b"-ERR wrong number of arguments for 'set' command"), ("WHAT", b"-ERR unknown command"),
                            ("CLIENT WHAT", b"-ERR unknown subcommand"), ("CLIENT", b"-ERR wrong number of arguments")):
            self.assertTrue(self.one.ask(*line.split()).startswith(error), line)

    def test_exec_after_a_reset_with_a_password_tells_that_the_transaction_is_gone(self):
        with Redistill(environment={"REDIS_PASSWORD": "s3cret"}) as server, Connection(server) as connection:
            self.pipeline(connection, "AUTH s3cret", "MULTI", "INCR a", "RESET")
            refused = b"-EXECABORT Transaction discarded because of: NOAUTH Authentication required.\r\n"
            self.assertEqual(connection.ask("EXEC"), refused)
            self.assertEqual(self.pipeline(connection, "GET a", "AUTH s3cret", "GET a"),
                             [b"-NOAUTH Authentication required.\r\n", OK, b"$-1\r\n"])

    def test_client_list_shows_what_is_queued_and_watched(self):
        self.pipeline(self.one, "WATCH a b", "MULTI", "SET a 1", "GET a")
        line = next(line for line in self.other.ask("CLIENT", "LIST").decode().split("\n") if " multi=2 " in line)
        self.assertIn(" watch=2 ", line)
        self.assertIn(" flags=x ", line)
        self.assertIn(b"watching_clients:1\r\ntotal_watched_keys:2\r\n".split(b"\r\n")[0], self.other.ask("INFO", "clients"))
        self.one.ask("EXEC")
        self.assertIn(b"watching_clients:0\r\n", self.other.ask("INFO", "clients"))

    def test_large_values_survive_the_queue(self):
        value = bytes(range(256)) * 1024
        replies = self.one.pipeline([request("MULTI"), request("SET", "a", value), request("GET", "a"), request("EXEC")])
        self.assertEqual(replies[3], b"*2\r\n+OK\r\n$%d\r\n%s\r\n" % (len(value), value))

    def test_two_counters_of_a_transaction_never_differ(self):
        """Nothing of another connection comes between: on shards that two workers fight over."""
        rounds = 300
        differences = []

        def write():
            with Connection(self.server) as connection:
                for _ in range(rounds):
                    self.pipeline(connection, "MULTI", "INCR x", "INCR y", "INCR z", "EXEC")

        def read():
            with Connection(self.server) as connection:
                for _ in range(rounds):
                    values = connection.ask("MGET", "z", "x", "y")
                    if len(set(values.split(b"\r\n")[2::2][:3])) > 1 and b"$-1" not in values:
                        differences.append(values)

        threads = [threading.Thread(target=work) for work in (write, write, read, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(differences, [])
        self.assertEqual(self.one.ask("MGET", "x", "y", "z"), b"*3\r\n" + b"$3\r\n600\r\n" * 3)

    def test_renames_that_cross_never_lose_the_value(self):
        self.one.ask("SET", "a", "1")

        def swap(first, second):
            with Connection(self.server) as connection:
                for _ in range(300):
                    connection.pipeline([request("RENAME", first, second), request("RENAME", second, first)])

        threads = [threading.Thread(target=swap, args=names) for names in (("a", "b"), ("b", "a"), ("a", "c"), ("c", "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.one.ask("EXISTS", "a", "b", "c"), b":1\r\n")


if __name__ == "__main__":
    unittest.main()
