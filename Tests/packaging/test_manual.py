"""Manual pages and completions name what the daemon takes."""

import re
import shutil
import subprocess
import tempfile
import unittest

from test_containers import ROOT, daemon

PAGES = ["redistilld.8", "redistill.toml.5"]


def said(*arguments):
    return subprocess.run([daemon(), *arguments], capture_output=True, text=True, check=True).stdout


class Manual(unittest.TestCase):
    def test_every_option_is_in_the_page(self):
        page = (ROOT / "packaging/man/redistilld.8").read_text().replace("\\-", "-")
        options = set(re.findall(r"^  (?:-\w, )?--([a-z0-9-]+)", said("--help"), re.M))
        self.assertGreater(len(options), 70)
        for option in options:
            self.assertRegex(page, rf"-{re.escape(option)}\b", "`make manual` renews the page")

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_pages_are_well_formed(self):
        for page in PAGES:
            done = subprocess.run(
                ["mandoc", "-T", "lint", "-W", "error", ROOT / "packaging/man" / page], capture_output=True, text=True)
            self.assertEqual(done.stdout + done.stderr, "", page)

    def test_completions_are_read_by_their_shells(self):
        for shell in ["bash", "zsh", "fish"]:
            if not shutil.which(shell):
                continue
            with self.subTest(shell), tempfile.NamedTemporaryFile("w") as file:
                script = said("--generate-completion-script", shell)
                self.assertIn("health-probe", script)
                file.write(script)
                file.flush()
                done = subprocess.run([shell, "-n", file.name], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)


class ExitCodes(unittest.TestCase):
    """What the unit takes as a reason not to try again."""

    def test_of_a_wrong_command_line_and_configuration(self):
        for code, arguments in {64: ["--no-such-flag"], 78: ["--port", "x"]}.items():
            done = subprocess.run([daemon(), *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, code, done.stderr)


if __name__ == "__main__":
    unittest.main()
