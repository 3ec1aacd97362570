"""This file owns how a bench command begins and ends."""

import sys
from collections.abc import Callable

from harness.errors import BenchError
from harness.processes import exit_on_signals


def run_command(command: Callable[[], int]) -> None:
    exit_on_signals()
    try:
        sys.exit(command())
    except BenchError as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
