"""Generated scripts have the replies of redis-server. More of them: script_differential.py."""

import argparse
import contextlib
import io
import os
import random
import unittest

import script_differential
from daemon import Redistill


class Differential(unittest.TestCase):
    def test_generated_scripts_have_the_replies_of_redis(self):
        seed = int(os.environ.get("SCRIPT_SEED", random.randrange(1 << 30)))
        options = argparse.Namespace(seed=seed, count=2000)
        told = io.StringIO()
        reference = script_differential.Reference()
        try:
            with Redistill("--workers", "2") as server, contextlib.redirect_stdout(told):
                ours = script_differential.Connection(("127.0.0.1", server.port))
                kinds = script_differential.compare(options, ours, reference)
                ours.close()
        finally:
            reference.stop()
        self.assertEqual(kinds, 0, f"SCRIPT_SEED={seed}\n{told.getvalue()}")


if __name__ == "__main__":
    unittest.main()
