"""What a client is told, and not told, behind Envoy and twemproxy: the table and the warnings of docs/scale-out.md."""

import unittest

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import test_envoy
import test_twemproxy
from shards import COUNT, ErrorReply, until

# Each of a row of the table: what a client sends, and how the error begins that it gets.
ENVOY_REFUSES = {
    ("DBSIZE",): "ERR unknown command 'DBSIZE', with args beginning with: ",
    ("LCS", "{a}1", "{a}2"): "ERR unknown command 'LCS'",
    ("LMPOP", "1", "a", "LEFT"): "ERR unknown command 'LMPOP'",
    ("SINTERCARD", "1", "a"): "ERR unknown command 'SINTERCARD'",
    ("EVAL_RO", "return 1", "1", "a"): "ERR unknown command 'EVAL_RO'",
    ("SUBSCRIBE", "a"): "ERR unknown command 'SUBSCRIBE'",
    ("MONITOR",): "ERR unknown command 'MONITOR'",
    ("RESET",): "ERR unknown command 'RESET'",
    ("COMMAND",): "ERR unknown command 'COMMAND'",
    ("ACL", "WHOAMI"): "ERR unknown command 'ACL'",
    ("EXEC",): "EXEC without MULTI",
    ("EVAL", "return 1", "0"): "wrong number of arguments for 'EVAL' command",
    ("HELLO", "3"): "NOPROTO unsupported protocol version",
    ("CLIENT", "TRACKING", "ON"): "ERR CLIENT subcommand 'TRACKING' is not supported by the proxy",
    ("CLIENT", "ID"): "ERR CLIENT subcommand 'ID' is not supported by the proxy",
    ("CLUSTER", "MYID"): "ERR",
    ("SELECT", "1"): "ERR DB index is out of range",
    ("GET",): "invalid request",
}
# Of newer commands those that the file tells Envoy of.
ENVOY_TAKES = (
    ("EXPIRETIME", "a"), ("HSETEX", "h", "FIELDS", "1", "f", "v"), ("HGETEX", "h", "FIELDS", "1", "f"), ("DIGEST", "a"),
    ("HGETDEL", "h", "FIELDS", "1", "f"), ("DELEX", "a"), ("DELIFEQ", "a", "v"), ("INCREX", "n"),
    ("CL.THROTTLE", "t", "1", "1", "1"), ("OBJECT", "ENCODING", "n"), ("HELLO", "2"), ("CLIENT", "SETNAME", "a"), ("KEYS", "*"),
)
TWEMPROXY_CLOSES = (
    ("MULTI",), ("SCAN", "0"), ("SELECT", "0"), ("HELLO", "2"), ("KEYS", "*"), ("FLUSHALL",), ("INFO",), ("DBSIZE",),
    ("RENAME", "{a}1", "{a}2"), ("CLIENT", "SETNAME", "a"), ("BITOP", "AND", "a", "b", "c"), ("MSETNX", "a", "b"),
    ("EVAL", "return 1", "0"), ("SCRIPT", "LOAD", "return 1"), ("OBJECT", "ENCODING", "a"), ("HEXPIRE", "h", "1", "FIELDS", "1", "f"),
    ("EXPIRETIME", "a"), ("SINTERCARD", "1", "a"), ("WATCH", "a"), ("ECHO", "a"), ("PING", "a"),
)


class Traps:
    """What both proxies answer without an error, and wrong."""

    def test_sets_of_several_daemons_are_not_put_together(self):
        sets = [f"set:{number}" for number in range(30)]
        with self.connect() as client:
            for number, name in enumerate(sets):
                client.ask("SADD", name, number)
            self.assertLess(len(client.ask("SUNION", *sets)), 30)
            tagged = ["{tag}" + name for name in sets]
            for number, name in enumerate(tagged):
                client.ask("SADD", name, number)
            self.assertEqual(len(client.ask("SUNION", *tagged)), 30)

    def test_sorted_sets_are_looked_for_where_their_number_lies(self):
        """Tags or not: the first argument of ZUNION, ZINTER and ZDIFF is a number, and taken for a key."""
        right = 0
        with self.connect() as client:
            for number in range(30):
                client.ask("ZADD", f"{{{number}}}a", "1", "member")
                right += client.ask("ZUNION", "1", f"{{{number}}}a") == [b"member"]
                self.assertEqual(client.ask("ZUNIONSTORE", f"{{{number}}}b", "1", f"{{{number}}}a"), 1)
        self.assertTrue(0 < right < 30, right)


