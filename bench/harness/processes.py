"""This file owns child processes: started so that none outlives the command, whatever ends it."""

import ctypes
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 5

libc = ctypes.CDLL(None)


def exit_on_signals() -> None:
    """Turns SIGTERM and SIGHUP into an exception, so that every `with` is left properly."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: sys.exit(128 + received))


def prepare_child() -> None:
    # Covers what no handler can: this process killed by SIGKILL.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def running(command: list[str], **options):
    """The process, until the block is left; then SIGTERM, and SIGKILL if that is not enough."""
    process = subprocess.Popen(command, preexec_fn=prepare_child, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_seconds(pid: int) -> float:
    """Of all threads of a process, by the scheduler's clock."""
    nanoseconds = [int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(nanoseconds) / 1e9
