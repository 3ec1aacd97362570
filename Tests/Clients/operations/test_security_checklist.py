"""docs/security-checklist.md: each check is content with the server of the quick start, and complains of a bad one."""

import unittest

from configured import until
from machine import Machine
from pages import Page
from test_ten_minutes import quick_start

PAGE = Page.named("docs/security-checklist.md")
PREPARATION, *_ = PAGE.blocks()
BAD = """
[server]
port = 6379
health_check_port = 9091
health_check_bind = "127.0.0.2"
[security]
protected_mode = false
enable_debug_command = "yes"
[memory]
max_memory = 0
"""


class SecurityChecklist(unittest.TestCase):
    def test_the_server_of_the_quick_start_passes(self):
        machine, _ = quick_start()
        with machine:
            for block in PAGE.blocks()[1:]:
                with self.subTest(block):
                    machine.run(PREPARATION + block)

    def test_each_check_fails_on_a_bad_server(self):
        with Machine(BAD) as machine:
            machine.run("echo short > /etc/redistill/password; chmod 644 /etc/redistill/password")
            good = machine.config.read_text()
            machine.config.write_text("nonsense")
            machine.run("systemctl reload redistill")
            status = "redis-cli -p 6379 INFO server | grep config_last_reload_status"
            until(lambda: ":ok" not in machine.run(status))
            machine.config.write_text(good)
            checks = [line for block in PAGE.section("Must hold").blocks() for line in commands(block)]
            self.assertGreater(len(checks), 11)
            for check in checks:
                with self.subTest(check):
                    # What the unit says of the user can't be made worse here.
                    if "-p User" not in check:
                        self.assertNotEqual(machine.attempt(PREPARATION + plain(check)).returncode, 0)


def commands(block):
    """One command each, those that go on in the next line joined."""
    return block.replace("|\n  ", "| ").splitlines()


def plain(check):
    """The same to a server without TLS."""
    return check.replace("cli ", "redis-cli -p 6379 ", 1) if check.startswith("cli ") else check


if __name__ == "__main__":
    unittest.main()
