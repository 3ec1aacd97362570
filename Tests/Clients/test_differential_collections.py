"""The same random commands on hashes, sets, lists and sorted sets to Redistill and to Debian's redis-server.

As test_differential_commands.py, whose variables it has too. Each family runs with Redis's own bounds of the packed form,
and with bounds so small that nearly all is indexed here. What is allowed to differ:
- The order of what has none: both replies are sorted.
- What chance decides: as many of the collection, none twice where Redis says so.
- A cursor: what the first call of a scan gives is all of it, or with smaller bounds a part.
- OBJECT ENCODING where the bounds differ; times left by what passes between two executions.
"""

import unittest

from collection_commands import FAMILIES, RANDOM, SCANS, WHOLE, CollectionMaker
from daemon import DebianRedis, Redistill
from differential_run import COMMANDS, DifferentialRun, elements, is_list, same_time

SMALL = {"hash-max-listpack-entries": "3", "hash-max-listpack-value": "20"}


def groups(reply, size):
    """The items of a list, each of so many elements."""
    parts = elements(reply)
    return [tuple(parts[i:i + size]) for i in range(0, len(parts), size)]


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

    bounds = {}

    @classmethod
    def setUpClass(cls):
        cls.servers = [
            cls.enterClassContext(Redistill("--workers", "2", "--num-shards", "4")), cls.enterClassContext(DebianRedis())]
        with cls.servers[0].connect() as socket:
            for name, value in cls.bounds.items():
                socket.sendall(f"CONFIG SET {name} {value}\r\n".encode())
                if (reply := socket.recv(1000)) != b"+OK\r\n":
                    raise RuntimeError(f"{name}: {reply}")

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
            return self.same_scans(ours, theirs, 1 if "NOVALUES" in command else SCANS[name])
        if name in RANDOM:
            return ours[:1] == theirs[:1] != b"-" and (not is_list(ours) or len(elements(ours)) == len(elements(theirs)))
        return name == "OBJECT" and bool(self.bounds)

    def same_lists(self, ours, theirs, size):
        if not is_list(ours) or ours[:1] != theirs[:1] or not is_list(theirs):
            return False
        return sorted(groups(ours, size)) == sorted(groups(theirs, size))

    def same_scans(self, ours, theirs, size):
        """All at once in both, or a part: where a collection is indexed the cursors lead different ways."""
        if not is_list(ours) or not is_list(theirs):
            return False
        (our_cursor, our_items), (their_cursor, their_items) = elements(ours), elements(theirs)
        if our_cursor == their_cursor == b"$1\r\n0\r\n":
            return self.same_lists(our_items, their_items, size)
        if their_cursor == b"$1\r\n0\r\n":
            return {*groups(our_items, size)} <= {*groups(their_items, size)}
        return our_cursor[:1] == b"$"

    def fits_after(self, before, command, reply):
        """What chance has chosen is there, and is not chosen twice unless that is asked for."""
        name = command[0].upper()
        (whole, *rest), whole_reply = before
        if RANDOM.get(name) != whole.upper() or rest != command[1:2] or not is_list(whole_reply) or reply[:1] in b"-_+:":
            return True
        if reply == b"$-1\r\n":
            return elements(whole_reply) == []
        with_values = len(command) > 3
        items = groups(whole_reply, WHOLE[whole.upper()])
        there = {*items} if with_values or len(items[:1]) == 0 else {item[0] for item in items}
        chosen = drawn(command, reply)
        repeats = len(command) > 2 and command[2].startswith(b"-")
        return {*chosen} <= there and (repeats or len({*chosen}) == len(chosen))

    def run_family(self, protocol, family):
        self.compare(protocol, lambda rng: CollectionMaker(rng, [family]), COMMANDS // 4)


def add_tests(test_class):
    """A test for each family and protocol."""
    for name, family in FAMILIES.items():
        for protocol in (2, 3):
            def test(self, protocol=protocol, family=family):
                self.run_family(protocol, family)
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
