"""This file owns a machine as the pages have it: /etc/redistill is a folder of the test, ports are free ones, and
stand-ins/ has what is asked of systemctl, journalctl and apt-get. Tests/packaging/container has the real ones."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from daemon import ROOT, executable, free_port

PORTS = ["6379", "6380", "6390", "9091"]


class Machine:
    """Blocks of a page run on it, one after the other, as typed by root."""

    def __init__(self, configuration=None, **environment):
        self.directory = Path(tempfile.mkdtemp(prefix="redistill-machine-"))
        self.ports = {port: free_port() for port in PORTS}
        for folder in ["etc/redistill", "etc/redistill/tls", "etc/prometheus", "bin"]:
            (self.directory / folder).mkdir(parents=True, mode=0o750)
        (self.directory / "bin/redistilld").symlink_to(executable())
        self.config = self.directory / "etc/redistill/redistill.toml"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("REDIS")}
        path = [self.directory / "bin", ROOT / "Tests/Clients/stand-ins", self.environment["PATH"]]
        self.environment |= {"PATH": ":".join(map(str, path)), "MACHINE": str(self.directory), **environment}
        if configuration is not None:
            self.config.write_text(self.localised(configuration))
            self.config.chmod(0o640)
            self.run("systemctl start redistill")

    def localised(self, text):
        """The same with what is this test's own."""
        text = text.replace('bind = "*"', 'bind = "127.0.0.1"')
        text = text.replace("/usr/share/redistill", str(ROOT / "packaging"))
        text = re.sub(r"/etc/(redistill|prometheus)\b", rf"{self.directory}/etc/\1", text)
        return re.sub(rf"\b({'|'.join(PORTS)})\b", lambda port: str(self.ports[port[1]]), text)

    def attempt(self, text, timeout=60):
        """What became of the commands, which bash ran with -e; what they left in the background ends with them."""
        prologue = "trap 'jobs=$(jobs -p); [ -z \"$jobs\" ] || kill $jobs; wait' EXIT\n"
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", prologue + self.localised(text)], cwd=self.directory,
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)

    def run(self, text, timeout=60):
        """The same for commands that must go well; returns what they printed."""
        done = self.attempt(text, timeout)
        assert done.returncode == 0, f"{text}ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def connect(self):
        """To the plain port that its configuration has."""
        port = re.search(r"^port = (\d+)", self.config.read_text(), re.M)[1]
        return socket.create_connection(("127.0.0.1", int(port)), timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.attempt("systemctl stop redistill")
        shutil.rmtree(self.directory)
