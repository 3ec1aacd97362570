"""This file owns building the bench's own binaries."""

import subprocess

from harness.errors import BenchError
from harness.servers import BENCH


def build() -> None:
    made = subprocess.run(["make", "-s", "-C", str(BENCH)], capture_output=True, text=True)
    if made.returncode != 0:
        raise BenchError(f"make -C bench failed:\n{made.stderr}")
