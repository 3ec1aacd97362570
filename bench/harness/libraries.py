"""This file owns the libraries of requirements.txt: in the repository's .venv, made when one of them is missing."""

import importlib.util
import os
import subprocess
import sys

from harness.errors import BenchError
from harness.servers import BENCH, ROOT

VENV = ROOT / ".venv"
READY = "REDISTILL_BENCH_LIBRARIES"  # in the environment of the second try, so that there is no third


def ensure(*modules: str) -> None:
    """Goes on in this process where the modules are there; else in another one of the .venv, which gets them first."""
    missing = [module for module in modules if not importlib.util.find_spec(module)]
    if not missing:
        return
    if os.environ.get(READY):
        raise BenchError(f"{', '.join(missing)}: missing in {VENV} even after installing bench/requirements.txt")
    python = VENV / "bin" / "python"
    print(f"installing {', '.join(missing)} into {VENV}", file=sys.stderr)
    for command in ([sys.executable, "-m", "venv", str(VENV)],
                    [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "-r",
                     str(BENCH / "requirements.txt")]):
        if command[1:3] == ["-m", "venv"] and python.exists():
            continue
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    os.execve(python, [str(python), *sys.argv], os.environ | {READY: "1"})