class BehindEnvoy(Traps, test_envoy.EnvoyTest):
    def setUp(self):
        self.shards.flush()

    def test_what_it_does_not_know_is_refused(self):
        with self.connect() as client:
            for words, error in ENVOY_REFUSES.items():
                with self.subTest(words):
                    reply = client.ask(*words)
                    self.assertIsInstance(reply, ErrorReply)
                    self.assertTrue(reply.startswith(error), reply)

    def test_what_the_file_tells_it_of_works(self):
        with self.connect() as client:
            for words in ENVOY_TAKES:
                with self.subTest(words):
                    self.assertNotIsInstance(client.ask(*words), ErrorReply)

    def test_watch_watches_nothing(self):
        with self.connect() as client, self.connect() as other:
            client.ask("WATCH", "key")
            other.ask("SET", "key", "theirs")
            client.ask("MULTI")
            client.ask("SET", "key", "mine")
            self.assertEqual(client.ask("EXEC"), [b"OK"])

    def test_a_transaction_over_daemons_loses_keys(self):
        keys = [f"key:{number}" for number in range(30)]
        with self.connect() as client:
            client.ask("MULTI")
            for key in keys:
                client.ask("SET", key, key)
            self.assertEqual(client.ask("EXEC"), [b"OK"] * 30)
            found = [client.ask("GET", key) for key in keys]
        self.assertTrue(0 < found.count(None) < 30)

    def test_scan_is_an_array_of_all_daemons(self):
        with self.connect() as client:
            self.assertEqual(len(client.ask("SCAN", "0")), 2 * COUNT)

    def test_values_of_before_come_back_with_a_daemon_that_was_cut_off(self):
        with self.connect() as client:
            client.ask("SET", "key", "old")
            owner = next(number for number in range(COUNT) if self.shards.ask(number, "EXISTS", "key"))
            with self.shards.stopped(owner):
                until(lambda: self.healthy() == COUNT - 1, 5, "the hanging one is asked")
                self.assertIsNone(client.ask("GET", "key"))
                client.ask("SET", "key", "new")
            until(lambda: self.healthy() == COUNT, 5, "it is not asked again")
            self.assertEqual(client.ask("GET", "key"), b"old")

    def test_redis_py_needs_protocol_2(self):
        options = {"port": self.plain, "password": "of the clients", "retry": Retry(NoBackoff(), 0)}
        with redis.Redis(**options, protocol=2) as client:
            self.assertEqual(client.pipeline().set("key", "value").get("key").execute(), [True, b"value"])
        with self.assertRaises(redis.RedisError), redis.Redis(**options, protocol=3) as client:
            client.get("key")


class BehindTwemproxy(Traps, test_twemproxy.TwemproxyTest):
    def test_what_it_does_not_know_closes_the_connection(self):
        for words in TWEMPROXY_CLOSES:
            with self.subTest(words), self.connect() as client, self.assertRaises(EOFError):
                client.ask(*words)

    def test_exists_counts_what_the_first_daemon_has(self):
        keys = [f"key:{number}" for number in range(30)]
        with self.connect() as client:
            self.fill(client, keys)
            self.assertLess(client.ask("EXISTS", *keys), 30)

    def test_redis_py_must_say_nothing_of_itself(self):
        options = {"port": self.port, "password": "the-password", "protocol": 2, "retry": Retry(NoBackoff(), 0)}
        with redis.Redis(**options, driver_info=None) as client:
            self.assertEqual(client.pipeline(transaction=False).set("key", "value").get("key").execute(), [True, b"value"])
            with self.assertRaises(redis.ConnectionError):
                client.pipeline().set("key", "value").get("key").execute()
        with self.assertRaises(redis.ConnectionError), redis.Redis(**options) as client:
            client.get("key")


if __name__ == "__main__":
    unittest.main()
