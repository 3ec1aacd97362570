"""Dovecot's dictionary, where quotas and last logins are kept: in database 1 by its own command."""

import subprocess
import tempfile
from pathlib import Path

from peer import DaemonTest


class Dovecot(DaemonTest):
    def dictionary(self, command, *arguments):
        """What `doveadm dict` printed. Debian's 2.3.19 ends with a segmentation fault after a write, when it has had the
        reply; it does so with Redis too. So what came of it counts, and not its exit code."""
        with tempfile.TemporaryDirectory() as directory:
            configuration = Path(directory) / "dovecot.conf"
            configuration.write_text(f"protocols =\nbase_dir = {directory}\nlog_path = /dev/stderr\n")
            done = subprocess.run(
                ["doveadm", "-c", str(configuration), "dict", command,
                 f"redis:host=127.0.0.1:port={self.port}:prefix=mail/:db=1", *arguments],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            return (done.stdout + done.stderr).split()

    def test_a_value_is_written_counted_and_removed_in_database_1(self):
        self.dictionary("set", "shared/quota", "5")
        self.assertEqual(self.dictionary("get", "shared/quota"), ["5"])
        self.dictionary("inc", "shared/quota", "3")
        self.assertEqual(self.command_in(1, "GET mail/quota"), b"$1\r\n8\r\n")
        self.assertEqual(self.count_keys(), 0)
        self.dictionary("unset", "shared/quota")
        self.assertEqual(self.command_in(1, "DBSIZE"), b":0\r\n")
