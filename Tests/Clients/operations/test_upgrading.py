"""docs/upgrading.md: every command but those that need the package, which Tests/packaging/container runs."""

import sys
import unittest

from configured import ROOT  # noqa: F401
from machine import Machine
from pages import Page

PAGE = Page.named("docs/upgrading.md")


class Upgrading(unittest.TestCase):
    def test_every_command_runs(self):
        program, = Page.named("docs/moving-from-redis.md").section("Go back").blocks("python")
        with Machine("[server]\nport = 6379\nhealth_check_port = 9091\n") as machine:
            (machine.directory / "copy-keys").write_text(program)
            # The python3 of this test has redis-py.
            python = machine.directory / "bin/python3"
            python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
            python.chmod(0o755)
            machine.run("redis-cli -p 6379 MSET a 1 b 2 c 3")
            blocks = [block for block in PAGE.blocks() if ".deb" not in block]
            self.assertGreater(len(blocks), 2)
            printed = [machine.run(block) for block in blocks]
            self.assertIn("connection_timeout = 300", printed[0])
            self.assertEqual(printed[1].split("\n")[-3:], ["3 keys copied, 0 refused", "3", ""])


if __name__ == "__main__":
    unittest.main()
