"""What COMMAND INFO, COMMAND DOCS and ACL CAT say, against Debian's redis-server: each command that both have.

Redis 7.4 is what is meant, and Debian has 7.0: what came between, and what is told otherwise on purpose, is listed here
with its reason. An entry that no longer holds fails too.
"""

import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, Set, decode

LATER = "Redis 8 has options that came after 7.4, and so have we"
POLICIES = "7.2 wrote more policies down"
# Of COMMAND INFO and COMMAND DOCS: command, member, why it differs.
DIFFERENCES = {
    ("acl|log", "history"): "7.2 tells more of an entry",
    ("bitop", "arguments"): LATER,
    ("bitop", "history"): LATER,
    ("client|kill", "arguments"): "7.4 has MAXAGE",
    ("client|kill", "history"): "7.4 has MAXAGE",
    ("client|list", "arguments"): "7.2 has no block around the one argument of ID",
    ("client|pause", "since"): "7.2 names a released version",
    ("client|setname", "tips"): POLICIES,
    ("cluster|shards", "flags"): "7.2 tells of them during the loading",
    ("cluster|slots", "flags"): "7.2 tells of them during the loading",
    ("command|getkeys", "arguments"): "7.2 names them",
    ("command|getkeys", "arity"): "7.2 takes a command without arguments",
    ("command|getkeysandflags", "arguments"): "7.2 names them",
    ("command|getkeysandflags", "arity"): "7.2 takes a command without arguments",
    ("config|get", "arguments"): "7.2 has no block around the one argument",
    ("config|resetstat", "tips"): POLICIES,
    ("config|rewrite", "tips"): POLICIES,
    ("hscan", "arguments"): "7.4 has NOVALUES",
    ("latency|reset", "tips"): POLICIES,
    ("msetnx", "tips"): "7.2 took them back",
    ("psetex", "deprecated"): "7.2 says so",
    ("quit", "deprecated"): "7.2 says so",
    ("randomkey", "tips"): POLICIES,
    ("scan", "tips"): POLICIES,
    ("set", "arguments"): LATER,
    ("set", "history"): LATER,
    ("setex", "deprecated"): "7.2 says so",
    ("setnx", "deprecated"): "7.2 says so",
    ("sinterstore", "key specifications"): "7.2 says that it does not read what it writes over",
    ("wait", "categories"): "7.4 says that it blocks",
    ("wait", "flags"): "7.4 says that it blocks, and lets scripts call it",
    ("zrank", "arguments"): "7.2 has WITHSCORE",
    ("zrank", "arity"): "7.2 has WITHSCORE",
    ("zrank", "history"): "7.2 has WITHSCORE",
    ("zrevrank", "arguments"): "7.2 has WITHSCORE",
    ("zrevrank", "arity"): "7.2 has WITHSCORE",
    ("zrevrank", "history"): "7.2 has WITHSCORE",
}
# 7.2 gave arguments new names (`encoding_offset` became `get-block`): all but the names is the same.
RENAMED = {
    "acl|cat", "bitcount", "bitfield", "bitfield_ro", "bitpos", "client|reply", "client|unblock", "cluster|addslotsrange",
    "cluster|delslotsrange", "cluster|meet", "cluster|reset", "cluster|setslot", "config|set", "flushall", "flushdb",
    "hello", "hmset", "hset", "lcs", "mset", "msetnx", "script|flush", "shutdown", "sort", "sort_ro", "zadd", "zrange",
    "zrangebylex", "zrangebyscore", "zrangestore", "zrevrangebylex", "zrevrangebyscore",
}
# Debian's has none of these: newer, of Valkey, of a module.
OURS_ALONE = {
    "cl.throttle", "client|capa", "client|import-source", "client|no-touch", "client|setinfo", "cluster|myshardid", "commandlog", "commandlog|get",
    "commandlog|help", "commandlog|len", "commandlog|reset", "delex", "delifeq", "digest", "hexpire", "hexpireat",
    "hexpiretime", "hgetdel", "hgetex", "hotkeys", "hotkeys|get", "hotkeys|help", "hotkeys|reset", "hotkeys|start",
    "hotkeys|stop", "hpersist", "hpexpire", "hpexpireat", "hpexpiretime", "hpttl", "hsetex", "httl", "increx", "msetex",
    "waitaof",
}
# Never compared: `summary`, which 7.2 wrote anew for every command, and `complexity`, which is our own way's.
INFO = ["arity", "flags", "first key", "last key", "step", "categories", "tips", "key specifications"]
DOCS = ["since", "group", "doc_flags", "deprecated", "history", "arguments"]


def without(names, value):
    """The value with these members of its maps taken out, at any depth."""
    if isinstance(value, dict):
        return {name: without(names, member) for name, member in value.items() if name not in names}
    return type(value)(without(names, member) for member in value) if isinstance(value, list) else value


