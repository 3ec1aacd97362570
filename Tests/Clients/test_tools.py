"""Tools that look into a Redis: what each asks (tools.toml) is answered in the shape in which Debian's redis-server answers."""

import re
import tomllib
import unittest
from pathlib import Path

from daemon import DebianRedis, Redistill
from resp import Connection, decode

TOOLS = tomllib.loads(Path(__file__).with_name("tools.toml").read_text())

# There are no functions here, nor other types than strings: Redis answers, and the daemon refuses.
REFUSED_HERE = {"PFCOUNT nokey"}


def prepare(connection):
    connection.ask("SET", "string", "value", "EX", "1000")
    connection.ask("GET", "nokey")
    # Something to be slow.
    connection.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
    connection.ask("PING")
    connection.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000")


def shape(reply):
    """What a client's parser sees: an error word for word, the kind of anything else, and that of the first things in it."""
    if reply[:1] in b"-!":
        return reply
    kind = reply[:1].decode()
    if kind in "$_":
        return "null" if reply[:3] in (b"$-1", b"_\r\n") else kind
    if kind in "*~%":
        value = decode(numbers_as_texts(reply))
        if not value:
            return kind + " empty"
        return kind if kind == "%" else [kind, first_of(value)]
    return kind


def first_of(value):
    first = value[0]
    if isinstance(first, list):
        return [type(item).__name__ for item in first]
    return type(first).__name__


def numbers_as_texts(reply):
    """RESP3's fractions as simple strings, which resp.decode knows; what they are is not looked at."""
    return re.sub(rb"(?<=\r\n),", b"+", reply)


def text_of(reply):
    """Of a bulk string, or of RESP3's verbatim one with its "txt:"."""
    return reply.split(b"\r\n", 1)[1].decode().removeprefix("txt:")


def fields(text):
    return dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line and not line.startswith("#"))


def kind_of(value):
    """A number, or a text; pairs of numbers are neither."""
    return "number" if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?%?", value) else "text"


@unittest.skipUnless((DebianRedis.version() or (0,))[:2] == (7, 0), "needs Debian's redis-server 7.0")
class Tools(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.servers = [cls.enterClassContext(Redistill("--workers", "2")), cls.enterClassContext(DebianRedis())]

    def connections(self, tool):
        pair = [self.enterContext(Connection(server)) for server in self.servers]
        for connection in pair:
            connection.ask("FLUSHALL")
            prepare(connection)
            if tool["protocol"] == 3:
                connection.ask("HELLO", "3")
        return pair

    def test_calls_are_answered_in_redis_shape(self):
        for name, tool in TOOLS.items():
            ours, theirs = self.connections(tool)
            for call in tool["calls"]:
                with self.subTest(name, call=call):
                    our_reply, their_reply = (connection.ask(*call.split()) for connection in (ours, theirs))
                    if call in REFUSED_HERE:
                        self.assertTrue(our_reply.startswith(b"-ERR unknown command"), our_reply)
                    else:
                        self.assertEqual(shape(our_reply), shape(their_reply), (our_reply[:300], their_reply[:300]))

    def test_calls_that_are_newer_are_answered(self):
        for name, tool in TOOLS.items():
            ours, _ = self.connections(tool)
            for call, kind in tool.get("newer", {}).items():
                with self.subTest(name, call=call):
                    reply = ours.ask(*call.split())
                    self.assertEqual(reply[:1].decode(), kind, reply[:300])

    def test_fields_of_info_are_there_and_of_redis_kind(self):
        for name, tool in TOOLS.items():
            ours, theirs = (fields(text_of(connection.ask("INFO", "everything"))) for connection in self.connections(tool))
            for field in tool["info"]:
                with self.subTest(name, field=field):
                    if field in theirs:
                        self.assertEqual(kind_of(ours[field]), kind_of(theirs[field]), (ours[field], theirs[field]))
            with self.subTest(name):
                self.assertGreater(len(set(tool["info"]) & set(theirs)), len(tool["info"]) * 2 // 3)

    def test_parameters_are_there(self):
        for name, tool in TOOLS.items():
            ours, theirs = self.connections(tool)
            for parameter in tool.get("config", []):
                with self.subTest(name, parameter=parameter):
                    for connection in (ours, theirs):
                        answer = decode(connection.ask("CONFIG", "GET", parameter))
                        names = list(answer) if isinstance(answer, dict) else answer[::2]
                        self.assertEqual(names, [parameter])

    def test_fields_of_client_list_are_there(self):
        for name, tool in TOOLS.items():
            for connection in self.connections(tool):
                line = text_of(connection.ask("CLIENT", "LIST")).splitlines()[0]
                # A name may be empty, but it never lacks its "=".
                told = dict(part.split("=", 1) for part in line.split())
                with self.subTest(name):
                    self.assertEqual(set(tool.get("clients", [])) - set(told), set())

    def test_info_is_read_as_zabbix_reads_it(self):
        """Its parser ends with a panic where a part of these sections has no "=", or a line stands above all sections."""
        ours, _ = self.connections(TOOLS["Zabbix"])
        for section in ("default", "all", "everything", "commandstats", "keyspace"):
            current = None
            for line in text_of(ours.ask("INFO", section)).split("\r\n"):
                if line.startswith("#"):
                    self.assertEqual(line[:2], "# ")
                    current = line[2:]
                elif ":" in line:
                    self.assertIsNotNone(current, line)
                    if current in ("Keyspace", "Commandstats"):
                        for part in line.split(":", 1)[1].split(","):
                            self.assertIn("=", part, line)

    def test_a_password_of_the_default_user_is_seen_as_one(self):
        """RedisInsight takes the fourth word of ACL LIST for whether a user needs none."""
        with Connection(self.servers[0]) as open_to_all:
            self.assertEqual(decode(open_to_all.ask("ACL", "LIST"))[0].split(" ")[3], "nopass")
        with Redistill(environment={"REDIS_PASSWORD": "p"}) as locked, Connection(locked) as client:
            client.ask("AUTH", "p")
            self.assertNotEqual(decode(client.ask("ACL", "LIST"))[0].split(" ")[3], "nopass")


if __name__ == "__main__":
    unittest.main()
