"""System calls that fail or come short, one after the other; `Tests/faults/run systemcalls` goes through all of them."""

import unittest

import systemcalls
from shim import SERVING, STARTING


class SystemCalls(unittest.TestCase):
    def test_a_call_that_fails_costs_at_most_its_own_connection(self):
        wrong, struck = systemcalls.serve_through(list(SERVING), most=3)
        self.assertEqual(wrong, [])
        self.assertGreater(struck, 150)

    def test_a_start_with_a_failing_call_serves_or_says_why_not(self):
        # Reading is mostly the dynamic linker's and the library's own; the long form has all of it.
        wrong, struck = systemcalls.start_through([kind for kind in STARTING if kind not in ("mprotect", "madvise")], most=4)
        self.assertEqual(wrong, [])
        self.assertGreater(struck, 50)


if __name__ == "__main__":
    unittest.main()