def kinds(value):
    """The value with the kind of each of its parts: a set is not an array here, nor a simple string a bulk string."""
    if isinstance(value, dict):
        return {name: kinds(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [kinds(member) for member in value]
    return type(value).__name__, value


def infos(connection):
    """By name, subcommands too: the members of COMMAND INFO."""
    found = {}

    def add(info):
        name, *members, subcommands = info
        # Notes are prose for people, which Redis alone has.
        found[name] = dict(zip(INFO, without({"notes"}, members)))
        for subcommand in subcommands:
            add(subcommand)

    for info in decode(connection.ask("COMMAND", "INFO")):
        add(info)
    return found


def docs(connection):
    """By name, subcommands too: the members of COMMAND DOCS; display_text is 7.2's."""
    found = {}
    for name, told in decode(connection.ask("COMMAND", "DOCS")).items():
        found.update({name: told}, **told.get("subcommands", {}))
    for name, told in found.items():
        members = {member: told.get(member) for member in DOCS}
        members["arguments"] = without({"display_text"}, members["arguments"])
        # One change: since when, what instead, and the flag that says so.
        flags = members["doc_flags"] or Set()
        members["deprecated"] = told.get("deprecated_since"), told.get("replaced_by"), "deprecated" in flags
        members["doc_flags"] = Set(flag for flag in flags if flag != "deprecated")
        found[name] = members
    return found


@unittest.skipUnless((DebianRedis.version() or (0,))[:2] == (7, 0), "needs Debian's redis-server 7.0")
class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = cls.connect(Redistill("--workers", "1"))
        cls.theirs = cls.connect(DebianRedis())

    @classmethod
    def connect(cls, server):
        connection = cls.enterClassContext(Connection(cls.enterClassContext(server)))
        connection.ask("HELLO", "3")
        return connection

    def compare(self, read, members):
        ours, theirs = read(self.ours), read(self.theirs)
        self.assertEqual(ours.keys() - theirs.keys(), OURS_ALONE)
        for name in sorted(ours.keys() & theirs.keys()):
            for member in members:
                our_own, their_own = ours[name][member], theirs[name][member]
                if member == "arguments" and name in RENAMED:
                    self.assertNotEqual(our_own, their_own, f"{name} is not renamed")
                    our_own, their_own = without({"name"}, our_own), without({"name"}, their_own)
                with self.subTest(name, member=member, reason=DIFFERENCES.get((name, member))):
                    check = self.assertNotEqual if (name, member) in DIFFERENCES else self.assertEqual
                    check(kinds(our_own), kinds(their_own))

    def test_info_is_the_same(self):
        self.compare(infos, INFO)

    def test_docs_are_the_same(self):
        self.compare(docs, DOCS)

    def test_every_difference_is_of_something_that_is_told(self):
        for name, member in DIFFERENCES:
            self.assertIn(member, INFO + DOCS)
            self.assertIn(name, infos(self.theirs))

    def test_members_and_kinds_are_in_their_order(self):
        for command in ("get", "object", "bgsave", "pubsub"):
            ours, theirs = (decode(server.ask("COMMAND", "INFO", command)) for server in (self.ours, self.theirs))
            self.assertEqual([type(member) for member in ours[0]], [type(member) for member in theirs[0]], command)
        for command in ("get", "getset", "debug", "ttl", "sort"):
            ours, theirs = (decode(server.ask("COMMAND", "DOCS", command))[command] for server in (self.ours, self.theirs))
            self.assertEqual(list(ours), list(theirs), command)
            self.assertEqual([type(member) for member in ours.values()], [type(member) for member in theirs.values()], command)
        ours, theirs = (decode(server.ask("COMMAND", "DOCS", "client|kill")) for server in (self.ours, self.theirs))
        self.assertEqual([*ours], [*theirs])

    def test_categories_have_the_same_commands(self):
        categories = decode(self.ours.ask("ACL", "CAT"))
        self.assertEqual(categories, decode(self.theirs.ask("ACL", "CAT")))
        both = infos(self.ours).keys() & infos(self.theirs).keys() - {"wait"}
        for category in categories:
            with self.subTest(category):
                ours, theirs = ({*decode(server.ask("ACL", "CAT", category))} for server in (self.ours, self.theirs))
                self.assertEqual(ours & both, theirs & both)
                listed = decode(self.ours.ask("COMMAND", "LIST", "FILTERBY", "ACLCAT", category))
                self.assertEqual({*listed}, ours)
                self.assertEqual(len(listed), len(ours))
        self.assertEqual(decode(self.ours.ask("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nope")), [])

    def test_what_is_told_shows_to_people(self):
        """display_text stands behind the type of what is no oneof and no block, as in 7.2."""
        told = decode(self.ours.ask("COMMAND", "DOCS", "set"))["set"]["arguments"]
        self.assertEqual([*told[0]], ["name", "type", "display_text", "key_spec_index"])
        self.assertEqual([*told[2]], ["name", "type", "since", "flags", "arguments"])
        addresses = decode(self.ours.ask("COMMAND", "DOCS", "client|kill"))["client|kill"]["arguments"][0]["arguments"]
        self.assertEqual(addresses[0]["display_text"], "ip:port")

    def test_what_is_not_here_says_what_there_is_instead(self):
        """Behind Redis's own words, which clients look for at the beginning."""
        absent = {name for name in infos(self.theirs) if "|" not in name} - infos(self.ours).keys()
        for name in sorted(absent | {name.upper() for name in absent}):
            with self.subTest(name):
                reply = self.ours.ask(name, "a", "b").decode()
                self.assertTrue(reply.startswith(f"-ERR unknown command '{name}', with args beginning with: 'a' 'b' ("), reply)
                self.assertTrue(reply.endswith(")\r\n"), reply)
        self.assertEqual(self.ours.ask("nope", "a"), self.theirs.ask("nope", "a"))

    def test_what_redis_has_not_says_whose_it_is(self):
        docs = decode(self.ours.ask("COMMAND", "DOCS", "cl.throttle", "delifeq", "get"))
        self.assertEqual((docs["cl.throttle"]["module"], docs["cl.throttle"]["group"]), ("redis-cell", "module"))
        self.assertEqual((docs["delifeq"]["module"], docs["delifeq"]["since"]), ("Valkey", "9.0.0"))
        self.assertNotIn("module", docs["get"])


if __name__ == "__main__":
    unittest.main()
