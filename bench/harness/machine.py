"""This file owns the facts about machine and checkout that a result needs beside it."""

import os
import platform
import subprocess
import time
from pathlib import Path

from harness.servers import ROOT


def git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True).stdout.strip()


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def facts() -> dict:
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "processor": processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "tcp_congestion_control": Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip(),
        "load_average": os.getloadavg()[0],
        "commit": git("rev-parse", "--short", "HEAD") or "none",
        "uncommitted_changes": bool(git("status", "--porcelain")),
    }


def describe(machine: dict) -> str:
    changed = " with uncommitted changes" if machine["uncommitted_changes"] else ""
    return (f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
            f"load average {machine['load_average']:.2f}, commit {machine['commit']}{changed}, {machine['date']}")
