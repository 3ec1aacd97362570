"""Writes down what the pages of docs/ have an operator type who has the package and systemd: typed.py FOLDER, for
Tests/packaging/container. Tests/Clients types the rest."""

import pathlib
import sys

from pages import Page


def write(name, blocks):
    assert blocks, name
    (pathlib.Path(sys.argv[1]) / f"{name}.sh").write_text("".join(blocks))


quick_start = Page.named("docs/quick-start.md").section("On a server in ten minutes").blocks()
write("quick-start", [block for block in quick_start if "promtool" not in block])
write("prometheus", [block for block in quick_start if "promtool" in block])
write("security-checklist", Page.named("docs/security-checklist.md").blocks())
check, install, back = Page.named("docs/upgrading.md").section("Debian package").blocks()
write("upgrade-check", [check])
write("upgrade-install", [install])
write("upgrade-back", [back])
# A log without the line that is looked for is good news.
lines = "".join(Page.named("docs/troubleshooting.md").blocks()).splitlines()
write("troubleshooting", [f"{{ {line}; }}{' || true' if 'grep' in line else ''}\n" for line in lines
                          if line.startswith(("systemctl", "journalctl"))])
