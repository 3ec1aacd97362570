"""What installs the packages that a build needs asks before it becomes root."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Apt(unittest.TestCase):
    def run_as(self, user, **environment):
        """The result, and the programs that it ran as root. None of them does anything."""
        with tempfile.TemporaryDirectory() as folder:
            bodies = {"id": f"echo {user}", "dpkg-query": "exit 1"}
            bodies |= {name: f"echo {name} $* >> {folder}/ran" for name in ["apt-get", "sudo"]}
            for name, body in bodies.items():
                program = pathlib.Path(folder, name)
                program.write_text(f"#!/bin/sh\n{body}\n")
                program.chmod(0o755)
            done = subprocess.run(
                [ROOT / ".ci/apt", "libevent-dev"], capture_output=True, text=True,
                env={"PATH": f"{folder}:{os.environ['PATH']}", **environment})
            ran = pathlib.Path(folder, "ran")
            return done, ran.read_text().splitlines() if ran.exists() else []

    def test_who_is_not_root_is_told_the_command(self):
        done, ran = self.run_as(1000)
        self.assertEqual(done.returncode, 1)
        self.assertIn("sudo apt-get install --no-install-recommends libevent-dev", done.stderr)
        self.assertEqual(ran, [])

    def test_sudo_is_used_when_asked_for(self):
        done, ran = self.run_as(1000, REDISTILL_SUDO="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(ran and all(line.startswith("sudo ") for line in ran), ran)

    def test_root_needs_no_sudo(self):
        done, ran = self.run_as(0)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(ran and all(line.startswith("apt-get ") for line in ran), ran)


if __name__ == "__main__":
    unittest.main()
