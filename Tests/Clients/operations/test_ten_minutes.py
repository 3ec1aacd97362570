"""docs/quick-start.md on a server: from a package to a cache with TLS, a password, a limit and monitoring."""

import shutil
import unittest

from configured import ROOT  # noqa: F401  (and where the modules beside this folder are)
from machine import Machine
from pages import Page

PAGE = Page.named("docs/quick-start.md").section("On a server in ten minutes")


def quick_start():
    """A machine on which the page's commands were typed, and what they printed."""
    machine = Machine("[server]\nport = 6379\n")
    blocks = PAGE.blocks()
    if not shutil.which("promtool"):
        blocks = [block for block in blocks if "promtool" not in block]
    return machine, machine.run("".join(blocks))


class TenMinutes(unittest.TestCase):
    def test_a_server_is_made_as_the_page_has_it(self):
        machine, printed = quick_start()
        with machine:
            lines = printed.splitlines()
            self.assertEqual(lines[0], "PONG")
            for line in ["OK", "hello", "maxmemory_policy:allkeys-s3fifo", "active"]:
                self.assertIn(line, lines)
            self.assertNotIn("maxmemory_human:0B", lines)
            self.assertRegex(printed, r"(?m)^redistill_memory_used_bytes \d+$")
            # What the page promises: TLS only, a password, figures.
            refused = machine.attempt("redis-cli -p 6379 ping")
            self.assertIn("Connection refused", refused.stderr)
            stranger = machine.run("redis-cli --tls --cacert /etc/redistill/tls/cert.pem -p 6380 ping")
            self.assertIn("NOAUTH", stranger)
            self.assertEqual(machine.config.stat().st_mode & 0o777, 0o640)


if __name__ == "__main__":
    unittest.main()
