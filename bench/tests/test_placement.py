"""Where each way puts keys, and what it costs that nodes come and go."""

import importlib.util
import unittest

WORKS = all(importlib.util.find_spec(name) for name in ("numpy", "xxhash"))

if WORKS:
    import numpy

    from harness.movement import costs, even_names
    from harness.placement import MAGLEV_TABLE, SLOTS, Contest, Keys, crc16, envoy_maglev, murmur64, named_nodes, ways


def characters(text: bytes):
    return numpy.frombuffer(text, dtype=numpy.uint8).reshape(1, -1)


@unittest.skipUnless(WORKS, "numpy or xxhash is missing")
class Hashes(unittest.TestCase):
    def test_known_ones(self):
        self.assertEqual(int(crc16(characters(b"123456789"))[0]), 0x31C3)
        self.assertEqual(int(murmur64(characters(b"hello"))[0]), 0x26553298FDBE39C8)  # GCC's std::hash


@unittest.skipUnless(WORKS, "numpy or xxhash is missing")
class Ways(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keys = Keys([b"key:%06d" % number for number in range(20_000)])
        cls.nodes = named_nodes(6)

    def test_only_a_ring_of_fixed_size_moves_much_more_than_it_must(self):
        for way in ways():
            if "1,048,576" in way.name or "655,373" in way.name:
                continue  # as the smaller one of its kind, and takes seconds
            with self.subTest(way.name):
                cost = costs(way, self.nodes, [5], self.keys)[5]
                self.assertTrue(1 <= cost.largest < 1.35, cost)
                bounds = {"Envoy, ring of 65,536": (1.3, 1.8), "cluster map": (1, 1.15)}.get(way.name, (1, 1.03))
                self.assertTrue(bounds[0] <= cost.joining <= bounds[1], cost)
                self.assertTrue(bounds[0] <= cost.leaving <= bounds[1], cost)

    def test_the_order_of_nodes_means_nothing_to_maglev(self):
        there, back = (envoy_maglev(MAGLEV_TABLE, nodes)(self.keys) for nodes in (self.nodes, self.nodes[::-1]))
        self.assertTrue((there == len(self.nodes) - 1 - back).all())

    def test_a_contest_goes_on_where_it_stood(self):
        hashes = numpy.arange(SLOTS, dtype=numpy.uint64)
        step, whole = Contest(hashes), Contest(hashes)
        step.won_by(self.nodes[:3])
        self.assertTrue((step.won_by(self.nodes) == whole.won_by(self.nodes)).all())
        with self.assertRaises(ValueError):
            step.won_by(self.nodes[::-1])

    def test_names_for_twemproxy_are_even(self):
        self.assertLess(max(off for _, off in even_names(3)), 0.01)


if __name__ == "__main__":
    unittest.main()
