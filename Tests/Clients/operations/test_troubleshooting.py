"""docs/troubleshooting.md: every command runs, and what it says to read is there."""

import re
import unittest

from certificates import Authority
from configured import ROOT  # noqa: F401
from machine import Machine
from pages import Page

PAGE = Page.named("docs/troubleshooting.md")
CONFIGURATION = """
[server]
port = 6379
health_check_port = 9091
[security]
tls_port = 6380
tls_cert_path = "{}"
tls_key_path = "{}"
[memory]
max_memory = "256mb"
"""


class Troubleshooting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = cls.enterClassContext(Machine())
        pair = Authority(cls.machine.directory).issue("server")
        cls.machine.config.write_text(cls.machine.localised(CONFIGURATION.format(*pair)))
        cls.machine.run("systemctl start redistill")
        # Something to find for those who look for it in the log.
        for found in ["FLUSHALL", "-a wrong PING", "--tls PING || true"]:
            cls.machine.run(f"redis-cli -p 6379 {found}")

    def test_every_command_runs(self):
        for block in PAGE.blocks():
            with self.subTest(block):
                # A log without the line that is looked for is good news, and no failure of the command.
                text = re.sub(r"^(journalctl .*)$", r"{ \1; } || true", block, flags=re.M)
                printed = self.machine.run(text)
                for bad in ["ERR ", "NOAUTH", "WRONGPASS"]:
                    self.assertNotIn(bad, printed)

    def test_the_fields_that_tables_name_exist(self):
        """Names in backticks with an underscore are fields of INFO, settings, or of others that are listed here."""
        info = self.machine.run("redis-cli -p 6379 INFO everything")
        settings = self.machine.run("redistilld --print-config --default")
        known = set(re.findall(r"^# ?(\w+) =|^(\w+)(?= =)|^(\w+)(?=:)", info + settings, re.M))
        known = {name for names in known for name in names}
        elsewhere = {"nr_throttled"}
        for name in set(re.findall(r"`([a-z]+(?:_[a-z]+)+)", PAGE.text)) - elsewhere:
            with self.subTest(name):
                self.assertIn(name, known)

    def test_the_log_lines_that_it_names_are_those_of_operations(self):
        page = Page.named("docs/operations.md").section("What log lines mean").text
        for line in Page.named("docs/troubleshooting.md").section("A reload is refused").text.splitlines():
            named = re.match(r"\| `([^`]+)` \|", line)
            if named:
                self.assertIn(f"`{named[1]}", page)


if __name__ == "__main__":
    unittest.main()
