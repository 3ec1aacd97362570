"""Hashes, sets and lists as they are measured, and what bench-load asks of them."""

import unittest

from harness.build import build
from harness.collection import KEY_SIZE, SHAPES, Shape, workloads
from harness.servers import KINDS
from harness.workloads import ON_COLLECTIONS
from tests.answering import take_command
from tests.test_load import Cases


def setUpModule():
    build("bin/bench-load")


class Store:
    """Hashes, sets and lists as Redis has them, as far as the load asks."""

    def __init__(self):
        self.keys: dict[bytes, list[bytes]] = {}

    def __call__(self, arguments: list[bytes]) -> bytes:
        command, key, *words = arguments
        held = self.keys.setdefault(key, [])
        match command:
            case b"HSET":
                known = dict(zip(held[::2], held[1::2]))
                fresh = dict(zip(words[::2], words[1::2]))
                self.keys[key] = [word for pair in (known | fresh).items() for word in pair]
                return b":%d\r\n" % len(fresh.keys() - known.keys())
            case b"HGET": return self.bulk(held[held.index(words[0]) + 1])
            case b"SADD":
                added = [word for word in words if word not in held]
                held += added
                return b":%d\r\n" % len(added)
            case b"SREM":
                was_there = words[0] in held
                if was_there:
                    held.remove(words[0])
                return b":%d\r\n" % was_there
            case b"SISMEMBER": return b":%d\r\n" % (words[0] in held)
            case b"RPUSH" | b"LPUSH":
                held += words
                return b":%d\r\n" % len(held)
            case b"RPOP": return self.bulk(held.pop())
        return b"*%d\r\n" % len(held) + b"".join(map(self.bulk, held))

    @staticmethod
    def bulk(word: bytes) -> bytes:
        return b"$%d\r\n%b\r\n" % (len(word), word)


class Loads(Cases):
    def test_each_command_finds_what_was_filled_in_and_leaves_it(self):
        for command in ON_COLLECTIONS:
            with self.subTest(command):
                store = Store()
                self.good(store, "--preload", "--command", command, "--connections", "1", "--width", "3", "--pipeline", "2")
                elements = 6 if command.startswith("h") else 3
                self.assertEqual({len(held) for held in store.keys.values()}, {elements})
                self.assertEqual(len(store.keys), 100)

    def test_another_size_fails_the_run(self):
        self.bad(lambda _: b":1\r\n", "wrong reply", "--command", "hget")
        self.bad(lambda _: b"*1\r\n$64\r\n" + b"v" * 64 + b"\r\n", "wrong reply", "--command", "lrange")


class Shapes(unittest.TestCase):
    def test_elements_are_as_many_and_as_large_as_the_name_says(self):
        self.assertEqual(Shape("hash", 5).payload(), KEY_SIZE + 5 * (8 + 32))
        self.assertEqual(Shape("list", 10).payload(), KEY_SIZE + 10 * 32)
        self.assertEqual(Shape("set", 100, 16).payload(), KEY_SIZE + 100 * 16)
        self.assertEqual(len({shape.name for shape in SHAPES}), len(SHAPES))

    def test_members_and_fields_are_different(self):
        for shape in SHAPES:
            words = shape.words(12345)
            if shape.kind != "list":
                names = words[::2] if shape.kind == "hash" else words
                self.assertEqual(len(set(names)), shape.elements)

    def test_commands_fill_each_key_with_all_of_it(self):
        shape = Shape("set", 10_000, 16)
        filled: dict[bytes, list[bytes]] = {}
        for command in shape.commands():
            arguments, rest = take_command(command)
            self.assertEqual((arguments[0], rest), (b"SADD", b""))
            filled.setdefault(arguments[1], []).extend(arguments[2:])
        self.assertEqual(len(filled), shape.keys())
        self.assertEqual({len(words) for words in filled.values()}, {shape.elements})


class Rows(unittest.TestCase):
    def test_each_command_is_measured_at_three_pipelines(self):
        rows = workloads()
        self.assertEqual(len(rows), 3 * len(ON_COLLECTIONS))
        self.assertEqual({(row.pipeline, row.ceiling) for row in rows}, {(1, None), (16, 1 / 2), (64, 1 / 3)})
        self.assertEqual(rows[0].unable(KINDS["memcached"]), "has no collections")
        self.assertIn("HSET of 10", rows[0].describe())
