"""The systemd unit and what goes with it: understood, closed, and open for what the daemon needs."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "packaging/systemd/redistill.service"


def settings(name):
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.M)


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
class Understood(unittest.TestCase):
    def test_systemd_has_no_complaint(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder, "redistill.service")
            unit.write_text(UNIT.read_text().replace("/usr/bin/redistilld", "/bin/true"))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        self.assertEqual([line for line in done.stderr.splitlines() if "redistill" in line], [])

    def test_exposure_is_low(self):
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNIT],
            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)

    def test_user_and_folders_can_be_made(self):
        with tempfile.TemporaryDirectory() as root:
            (pathlib.Path(root) / "etc").mkdir()
            for tool, file in [("systemd-sysusers", "sysusers"), ("systemd-tmpfiles", "tmpfiles")]:
                command = [tool, f"--root={root}"] + (["--create"] if tool == "systemd-tmpfiles" else [])
                done = subprocess.run(
                    command + [ROOT / f"packaging/systemd/redistill.{file}"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("redistill:", (pathlib.Path(root) / "etc/passwd").read_text())
            if os.geteuid() == 0:
                self.assertEqual((pathlib.Path(root) / "etc/redistill").stat().st_mode & 0o7777, 0o2770)


class Meant(unittest.TestCase):
    def test_a_user_that_others_can_share_a_group_with(self):
        self.assertEqual((settings("User"), settings("Group")), (["redistill"], ["redistill"]))
        self.assertEqual(settings("DynamicUser"), [])

    def test_what_a_restart_does_not_mend_is_not_tried_again(self):
        self.assertEqual(settings("RestartPreventExitStatus"), ["64 78"])

    def test_a_reload_is_checked_first(self):
        check, signal = settings("ExecReload")
        self.assertEqual(check.split(), settings("ExecStart")[0].replace("redistilld", "redistilld --check-config").split())
        self.assertIn("kill -HUP $MAINPID", signal)

    def test_nobody_else_is_killed_for_it(self):
        self.assertEqual(settings("OOMScoreAdjust"), [])

    def test_threads_may_be_bound_and_limits_raised(self):
        filters = settings("SystemCallFilter")
        self.assertFalse(filters[-1].startswith("~"), "what is let through again stands last")
        self.assertIn("sched_setaffinity", filters[-1].split())

    def test_configuration_can_be_rewritten(self):
        self.assertIn("-/etc/redistill", settings("ReadWritePaths"))


class Hook(unittest.TestCase):
    """certbot's deploy hook, with chgrp and systemctl that do nothing."""

    def run_hook(self, folder, **environment):
        for name, body in {"chgrp": "exit 0", "systemctl": f'echo "$*" >> {folder}/systemctl.log'}.items():
            program = pathlib.Path(folder, name)
            program.write_text(f"#!/bin/sh\n{body}\n")
            program.chmod(0o755)
        return subprocess.run(
            [ROOT / "packaging/certbot/deploy-hook"], capture_output=True, text=True,
            env={"PATH": f"{folder}:{os.environ['PATH']}", "REDISTILL_TLS": f"{folder}/tls", **environment})

    def test_it_copies_what_links_point_to_and_reloads(self):
        with tempfile.TemporaryDirectory() as folder:
            live = pathlib.Path(folder, "live")
            live.mkdir()
            for name in ["privkey", "fullchain"]:
                pathlib.Path(folder, name + "1.pem").write_text(name)
                (live / (name + ".pem")).symlink_to(f"../{name}1.pem")
            done = self.run_hook(folder, RENEWED_LINEAGE=str(live))
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in ["privkey", "fullchain"]:
                copy = pathlib.Path(folder, "tls", name + ".pem")
                self.assertFalse(copy.is_symlink())
                self.assertEqual(copy.read_text(), name)
                self.assertEqual(copy.stat().st_mode & 0o777, 0o640)
            self.assertEqual(len(os.listdir(f"{folder}/tls")), 2)
            self.assertIn("reload redistill", pathlib.Path(folder, "systemctl.log").read_text())

    def test_by_hand_it_says_what_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_hook(folder)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("RENEWED_LINEAGE", done.stderr)
            self.assertFalse(os.path.exists(f"{folder}/tls"))


if __name__ == "__main__":
    unittest.main()
