"""The same random commands on hashes, sets, lists and sorted sets to Redistill and to Debian's redis-server.

As test_differential_commands.py, whose variables it has too: of the commands one in 32 for each test. Each family runs
with Redis's own bounds of the packed form, and with bounds so small that nearly all is indexed here. What is allowed to
differ:
- The order of what has none: both replies are sorted.
- What chance decides: as many of the collection, none twice where Redis says so.
- A cursor: what the first call of a scan gives is all of it, or with smaller bounds a part.
- OBJECT ENCODING where the bounds differ, and of small lists and sets, which have been listpacks since 7.2; times left by
  what passes between two executions.
- Scores are written with 17 digits in 7.0, since 7.2 with the fewest that read back as the same: compared as numbers. Of
  a large set Redis keeps the sign of -0.
"""

import re
import sys
import unittest

import hash_commands
import list_commands
import set_commands
import zset_commands
from collection_commands import CollectionMaker
from daemon import DebianRedis, Redistill
from differential_run import COMMANDS, DifferentialRun, elements, is_list, same_time

FAMILIES = {
    "hashes": [hash_commands.hashes], "sets": [set_commands.sets], "lists": [list_commands.lists],
    "zsets": [zset_commands.zsets], "zsets_by_member": [zset_commands.lexical],
    "all_types": [hash_commands.hashes, set_commands.sets, list_commands.lists, zset_commands.zsets],
}
MODULES = [hash_commands, list_commands, set_commands, zset_commands]
SMALL = [
    "--hash-max-listpack-entries", "3", "--hash-max-listpack-value", "20", "--set-max-listpack-entries", "3",
    "--set-max-listpack-value", "20", "--set-max-intset-entries", "3", "--zset-max-listpack-entries", "3",
    "--zset-max-listpack-value", "20", "--list-max-listpack-size", "3",
]


def of_all(name):
    """What the families' files say under that name."""
    return {key: value for module in MODULES for key, value in getattr(module, name, {}).items()}


WHOLE, RANDOM, SCANS = of_all("WHOLE"), of_all("RANDOM"), of_all("SCANS")
# A score that is no whole number, as a double or a bulk string.
SCORE = re.compile(rb"(?:,|\$\d+\r\n)(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\r\n")


def groups(reply, size, read=bytes):
    """The items of a list, each of so many elements, which may be read."""
    parts = [read(part) for part in elements(reply)]
    return [tuple(parts[i:i + size]) for i in range(0, len(parts), size)]


def with_scores_read(reply):
    return SCORE.sub(lambda match: b"%r\r\n" % (float(match[1]) + 0.0), reply)


def drawn(command, reply):
    """The items that a random command has replied: pairs are flat in RESP2, and arrays in RESP3."""
    if not is_list(reply):
        return [reply]
    if len(command) < 4:
        return elements(reply)
    parts = elements(reply)
    return [tuple(elements(part)) for part in parts] if parts and parts[0][:1] == b"*" else groups(reply, 2)


class CollectionRun(DifferentialRun):
    """Comparing with what has no order, and what chance decides."""

    bounds = []

    @classmethod
    def setUpClass(cls):
        ours = Redistill("--workers", "2", "--num-shards", "4", *cls.bounds)
        cls.servers = [cls.enterClassContext(ours), cls.enterClassContext(DebianRedis())]

    def same(self, command, ours, theirs):
        if ours == theirs:
            return True
        name = command[0].upper()
        if same_time(name, ours, theirs):
            return True
        if name in WHOLE:
            return self.same_lists(ours, theirs, WHOLE[name])
        if name == "SCAN":
            return self.same_scans(ours, theirs, 1)
        if name in SCANS:
            return self.same_scans(ours, theirs, SCANS[name], with_scores_read if name == "ZSCAN" else bytes)
        if name in RANDOM:
            return ours[:1] == theirs[:1] != b"-" and (not is_list(ours) or len(elements(ours)) == len(elements(theirs)))
        if name.startswith("Z"):
            return with_scores_read(ours) == with_scores_read(theirs)
        return name == "OBJECT" and (bool(self.bounds) or self.same_encoding(ours, theirs))

    def same_encoding(self, ours, theirs):
        return (ours.decode().split("\r\n")[1], theirs.decode().split("\r\n")[1]) in self.encodings

    def same_lists(self, ours, theirs, size, read=bytes):
        if not is_list(ours) or ours[:1] != theirs[:1] or not is_list(theirs):
            return False
        return sorted(groups(ours, size, read)) == sorted(groups(theirs, size, read))

    def same_scans(self, ours, theirs, size, read=bytes):
        """All at once in both, or a part: where a collection is indexed the cursors lead different ways."""
        if not is_list(ours) or not is_list(theirs):
            return False
        (our_cursor, our_items), (their_cursor, their_items) = elements(ours), elements(theirs)
        if our_cursor == their_cursor == b"$1\r\n0\r\n":
            return self.same_lists(our_items, their_items, size, read)
        if their_cursor == b"$1\r\n0\r\n":
            return {*groups(our_items, size, read)} <= {*groups(their_items, size, read)}
        return our_cursor[:1] == b"$"

    def fits_after(self, before, command, reply):
        """What chance has chosen is there, and is not chosen twice unless that is asked for."""
        name = command[0].upper()
        (whole, *rest), whole_reply = before
        if RANDOM.get(name) != [whole, *rest[1:]] or rest[:1] != command[1:2] or not is_list(whole_reply) or reply[:1] in b"-_+:":
            return True
        if reply == b"$-1\r\n":
            return elements(whole_reply) == []
        with_values = len(command) > 3
        items = groups(whole_reply, WHOLE[whole]) if whole in WHOLE else drawn(before[0], whole_reply)
        there = {*items} if with_values or len(items[:1]) == 0 else {item[0] for item in items}
        chosen = drawn(command, reply)
        repeats = len(command) > 2 and command[2].startswith(b"-")
        return {*chosen} <= there and (repeats or len({*chosen}) == len(chosen))

    def run_family(self, protocol, name):
        modules = {sys.modules[family.__module__] for family in FAMILIES[name]}
        self.encodings = {pair for module in modules for pair in getattr(module, "ENCODINGS", ())}
        self.compare(protocol, lambda rng: CollectionMaker(rng, FAMILIES[name]), COMMANDS // 32)


def add_tests(test_class):
    """A test for each family and protocol."""
    for name in FAMILIES:
        for protocol in (2, 3):
            def test(self, protocol=protocol, name=name):
                self.run_family(protocol, name)
            setattr(test_class, f"test_{name}_get_the_same_replies_in_resp{protocol}", test)
    return test_class


NEEDS = unittest.skipUnless((DebianRedis.version() or (0,))[:2] == (7, 0), "needs Debian's redis-server 7.0")


@NEEDS
@add_tests
class SameCollections(CollectionRun, unittest.TestCase):
    """With Redis's bounds."""


@NEEDS
@add_tests
class SameIndexedCollections(CollectionRun, unittest.TestCase):
    """With bounds so small that nearly all is indexed here."""

    bounds = SMALL


if __name__ == "__main__":
    unittest.main()
