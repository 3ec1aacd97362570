"""OBJECT FREQ and RESTORE FREQ under a policy by frequency."""

import unittest

from daemon import Redistill
from resp import Connection, request


class FrequencyTest(unittest.TestCase):
    def setUp(self):
        server = self.enterContext(Redistill("--workers", "1", "--max-memory", str(32 << 20), "--eviction-policy", "allkeys-lfu"))
        self.client = self.enterContext(Connection(server))

    def frequency(self, key):
        return int(self.client.ask("OBJECT", "FREQ", key)[1:])

    def test_a_new_key_is_as_frequent_as_any_other_new_key_however_much_was_evicted(self):
        value = b"x" * 1000
        seen = set()
        for round in range(30):
            self.client.pipeline([request("SET", f"k{round}-{number}", value) for number in range(4000)])
            self.client.ask("SET", "new", "value")
            seen.add(self.frequency("new"))
            self.client.ask("DEL", "new")
        self.assertEqual(len(seen), 1, seen)

    def test_an_expiry_that_comes_or_goes_leaves_the_frequency(self):
        self.client.ask("SET", "key", "value")
        for _ in range(3):
            self.client.ask("GET", "key")
        before = self.frequency("key")
        for words in (("EXPIRE", "key", "100"), ("PERSIST", "key")):
            self.assertEqual(self.client.ask(*words), b":1\r\n")
            self.assertEqual(self.frequency("key"), before)

    def test_reading_is_no_use_of_a_key_for_who_does_not_touch_by_whatever_command(self):
        reads = ("GET key", "MGET key key", "GETRANGE key 0 1", "BITOP NOT other key", "LCS key key", "COPY key other REPLACE",
                 "STRLEN key", "BITCOUNT key", "DUMP key", "GETBIT key 0", "BITOP AND other key key")
        self.client.ask("SET", "key", "value")
        payload = self.client.ask("DUMP", "key").split(b"\r\n", 1)[1][:-2]
        for touches in (False, True):
            self.client.ask("CLIENT", "NO-TOUCH", "OFF" if touches else "ON")
            for line in reads:
                with self.subTest(line, touches=touches):
                    self.client.ask("RESTORE", "key", 0, payload, "REPLACE", "FREQ", 5)
                    self.client.ask(*line.split())
                    self.assertEqual(self.frequency("key") > 5, touches)
        self.client.ask("CLIENT", "NO-TOUCH", "ON")
        self.client.ask("RESTORE", "key", 0, payload, "REPLACE", "FREQ", 5)
        self.client.ask("TOUCH", "key")  # this one says so
        self.assertEqual(self.frequency("key"), 6)

    def test_restored_frequency_is_kept_up_to_the_most(self):
        self.client.ask("SET", "key", "value")
        payload = self.client.ask("DUMP", "key").split(b"\r\n", 1)[1][:-2]
        for given, kept in ((0, 0), (5, 5), (31, 31), (32, 31), (255, 31)):
            for replace in (("REPLACE",), ("replace", "ABSTTL")):
                self.assertEqual(self.client.ask("RESTORE", "key", 0, payload, *replace, "FREQ", given), b"+OK\r\n")
                self.assertEqual(self.frequency("key"), kept)
        self.client.ask("GET", "key")
        self.assertEqual(self.frequency("key"), 32)

    def test_frequency_is_not_told_under_another_policy(self):
        self.client.ask("SET", "key", "value")
        payload = self.client.ask("DUMP", "key").split(b"\r\n", 1)[1][:-2]
        self.client.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        self.assertEqual(self.client.ask("RESTORE", "key", 0, payload, "REPLACE", "FREQ", 9), b"+OK\r\n")
        self.assertTrue(self.client.ask("OBJECT", "FREQ", "key").startswith(b"-ERR An LFU maxmemory policy is not selected"))
        self.assertEqual(self.client.ask("OBJECT", "IDLETIME", "key"), b":0\r\n")


if __name__ == "__main__":
    unittest.main()
