"""This file owns how a bench command begins and ends."""

import os
import select
import subprocess
import sys
from collections.abc import Callable

from harness.errors import BenchError
from harness.processes import exit_on_signals

NO_READER = 141  # what a shell shows for a program ended by SIGPIPE


def run_command(command: Callable[[], int]) -> None:
    """Ends the process: with the command's exit code, or with one line for a person."""
    exit_on_signals()
    try:
        try:
            code = command()
        finally:
            sys.stdout.flush()  # here, where a reader that has gone can still be met
    except BenchError as error:
        end(2, str(error))
    except subprocess.TimeoutExpired as error:
        end(2, f"{os.path.basename(error.cmd[0])} took longer than {error.timeout:g} s")
    except OSError as error:
        if isinstance(error, BrokenPipeError) and reader_has_gone():
            end(NO_READER, "nobody reads the output any more; stopped")
        end(2, describe(error))
    except KeyboardInterrupt:
        end(130, "interrupted")
    sys.exit(code)


def end(code: int, message: str) -> None:
    print(f"{sys.argv[0]}: {message}", file=sys.stderr)
    if reader_has_gone():
        # What is still unwritten has nowhere to go, and Python would complain of that at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def reader_has_gone() -> bool:
    """Whether standard output is a pipe that nobody reads; a server's connection that broke is something else."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), select.POLLOUT)
    return any(events & select.POLLERR for _, events in poll.poll(0))


def describe(error: OSError) -> str:
    if isinstance(error, ConnectionError | TimeoutError):
        return f"the connection to a server failed: {error.strerror or error}"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)
