"""What docs/reliability.md and docs/security.md name as a test is one."""

import re
import unittest

from setting import HERE

ROOT = HERE.parents[1]


class Named(unittest.TestCase):
    def test_every_test_that_the_documents_name_exists(self):
        sources = [path for path in (ROOT / "Tests").rglob("*") if path.suffix in (".py", ".swift")]
        code = "\n".join(path.read_text(errors="replace") for path in sources)
        files = {path.name for path in (ROOT / "Tests").rglob("*")}
        for page in ("reliability.md", "security.md"):
            named = re.findall(r"`([\w.]+)`", (ROOT / "docs" / page).read_text())
            tests = {name for name in named if re.fullmatch(r"test_\w+|[a-z]+[A-Z]\w{12,}", name)}
            self.assertGreater(len(tests), 15)
            for name in tests:
                self.assertRegex(code, rf"(def|func) {name}\(", f"{page} names {name}")
            for name in named:
                if name.endswith((".swift", "_limits.py")) or re.fullmatch(r"test_\w+\.py", name):
                    self.assertIn(name, files, page)


if __name__ == "__main__":
    unittest.main()
