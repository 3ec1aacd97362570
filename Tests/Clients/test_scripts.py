"""Scripts beside other clients: how long they may run, what they hold meanwhile, and what is told of them."""

import select
import threading
import time
import unittest

from daemon import Redistill
from resp import Connection, request

BUSY = b"-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
NEVER_ENDS = "while true do end"
WRITES_FOR_EVER = "redis.call('set', KEYS[1], 'written') while true do end"


def nil_bulk():
    return b"$-1\r\n"


class Running:
    """A script that runs on a connection of its own, begun when the block begins."""

    def __init__(self, server, *command):
        self.connection = Connection(server)
        self.command = command

    def __enter__(self):
        self.connection.send(request(*self.command))
        return self

    def reply(self):
        return self.connection.read()

    def __exit__(self, *_):
        self.connection.__exit__()


def until_busy(connection, *command):
    """Asks again and again until the answer is BUSY."""
    for _ in range(2000):
        if connection.ask(*command) == BUSY:
            return
        time.sleep(0.005)
    raise AssertionError("nobody was told BUSY")


class LongScripts:
    WORKERS = "1"

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            Redistill("--workers", cls.WORKERS, "--num-shards", "8", "--script-time-limit", "1s"))

    def setUp(self):
        self.one = self.enterContext(Connection(self.server))
        self.others = [self.enterContext(Connection(self.server)) for _ in range(4)]
        self.set_limit(1000)
        self.one.ask("FLUSHALL")

    def set_limit(self, ms):
        self.assertEqual(self.one.ask("CONFIG", "SET", "lua-time-limit", str(ms)), b"+OK\r\n")

    def test_every_connection_is_told_busy_until_a_kill(self):
        with Running(self.server, "EVAL", "while not redis.call('get', 'never') do end", "1", "k") as script:
            until_busy(self.one, "GET", "k")
            for other in self.others:
                self.assertEqual(other.ask("GET", "k"), BUSY)
                self.assertEqual(other.ask("DBSIZE"), BUSY)
                self.assertEqual(other.ask("PING"), BUSY)
            self.assertEqual(self.one.ask("SCRIPT", "KILL"), b"+OK\r\n")
            self.assertIn(b"Script killed by user with SCRIPT KILL", script.reply())
            self.assertEqual(self.one.ask("GET", "k"), nil_bulk())
            self.assertEqual(self.one.ask("SCRIPT", "KILL"), b"-NOTBUSY No scripts in execution right now.\r\n")

    def test_one_that_has_written_is_not_killed_and_ends_after_twice_its_time(self):
        with Running(self.server, "EVAL", WRITES_FOR_EVER, "1", "k") as script:
            until_busy(self.one, "GET", "k")
            self.assertTrue(self.one.ask("SCRIPT", "KILL").startswith(b"-UNKILLABLE "))
            self.assertIn(b"more than twice 'script_time_limit'", script.reply())
            self.assertEqual(self.one.ask("GET", "k"), b"$7\r\nwritten\r\n")

    def test_what_came_behind_it_is_answered_after_it(self):
        with Running(self.server, "EVAL", NEVER_ENDS, "0") as script:
            script.connection.send(request("PING") + request("SET", "behind", "1"))
            self.assertIn(b"more than twice", script.reply())
            self.assertEqual(script.reply(), b"+PONG\r\n")
            self.assertEqual(script.reply(), b"+OK\r\n")

    def test_a_transaction_of_scripts_is_one_moment_even_then(self):
        with Running(self.server, "MULTI") as client:
            client.connection.send(request("SET", "k", "1") + request("EVAL", NEVER_ENDS, "0") + request("INCR", "k") +
                                   request("EXEC"))
            self.assertEqual([client.reply() for _ in range(4)], [b"+OK\r\n"] + [b"+QUEUED\r\n"] * 3)
            until_busy(self.one, "GET", "k")
            reply = client.reply()
            self.assertTrue(reply.startswith(b"*3\r\n+OK\r\n-ERR script ran for more than twice"), reply)
            self.assertTrue(reply.endswith(b"\r\n:2\r\n"), reply)
            self.assertEqual(self.one.ask("GET", "k"), b"$1\r\n2\r\n")

    def test_a_transaction_that_meets_a_long_script_is_discarded_as_a_whole(self):
        self.others[0].ask("MULTI")
        self.others[0].ask("SET", "k", "1")
        with Running(self.server, "EVAL", NEVER_ENDS, "1", "k") as script:
            until_busy(self.one, "GET", "k")
            self.assertEqual(self.others[0].ask("EXEC"), b"-EXECABORT Transaction discarded because of: " + BUSY[1:])
            self.assertEqual(self.others[1].ask("MULTI"), b"+OK\r\n")
            self.assertEqual(self.others[1].ask("SET", "k", "2"), BUSY)
            self.one.ask("SCRIPT", "KILL")
            script.reply()
        self.assertEqual(self.others[0].ask("PING"), b"+PONG\r\n")
        self.assertTrue(self.others[1].ask("EXEC").startswith(b"-EXECABORT Transaction discarded because of previous"))
        self.assertEqual(self.one.ask("GET", "k"), nil_bulk())

    def test_a_client_that_goes_leaves_nothing_behind(self):
        with Running(self.server, "EVAL", WRITES_FOR_EVER, "1", "k"):
            until_busy(self.one, "GET", "k")
        for _ in range(2000):
            if self.one.ask("GET", "k") != BUSY:
                break
            time.sleep(0.005)
        self.assertEqual(self.one.ask("GET", "k"), b"$7\r\nwritten\r\n")

    def test_who_watches_and_tracks_may_go_meanwhile(self):
        leaving = [Connection(self.server) for _ in range(4)]
        for connection in leaving[:2]:
            connection.ask("WATCH", "k", "a", "b", "c")
        for connection in leaving[2:]:
            connection.ask("HELLO", "3")
            connection.ask("CLIENT", "TRACKING", "ON")
            connection.ask("MGET", "k", "a", "b", "c")
        before = int(self.one.ask("CLIENT", "LIST").count(b"id="))
        with Running(self.server, "EVAL", WRITES_FOR_EVER, "4", "k", "a", "b", "c") as script:
            until_busy(self.one, "GET", "k")
            self.assertEqual(leaving[0].ask("UNWATCH"), BUSY)
            for connection in leaving:
                connection.__exit__()
            script.reply()
        for _ in range(2000):
            if int(self.one.ask("CLIENT", "LIST").count(b"id=")) <= before - 4:
                break
            time.sleep(0.005)
        self.assertLessEqual(int(self.one.ask("CLIENT", "LIST").count(b"id=")), before - 4)

    def test_replies_that_nobody_wants_are_not_sent(self):
        with Running(self.server, "CLIENT", "REPLY", "OFF") as client:
            client.connection.send(request("EVAL", NEVER_ENDS, "0") + request("CLIENT", "REPLY", "ON"))
            self.assertEqual(client.reply(), b"+OK\r\n")

    def test_the_daemon_stops_though_a_script_runs(self):
        with Redistill("--workers", self.WORKERS, "--script-time-limit", "0", "--shutdown-timeout", "1s") as server:
            with Running(server, "EVAL", NEVER_ENDS, "0"):
                time.sleep(0.05)
                server.process.terminate()
                self.assertEqual(server.process.wait(20), 0)

    def test_a_shutdown_is_obeyed_while_a_script_runs_for_too_long(self):
        with Redistill("--workers", self.WORKERS, "--script-time-limit", "1s") as server, Connection(server) as other:
            with Running(server, "EVAL", "redis.call('set', KEYS[1], 'x') while true do end", "1", "k") as script:
                until_busy(other, "GET", "k")
                self.assertEqual(other.ask("SHUTDOWN"), BUSY)
                other.send(request("SHUTDOWN", "NOSAVE"))
                self.assertIn(b"the server is stopping", script.reply())
                self.assertEqual(server.process.wait(20), 0)


class ScriptsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "8", "--script-cache-size", "64KB"))

    def setUp(self):
        self.one = self.enterContext(Connection(self.server))
        self.other = self.enterContext(Connection(self.server))
        for command in (("FLUSHALL",), ("SCRIPT", "FLUSH"), ("CONFIG", "RESETSTAT"), ("SLOWLOG", "RESET"),
                        ("CONFIG", "SET", "scripting", "yes")):
            self.assertEqual(self.one.ask(*command), b"+OK\r\n", command)

    def load(self, script):
        return self.one.ask("SCRIPT", "LOAD", script).split(b"\r\n")[1]

    def test_it_is_told_to_who_watches_as_its_commands_are(self):
        self.assertEqual(self.other.ask("MONITOR"), b"+OK\r\n")
        self.one.ask("SELECT", "2")
        self.one.ask("EVAL", "return redis.call('set', KEYS[1], 'v')", "1", "k")
        lines = [self.other.read().split(b" ", 1)[1] for _ in range(3)]
        self.assertTrue(lines[1].startswith(b"[2 127.0.0.1:"), lines)
        self.assertIn(b'"EVAL"', lines[1])
        self.assertEqual(lines[2], b'[2 lua] "set" "k" "v"\r\n')

    def test_each_of_its_commands_is_counted(self):
        self.one.ask("EVAL", "for i = 1, 3 do redis.call('incr', KEYS[1]) end redis.pcall('incr', 'x', 'y')", "1", "k")
        figures = self.one.ask("INFO", "commandstats").decode()
        self.assertRegex(figures, r"cmdstat_incr:calls=3,.*rejected_calls=1,failed_calls=0")
        self.assertRegex(figures, r"cmdstat_eval:calls=1,.*rejected_calls=0,failed_calls=0")
        self.assertIn("errorstat_ERR:count=1", self.one.ask("INFO", "errorstats").decode())

    def test_an_error_that_goes_through_is_counted_once_and_fails_both(self):
        self.one.ask("SET", "k", "x")
        self.one.ask("EVAL", "return redis.call('incr', KEYS[1])", "1", "k")
        figures = self.one.ask("INFO", "commandstats").decode()
        self.assertRegex(figures, r"cmdstat_incr:calls=1,.*failed_calls=1")
        self.assertRegex(figures, r"cmdstat_eval:calls=1,.*failed_calls=1")
        self.assertIn("errorstat_ERR:count=1", self.one.ask("INFO", "errorstats").decode())

    def test_a_slow_one_is_in_the_slow_log(self):
        self.one.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
        self.one.ask("SLOWLOG", "RESET")
        self.one.ask("EVAL", "return redis.call('get', KEYS[1])", "1", "k")
        log = self.one.ask("SLOWLOG", "GET", "10")
        self.one.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000")
        self.assertIn(b"$4\r\nEVAL\r\n", log)
        self.assertIn(b"*2\r\n$3\r\nget\r\n$1\r\nk\r\n", log)

    def test_scripts_of_eval_go_and_those_of_load_stay(self):
        kept = self.load("return 'kept'")
        for i in range(400):
            self.assertEqual(self.one.ask("EVAL", f"return {i} -- {'x' * 200}", "0"), b":%d\r\n" % i)
        self.assertEqual(self.one.ask("EVALSHA", kept, "0"), b"$4\r\nkept\r\n")
        figures = self.one.ask("INFO", "memory").decode()
        count = int(figures.split("number_of_cached_scripts:")[1].split()[0])
        self.assertTrue(10 < count < 200, count)
        self.assertLessEqual(int(figures.split("used_memory_scripts:")[1].split()[0]), 64 << 10)
        self.assertGreater(int(self.one.ask("INFO", "stats").decode().split("evicted_scripts:")[1].split()[0]), 200)

    def test_the_least_recently_used_go(self):
        used = self.one.ask("EVAL", "return redis.sha1hex(ARGV[1])", "0", "return 'used'").split(b"\r\n")[1]
        self.one.ask("EVAL", "return 'used'", "0")
        for i in range(400):
            self.one.ask("EVAL", f"return {i} -- {'x' * 200}", "0")
            self.assertEqual(self.one.ask("EVALSHA", used, "0"), b"$4\r\nused\r\n")

    def test_load_refuses_what_has_no_place_and_keeps_the_rest(self):
        first = self.load("return 'first'")
        replies = {self.one.ask("SCRIPT", "LOAD", f"return {i} -- {'x' * 500}")[:5] for i in range(400)}
        self.assertIn(b"-ERR ", replies)
        self.assertEqual(self.one.ask("EVALSHA", first, "0"), b"$5\r\nfirst\r\n")
        self.assertEqual(self.one.ask("EVAL", "return 'runs all the same'", "0"), b"$18\r\nruns all the same\r\n"
                         .replace(b"18", b"17"))
        self.assertEqual(self.one.ask("SCRIPT", "FLUSH"), b"+OK\r\n")
        self.assertTrue(self.one.ask("EVALSHA", first, "0").startswith(b"-NOSCRIPT"))

    def test_they_can_be_turned_off(self):
        sha = self.load("return 1")
        self.one.ask("CONFIG", "SET", "scripting", "no")
        for command in (("EVAL", "return 1", "0"), ("EVALSHA", sha, "0"), ("SCRIPT", "LOAD", "return 2")):
            self.assertIn(b"scripting = false", self.one.ask(*command))
        self.one.ask("CONFIG", "SET", "scripting", "yes")
        self.assertEqual(self.one.ask("EVALSHA", sha, "0"), b":1\r\n")

    def test_a_run_that_takes_too_much_memory_ends(self):
        script = "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end"
        self.assertIn(b"not enough memory", self.one.ask("EVAL", script, "0"))
        self.assertEqual(self.one.ask("EVAL", "return 1", "0"), b":1\r\n")

    def test_a_reply_that_takes_too_much_memory_is_an_error_of_the_script(self):
        self.one.ask("CONFIG", "SET", "script_memory_limit", "1mb")
        self.one.ask("SETRANGE", "large", "2000000", "x")
        for script in ("return #redis.call('get', KEYS[1])", "return #redis.pcall('get', KEYS[1]).err"):
            reply = self.one.ask("EVAL", script, "1", "large")
            self.assertTrue(b"script_memory_limit" in reply or reply.startswith(b":"), reply)
        for i in range(12):
            self.one.ask("SETRANGE", f"part{i}", "99999", "x")
        many = "return #redis.call('mget', unpack(KEYS))"
        self.assertIn(b"script_memory_limit", self.one.ask("EVAL", many, "12", *[f"part{i}" for i in range(12)]))
        self.one.ask("CONFIG", "SET", "script_memory_limit", "64mb")
        self.assertEqual(self.one.ask("EVAL", many, "12", *[f"part{i}" for i in range(12)]), b":12\r\n")

    def test_many_in_one_pipeline_do_not_wait_for_each_others_time(self):
        """Each has its own time, though all come in one turn of the loop."""
        self.one.ask("CONFIG", "SET", "lua-time-limit", "600")
        busy = "local t = 0 for i = 1, 1e5 do t = t + i % 7 end return t > 0"
        replies = self.one.pipeline([request("EVAL", busy, "0")] * 60)
        self.one.ask("CONFIG", "SET", "lua-time-limit", "5000")
        self.assertEqual(set(replies), {b":1\r\n"})

    def test_the_database_it_selects_is_its_own(self):
        self.one.ask("EVAL", "redis.call('select', 5) redis.call('set', 'k', '5') error('oh')", "0")
        self.assertEqual(self.one.ask("GET", "k"), nil_bulk())
        self.one.ask("SELECT", "5")
        self.assertEqual(self.one.ask("GET", "k"), b"$1\r\n5\r\n")

    def test_keys_that_it_reads_are_tracked(self):
        self.one.ask("HELLO", "3")
        self.one.ask("CLIENT", "TRACKING", "ON")
        self.one.ask("EVAL", "return redis.call('get', KEYS[1])", "1", "k")
        self.other.ask("SET", "k", "2")
        self.assertEqual(self.one.read(), b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n")

    def test_what_it_writes_touches_who_watches(self):
        self.other.ask("WATCH", "k")
        self.one.ask("EVAL", "redis.call('set', KEYS[1], 'x')", "1", "k")
        self.other.ask("MULTI")
        self.assertEqual(self.other.ask("EXEC"), b"*-1\r\n")

    def test_a_pause_of_writes_holds_it_back(self):
        self.assertEqual(self.one.ask("CLIENT", "PAUSE", "100000", "WRITE"), b"+OK\r\n")
        self.other.send(request("EVAL", "return redis.call('set', KEYS[1], 'x')", "1", "k"))
        self.assertEqual(self.one.ask("EVAL_RO", "return redis.call('get', KEYS[1])", "1", "k"), nil_bulk())
        self.assertEqual(self.one.ask("CLIENT", "UNPAUSE"), b"+OK\r\n")
        self.assertEqual(self.other.read(), b"+OK\r\n")

    def test_one_that_says_that_it_only_reads_is_not_held_back(self):
        self.assertEqual(self.one.ask("CLIENT", "PAUSE", "100000", "WRITE"), b"+OK\r\n")
        self.assertEqual(self.other.ask("EVAL", "#!lua flags=no-writes\nreturn 1", "0"), b":1\r\n")
        self.assertEqual(self.one.ask("CLIENT", "UNPAUSE"), b"+OK\r\n")

    def test_many_connections_find_every_run_whole(self):
        """Two keys that only scripts change are always equal, for scripts and for transactions."""
        script = "local n = redis.call('incr', KEYS[1]) if n ~= redis.call('incr', KEYS[2]) then error('torn') end return n"
        wide = "local n = redis.call('incr', 'a' .. '') if n ~= redis.call('incr', 'b' .. '') then error('torn') end return n"
        replies, rounds = [], 300

        def client(number):
            with Connection(self.server) as connection:
                for i in range(rounds):
                    text = script if (i + number) % 2 else wide
                    replies.append(connection.ask("EVAL", text, "2", "a", "b"))
                    answers = connection.pipeline([request("MULTI"), request("MGET", "a", "b"), request("EXEC")])
                    values = answers[2].split(b"\r\n")
                    if values[3] != values[5]:
                        replies.append(answers[2])

        threads = [threading.Thread(target=client, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(int(reply[1:]) if reply.startswith(b":") else reply for reply in replies),
                         list(range(1, 4 * rounds + 1)))


class ManyWorkersTest(unittest.TestCase):
    """A script holds the shards of its keys where it touches no others, and all of them where it may."""

    def setUp(self):
        self.server = self.enterContext(
            Redistill("--workers", "2", "--num-shards", "64", "--script-time-limit", "60s"))
        self.connections = [self.enterContext(Connection(self.server)) for _ in range(8)]

    def elsewhere(self):
        """A connection of the worker that does not run the script: it is answered while the other's are not."""
        for connection in self.connections:
            connection.send(request("PING"))
        answered, _, _ = select.select([connection.socket for connection in self.connections], [], [], 10)
        connection = next(one for one in self.connections if one.socket in answered)
        self.assertEqual(connection.read(), b"+PONG\r\n")
        return connection

    def run_beside(self, script, patience):
        """Runs an endless script, and another on a key of another shard beside it: is that answered?"""
        with Running(self.server, "EVAL", script, "1", "slow") as slow:
            self.assertEqual(select.select([slow.connection.socket], [], [], 0.1)[0], [])
            other = self.elsewhere()
            other.send(request("EVAL", "return redis.call('set', KEYS[1], 'x')", "1", "fast"))
            answered = select.select([other.socket], [], [], patience)[0]
            self.server.process.kill()
            return bool(answered)

    def test_scripts_of_different_keys_run_side_by_side(self):
        self.assertTrue(self.run_beside("while redis.call('get', KEYS[1]) ~= 'end' do end", 30))

    def test_a_script_that_may_touch_any_key_is_alone(self):
        self.assertFalse(self.run_beside("while redis.call('get', KEYS[1] .. '') ~= 'end' do end", 1))


class LongScriptsOfOneWorkerTest(LongScripts, unittest.TestCase):
    pass


class LongScriptsOfManyWorkersTest(LongScripts, unittest.TestCase):
    WORKERS = "3"


if __name__ == "__main__":
    unittest.main()
