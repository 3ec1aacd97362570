"""Every command shown in the documents is run, against a daemon on a free port; every link leads somewhere."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from configured import ROOT, Daemon, executable
from pages import Page

DOCUMENTS = ["docs/operations.md", "docs/security.md"]
# Builds and tests, for who changes the program.
NOT_RUN = ["docs/adding-a-command.md"]
# Those whose commands need one another, and the tests that type them.
ELSEWHERE = {
    "docs/moving-from-redis.md": ["operations/test_moving.py"],
    "docs/quick-start.md": ["operations/test_ten_minutes.py", "matrix/test_quick_start.py"],
    "docs/security-checklist.md": ["operations/test_security_checklist.py"],
    "docs/sizing.md": ["operations/test_sizing.py"],
    "docs/troubleshooting.md": ["operations/test_troubleshooting.py"],
    "docs/upgrading.md": ["operations/test_upgrading.py"],
}


class Documents(unittest.TestCase):
    def test_every_block_runs(self):
        for document in DOCUMENTS:
            blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / document).read_text(), re.S | re.M)
            self.assertTrue(blocks, document)
            for block in blocks:
                with self.subTest(document=document, block=block):
                    self.run_block(block)

    def test_no_page_has_commands_that_nobody_runs(self):
        paths = (ROOT / "docs").glob("*.md")
        pages = {str(path.relative_to(ROOT)) for path in paths if Page(path.read_text()).blocks()}
        self.assertEqual(pages, {*DOCUMENTS, *ELSEWHERE, *NOT_RUN})
        for page, tests in ELSEWHERE.items():
            for test in tests:
                self.assertIn(page, (ROOT / "Tests/Clients" / test).read_text())

    def test_every_link_leads_to_a_page_and_its_heading(self):
        others = [ROOT / name for name in ["README.md", "CHANGELOG.md", "bench/README.md"]]
        for path in [*(ROOT / "docs").glob("*.md"), *others]:
            for file, anchor in Page(path.read_text()).links():
                target = (path.parent / file).resolve() if file else path
                with self.subTest(page=path.name, link=f"{file}#{anchor}"):
                    self.assertTrue(target.exists())
                    if anchor and target.suffix == ".md":
                        self.assertIn(anchor, Page(target.read_text()).anchors())

    def run_block(self, block):
        for tool in ["systemd-analyze", "promtool"]:
            if tool in block and not shutil.which(tool):
                self.skipTest(f"{tool} is not installed")
        with Daemon() as daemon, tempfile.TemporaryDirectory() as scratch:
            text = block.replace("6379", str(daemon.port)).replace("9091", str(daemon.http))
            text = re.sub(r"\bredistilld\b", executable(), text)
            os.symlink(ROOT / "packaging", f"{scratch}/packaging")
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text], cwd=scratch, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for bad in ["ERR ", "NOAUTH", "WRONGPASS"]:
                self.assertNotIn(bad, done.stdout)

    def test_service_file_is_understood(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd is not installed")
        unit = (ROOT / "packaging/systemd/redistill.service").read_text()
        with tempfile.TemporaryDirectory() as scratch:
            path = f"{scratch}/redistill.service"
            with open(path, "w") as file:
                file.write(unit.replace("/usr/bin/redistilld", executable()))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
        complaints = [line for line in done.stderr.splitlines() if "redistill" in line]
        self.assertEqual(complaints, [])

    def test_every_log_line_is_explained(self):
        """What EventLog can write stands in the table of operations.md."""
        source = (ROOT / "Sources/Redistill/Logging/EventLog.swift").read_text()
        document = (ROOT / "docs/operations.md").read_text()
        messages = re.findall(r'\(\.(?:warning|error|notice|critical|info|debug), "([^"\\]+)"\)', source)
        source = (ROOT / "Sources/Redistill/Logging/MemoryLog.swift").read_text()
        messages += re.findall(r'logger\.\w+\("([^"]+)"', source)
        self.assertGreater(len(messages), 7)
        for message in messages:
            self.assertIn(message, document)


if __name__ == "__main__":
    unittest.main()
