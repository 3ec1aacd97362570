"""What several clients saw at once came from one place in some order; and a history that was tampered with did not."""

import random
import time
import unittest
from dataclasses import replace

import histories
from histories import MIXES
from setting import Daemon


class Histories(unittest.TestCase):
    def test_every_mix_is_linearizable(self):
        seed = int(time.time())
        for mix, (clients, workers) in zip(MIXES, [(4, 1), (8, 2), (2, 2), (6, 3), (6, 3), (6, 3)], strict=True):
            with self.subTest(mix.name, clients=clients, workers=workers, seed=seed):
                operations, evicted, expired, wrong = histories.run(mix, clients, workers, 1, seed)
                self.assertEqual(wrong, [])
                self.assertGreater(operations, 500)
                self.assertTrue(evicted or mix.name != "eviction", "nothing was evicted")
                self.assertTrue(expired or mix.name != "expiry", "nothing expired")

    def test_a_violation_that_was_planted_is_found(self):
        with Daemon(server={"workers": 2}) as daemon:
            keys, complaints = histories.record(daemon.port, replace(MIXES[0], shaped=0.5), 4, 1, 7)
        self.assertEqual((complaints, histories.violations(keys, False)), ([], []))
        dice = random.Random(7)
        for plant, key in ((self.stale_read, b"k0"), (self.lost_write, b"k0"), (self.torn_pair, b"pair0"),
                           (self.member_between_two_sets, b"set:0"), (self.element_popped_twice, b"list:0"),
                           (self.element_lost, b"list:0"), (self.half_of_two_fields, b"hash:0"), (self.member_kept, b"zset:0")):
            with self.subTest(plant.__name__):
                tampered = {key: plant(sorted(keys[key], key=lambda operation: operation.begun), dice)}
                self.assertEqual([found for found, _ in histories.violations(tampered, False)], [key])

    @staticmethod
    def stale_read(history, dice):
        """A late GET sees a value that was there long before, and is written only once."""
        old = next(operation.argument for operation in history if operation.kind == "SET")
        at = dice.choice([index for index, operation in enumerate(history)
                          if operation.kind == "GET" and index > len(history) // 2])
        return [replace(operation, result=old) if index == at else operation for index, operation in enumerate(history)]

    @staticmethod
    def lost_write(history, _):
        """A write whose value was read is missing."""
        seen = {operation.result for operation in history if operation.kind == "GET"}
        lost = next(operation for operation in history if operation.kind == "SET" and operation.argument in seen)
        return [operation for operation in history if operation is not lost]

    @staticmethod
    def torn_pair(history, _):
        at = max(index for index, operation in enumerate(history) if operation.kind == "GETPAIR")
        torn = replace(history[at], result=(history[at].result[0], b"pair=0.0"))
        return [*history[:at], torn, *history[at + 1:]]

    @staticmethod
    def changed(history, kind, change, fits=lambda operation: True):
        """The last operation of the kind that fits has another result."""
        at = max(index for index, operation in enumerate(history) if operation.kind == kind and fits(operation))
        return [*history[:at], replace(history[at], result=change(history[at].result)), *history[at + 1:]]

    def member_between_two_sets(self, history, _):
        return self.changed(history, "SUNION", lambda result: frozenset(list(result)[1:]), lambda operation: operation.result)

    def element_popped_twice(self, history, _):
        popped = next(operation.result for operation in history if operation.kind == "RPOP" and operation.result)
        return self.changed(history, "RPOP", lambda _: popped)

    @staticmethod
    def element_lost(history, _):
        """A push whose element was popped is missing."""
        popped = {operation.result for operation in history if operation.kind == "RPOP"}
        lost = next(operation for operation in history if operation.kind == "LPUSH" and operation.argument[1] in popped)
        return [operation for operation in history if operation is not lost]

    def half_of_two_fields(self, history, _):
        return self.changed(history, "HMGET", lambda result: (result[0], b"hash:0=0.0"))

    def member_kept(self, history, _):
        """A member that nobody added since it was popped."""
        return self.changed(history, "ZPOPMIN", lambda _: (b"m1", b"-1"))

    def test_a_damaged_value_is_told_from_its_own(self):
        whole = histories.content(b"k1=0.33")
        self.assertEqual(histories.name_of(b"k1", whole), b"k1=0.33")
        for value in (histories.content(b"k2=0.33"), b"k1=0.33|" + b"x" * 70_000, b""):
            self.assertRaises(AssertionError, histories.name_of, b"k1", value)


if __name__ == "__main__":
    unittest.main()
