"""This file owns building the bench's own binaries."""

import subprocess

from harness.errors import BenchError
from harness.servers import BENCH


def build(*targets: str) -> None:
    """What every command needs, or these."""
    made = subprocess.run(["make", "-s", "-j2", "-C", str(BENCH), *targets], capture_output=True, text=True)
    if made.returncode != 0:
        raise BenchError(f"make -C bench failed:\n{made.stderr}")
