"""SLOWLOG and COMMANDLOG: what is kept of slow commands, large requests and large replies."""

import unittest

from daemon import Redistill
from resp import Connection, decode, request

OK = b"+OK\r\n"
MIB = 1 << 20
LOGS = ("slow", "large-request", "large-reply")
THRESHOLDS = {"slow": "commandlog-execution-slower-than", "large-request": "commandlog-request-larger-than",
              "large-reply": "commandlog-reply-larger-than"}
LENGTHS = {"slow": "commandlog-slow-execution-max-len", "large-request": "commandlog-large-request-max-len",
           "large-reply": "commandlog-large-reply-max-len"}
# Of the array of bulks that a command is sent as.
REQUEST_BYTES = {("PING",): 14, ("SET", "key", "value"): 33}


class CommandLogTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Redistill("--workers", "1"))

    def setUp(self):
        self.client = self.enterContext(Connection(self.server))
        self.client.ask("FLUSHALL")
        for name, value in (("slowlog-entry-max-argc", 32), ("slowlog-entry-max-string-len", 128)):
            self.set(name, value)
        for log in LOGS:
            self.set(THRESHOLDS[log], 10_000_000 if log == "slow" else MIB)
            self.set(LENGTHS[log], 128)
            self.assertEqual(self.client.ask("COMMANDLOG", "RESET", log), OK)

    def set(self, name, value):
        self.assertEqual(self.client.ask("CONFIG", "SET", name, value), OK, name)

    def get(self, name):
        return decode(self.client.ask("CONFIG", "GET", name))

    def entries(self, log, count=-1):
        return decode(self.client.ask("COMMANDLOG", "GET", count, log))

    def commands(self, log):
        return [entry[3] for entry in self.entries(log)]

    def test_large_requests_and_replies_are_kept_by_default_with_their_bytes(self):
        value = b"x" * MIB
        self.client.ask("CLIENT", "SETNAME", "loader")
        self.client.ask("SET", "key", value)
        self.client.ask("GET", "key")
        self.client.ask("SET", "small", b"x" * 1000)
        self.client.ask("GET", "small")
        request_entry, = self.entries("large-request")
        self.assertEqual(request_entry[2], len(request("SET", "key", value)))
        self.assertEqual(request_entry[3], ["SET", "key", f"... ({MIB} bytes)"])
        self.assertEqual(request_entry[5], "loader")
        reply_entry, = self.entries("large-reply")
        self.assertEqual(reply_entry[2], len(b"$1048576\r\n") + MIB + 2)
        self.assertEqual(reply_entry[3], ["GET", "key"])
        self.assertEqual(request_entry[4], reply_entry[4])
        self.assertEqual(self.entries("slow"), [])

    def test_a_large_reply_of_many_small_values_is_kept(self):
        keys = [f"key{number}" for number in range(100)]
        self.client.ask("MSET", *(word for key in keys for word in (key, "y" * 12_000)))
        self.client.ask("MGET", *keys)
        self.client.ask("MGET", *keys[:7])
        entry, = self.entries("large-reply")
        self.assertEqual(entry[3][:2] + entry[3][31:], ["MGET", "key0", "... (70 more arguments)"])
        self.assertEqual(self.commands("large-request"), [["MSET", *entry_of_mset(keys)]])

    def test_several_commands_at_once_are_told_apart(self):
        self.client.ask("SET", "key", b"x" * MIB)
        self.client.pipeline([request("PING"), request("GET", "key"), request("GET", "none"), request("GET", "key")])
        self.assertEqual(self.commands("large-reply"), [["GET", "key"]] * 2)

    def test_what_exec_and_scripts_send_is_kept_for_the_command_that_was_asked_for(self):
        self.client.ask("SET", "key", b"x" * MIB)
        self.client.ask("COMMANDLOG", "RESET", "large-request")
        for words in (("MULTI",), ("SET", "other", b"y" * MIB), ("GET", "key"), ("EXEC",)):
            self.client.ask(*words)
        self.client.ask("EVAL", "return redis.call('GET', KEYS[1])", 1, "key")
        self.client.ask("EVAL", "redis.call('GET', KEYS[1]) return 1", 1, "key")
        self.assertEqual([words[:2] for words in self.commands("large-request")], [["SET", "other"]])
        self.assertEqual(self.commands("large-reply"), [
            ["EVAL", "return redis.call('GET', KEYS[1])", "1", "key"], ["GET", "key"]])

    def test_a_threshold_below_what_is_read_at_once_is_held(self):
        self.set(THRESHOLDS["large-request"], 1000)
        self.set(THRESHOLDS["large-reply"], 1000)
        self.client.pipeline([request("SET", "key", b"x" * size) for size in (900, 1000)])
        self.client.pipeline([request("GET", "key"), request("STRLEN", "key")])
        for words in (("MULTI",), ("SET", "queued", b"z" * 1000), ("GET", "queued"), ("EXEC",)):
            self.client.ask(*words)
        self.assertEqual([words[:2] for words in self.commands("large-request")], [["SET", "queued"], ["SET", "key"]])
        self.assertEqual(self.commands("large-reply"), [["GET", "queued"], ["GET", "key"]])

    def test_zero_keeps_every_command_and_less_none(self):
        for log in LOGS:
            with self.subTest(log):
                self.client.ask("COMMANDLOG", "RESET", log)
                self.set(THRESHOLDS[log], 0)
                for words in REQUEST_BYTES:
                    self.client.ask(*words)
                self.set(THRESHOLDS[log], -1)
                self.client.ask("PING")
                commands = self.commands(log)
                self.assertEqual(commands, [["SET", "key", "value"], ["PING"], ["CONFIG", "SET", THRESHOLDS[log], "0"]])
                if log == "large-request":
                    self.assertEqual([entry[2] for entry in self.entries(log)[:2]], [33, 14])
                if log == "large-reply":
                    self.assertEqual([entry[2] for entry in self.entries(log)[:2]], [len(OK), len(b"+PONG\r\n")])

    def test_a_log_has_its_length_and_its_numbers(self):
        for log in LOGS:
            with self.subTest(log):
                self.set(THRESHOLDS[log], 0)
                self.set(LENGTHS[log], 10)
                for _ in range(100):
                    self.client.ask("PING")
                self.assertEqual(self.client.ask("COMMANDLOG", "LEN", log), b":10\r\n")
                for count, entries in ((5, 5), (20, 10), (-1, 10), (0, 0)):
                    self.assertEqual(len(self.entries(log, count)), entries)
                numbers = [entry[0] for entry in self.entries(log)]
                self.assertEqual(numbers, sorted(numbers, reverse=True))
                self.set(THRESHOLDS[log], -1)
                self.assertEqual(self.client.ask("COMMANDLOG", "RESET", log), OK)
                self.assertEqual(self.entries(log), [])
                self.set(LENGTHS[log], 0)
                self.set(THRESHOLDS[log], 0)
                self.client.ask("PING")
                self.assertEqual(self.client.ask("COMMANDLOG", "LEN", log), b":0\r\n")

    def test_slowlog_is_the_slow_log(self):
        for names in (("slowlog-log-slower-than", "commandlog-execution-slower-than"),
                      ("slowlog-max-len", "commandlog-slow-execution-max-len")):
            for name in names:
                self.set(name, 77)
                self.assertEqual([self.get(other) for other in names], [[other, "77"] for other in names])
        self.set("slowlog-log-slower-than", 0)
        self.client.ask("PING")
        self.set("slowlog-log-slower-than", -1)
        self.assertEqual(self.client.ask("SLOWLOG", "GET", 1), self.client.ask("COMMANDLOG", "GET", 1, "slow"))
        self.assertEqual(self.client.ask("SLOWLOG", "LEN"), self.client.ask("COMMANDLOG", "LEN", "slow"))

    def test_what_is_wrong_is_refused_in_valkeys_words(self):
        type_error = b"-ERR type should be one of the following: slow, large-request, large-reply\r\n"
        for words in (("GET", 1, "fast"), ("LEN", "fast"), ("RESET", "fast")):
            self.assertEqual(self.client.ask("COMMANDLOG", *words), type_error)
        for count in (-2, "x"):
            self.assertEqual(self.client.ask("COMMANDLOG", "GET", count, "slow"),
                             b"-ERR count should be greater than or equal to -1\r\n")
        for words in (("GET",), ("GET", 1), ("LEN",), ("RESET",)):
            self.assertIn(b"wrong number of arguments", self.client.ask("COMMANDLOG", *words))
        self.assertIn("RESET <type>", decode(self.client.ask("COMMANDLOG", "HELP")))

    def test_secrets_are_shown_in_no_log(self):
        for log in LOGS:
            self.set(THRESHOLDS[log], 0)
        self.client.ask("AUTH", "default", "hush")
        for log in LOGS:
            self.set(THRESHOLDS[log], -1)
            self.assertIn(["AUTH", "(redacted)", "(redacted)"], self.commands(log))

    def test_entries_keep_as_many_arguments_as_they_are_told(self):
        self.set("slowlog-log-slower-than", 0)
        for most, words, kept in (
                (2, ["DEL", *"abcde"], ["DEL", "... (5 more arguments)"]), (5, ["DEL", *"abcdefgh"], ["DEL", *"abc", "... (5 more arguments)"]),
                (5, ["DEL", *"abcd"], ["DEL", *"abcd"]), (5, ["DEL", "a"], ["DEL", "a"]),
                (1000, ["DEL", *map(str, range(900))], ["DEL", *map(str, range(900))])):
            self.set("slowlog-entry-max-argc", most)
            self.client.ask(*words)
            self.assertEqual(self.entries("slow", 1)[0][3], kept)

    def test_entries_keep_as_many_bytes_as_they_are_told(self):
        self.set("slowlog-log-slower-than", 0)
        for most, length, kept in ((16, 20, "A" * 16 + "... (4 more bytes)"), (16, 16, "A" * 16), (1, 3, "A... (2 more bytes)"),
                                   (9000, 9000, "A" * 9000)):
            self.set("slowlog-entry-max-string-len", most)
            self.client.ask("ECHO", "A" * length)
            self.assertEqual(self.entries("slow", 1)[0][3][-1], kept)

    def test_entries_that_are_there_stay_as_they_are(self):
        self.set("slowlog-log-slower-than", 0)
        self.client.ask("ECHO", "A" * 50)
        self.set("slowlog-entry-max-string-len", 8)
        self.set("slowlog-log-slower-than", -1)
        self.assertIn(["ECHO", "A" * 50], self.commands("slow"))

    def test_limits_of_entries_have_their_least_values(self):
        for name, least, default in (("slowlog-entry-max-argc", 2, "32"), ("slowlog-entry-max-string-len", 1, "128")):
            self.assertEqual(self.get(name), [name, default])
            self.assertIn(b"argument must be between", self.client.ask("CONFIG", "SET", name, least - 1))
            self.set(name, least)


def entry_of_mset(keys):
    """The first arguments of the MSET of these keys, as 32 are shown with 128 bytes of each."""
    shown = [word for key in keys for word in (key, "y" * 128 + "... (11872 more bytes)")][:30]
    return [*shown, "... (170 more arguments)"]


if __name__ == "__main__":
    unittest.main()
