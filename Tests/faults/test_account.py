"""After each attack on memory everything is as it was, and during it the limit holds and keys stay: account.py, made smaller."""

import unittest

import account
from attacks_memory import ATTACKS
from setting import allow_descriptors


class Account(unittest.TestCase):
    def setUp(self):
        allow_descriptors()

    def check(self, policy, workers, attacks):
        for attack in attacks:
            with self.subTest(attack.name, policy=policy, workers=workers):
                self.assertEqual(account.run(attack, policy, workers, attack.short).faults, [])

    def test_what_clients_hold_is_bounded_and_comes_back_where_keys_are_evicted(self):
        self.check("allkeys-lru", 2, ATTACKS.values())

    def test_what_clients_hold_is_bounded_and_comes_back_where_nothing_is_evicted(self):
        # Where it matters most: what is refused for memory here is refused until somebody deletes.
        functions = ("strangers", "discarded", "slow_senders", "broadcasts", "unread_replies")
        self.check("noeviction", 1, [attack for attack in ATTACKS.values() if attack.function in functions])


if __name__ == "__main__":
    unittest.main()
