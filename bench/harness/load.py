"""This file owns calling bench-load."""

import json
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import contextmanager

from harness.errors import BenchError
from harness.processes import prepare_child, running
from harness.servers import BENCH, RunningServer
from harness.workloads import Workload

LOAD = str(BENCH / "bin" / "bench-load")
PATIENCE_SECONDS = 120  # beyond the measured window: preload, warm-up, a slow machine


def connection_arguments(server: RunningServer) -> list[str]:
    """How bench-load speaks to that server."""
    arguments = ["--protocol", server.kind.protocol] if server.kind.protocol != "resp" else []
    if server.kind.tls:
        arguments.append("--tls")
    if server.password:
        arguments += ["--password", server.password]
    return arguments


def run_load(server: RunningServer, arguments: list[str], cores: str | None, seconds: float, under: Sequence[str] = ()) -> dict:
    """bench-load's JSON line, with the command added; any wrong reply is an error. `under`: a command that runs it."""
    command = [LOAD, "--port", str(server.port), "--server-pid", str(server.pid), "--seconds", str(seconds),
               *connection_arguments(server), *arguments]
    if cores:
        command = ["taskset", "-c", cores, *command]
    command = [*under, *command]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=prepare_child,
                          timeout=seconds + PATIENCE_SECONDS)
    if done.returncode != 0:
        raise BenchError(f"{server.kind.name}: {server.command}\n{shlex.join(command)}\n{done.stderr}")
    return json.loads(done.stdout) | {"command": shlex.join(command)}


def measure(server: RunningServer, workload: Workload, seconds: float, warmup: float, cores: str | None,
            threads: int, rate: float = 0) -> dict:
    """As fast as it goes, or `rate` operations a second, latency from when each should have been sent."""
    arguments = ["--warmup", str(warmup), "--threads", str(threads), *workload.load_arguments()]
    if rate:
        arguments += ["--rate", str(rate)]
    result = run_load(server, arguments, cores, seconds)
    if result["operations"] == 0:
        raise BenchError(f"{server.kind.name}: not one answer within {seconds} s\n{result['command']}")
    return result


def preload(server: RunningServer, workload: Workload, cores: str | None = None, ttl: int = 0) -> None:
    """Every key once, unless the workload has no use for keys. `ttl` instead of the workload's own."""
    if not workload.needs_keys:
        return
    arguments = ["--preload", *workload.load_arguments()]
    if ttl:
        arguments += ["--ttl", str(ttl)]
    run_load(server, arguments, cores, 0)


@contextmanager
def idle_connections(server: RunningServer, count: int):
    """`count` connections, each used once, held while the block runs."""
    command = [LOAD, "--port", str(server.port), "--idle", str(count), *connection_arguments(server)]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        if not process.stdout.readline():
            raise BenchError(f"{server.kind.name}: {shlex.join(command)}\n{process.stderr.read()}")
        yield
