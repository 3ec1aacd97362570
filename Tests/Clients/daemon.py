"""A real redistilld, or Debian's redis-server, for one test or one test class."""

import os
import signal
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench"))

from harness.ports import free_port  # noqa: E402


def executable():
    """The daemon under test: REDISTILLD, or what was built last of release and debug."""
    named = os.environ.get("REDISTILLD")
    if named:
        return str(Path(named).resolve())
    for build in ("release", "debug"):
        path = ROOT / ".build" / build / "redistilld"
        if path.exists():
            return str(path)
    raise SystemExit("no redistilld: run `make build`, or name one in REDISTILLD")


class Server:
    """A process that ends with its `with` block."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="redistill-clients-")
        self.process = None
        self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            if self.process.stdout:
                self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return (Path(self.directory) / "stderr").read_text(errors="replace")

    def spawn(self, arguments, environment=None):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("REDIS")}
        with open(Path(self.directory) / "stderr", "wb") as errors:
            # No shell, no inherited configuration, and a directory without a redistill.toml.
            self.process = subprocess.Popen(
                arguments, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env={**clean, **(environment or {})})

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


class Redistill(Server):
    """`Redistill("--workers", "2")` on a port that the system chose."""

    def __init__(self, *flags, environment=None):
        super().__init__()
        try:
            self.spawn([executable(), "--port", "0", *flags], environment)
            self.start_line = self.process.stdout.readline().decode()
            if " ready on " not in self.start_line:
                raise RuntimeError(f"the daemon did not start: {self.start_line}{self.log()}")
            address = self.start_line.split(" ready on ")[1].split(":")[1]
            self.port = int(address.split(",")[0].split()[0])
        except BaseException:
            self.__exit__()
            raise

    def stop(self):
        """A graceful stop; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


class DebianRedis(Server):
    """Debian's redis-server with nothing on disk, but for a dump that it begins with."""

    def __init__(self, dump=None):
        super().__init__()
        try:
            if dump:
                shutil.copy(dump, Path(self.directory) / "dump.rdb")
            for _ in range(5):  # the port may be taken between the probe and the start
                self.port = free_port()
                self.spawn([
                    "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                    "--appendonly", "no", "--databases", "16", "--dir", self.directory])
                for line in self.process.stdout:
                    if b"Ready to accept connections" in line:
                        return
                self.process.wait()
            raise RuntimeError("redis-server did not start")
        except BaseException:
            self.__exit__()
            raise

    @staticmethod
    def version():
        """(7, 0, 15), or None where it is not installed."""
        if not shutil.which("redis-server"):
            return None
        text = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout
        return tuple(int(part) for part in text.split("v=")[1].split()[0].split("."))
