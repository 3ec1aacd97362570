"""This file owns the facts about machine and checkout that a result needs beside it."""

import os
import platform
import re
import shutil
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


def virtual() -> str:
    """What kind of virtual machine this is, as systemd calls it; "none" of a real one."""
    if shutil.which("systemd-detect-virt"):
        asked = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True)
        if asked.stdout.strip():
            return asked.stdout.strip()
    return "unknown" if "hypervisor" in Path("/proc/cpuinfo").read_text() else "none"


def name() -> str:
    """For a folder's: the processor and how many there are, in small letters."""
    words = re.sub(r"\(.*?\)|\bprocessor\b|\bcpu\b|@.*", " ", processor(), flags=re.IGNORECASE)
    return "-".join(re.findall(r"[a-z0-9]+", words.lower())[:4]) + f"-{os.cpu_count()}c"


def facts() -> dict:
    return {
        "name": name(),
        "virtual": virtual(),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
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
