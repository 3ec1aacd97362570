"""This file owns the calls section: how often a server asks its kernel, for each operation. Counted by perf."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from harness.errors import BenchError
from harness.load import preload, run_load
from harness.plan import Step
from harness.rounds import Arrangement, serving
from harness.servers import RunningServer, ServerKind
from harness.workloads import Workload

EVENT = "raw_syscalls:sys_enter"
# Batches of a short and of a long run; what both cost alike, such as connecting, is no operation's.
FEW, MANY = 4_000, 24_000
STEP_SECONDS = 3  # for each server: starting, preload, both runs


def lacking() -> str | None:
    """Why nothing can be counted on this machine; None: it can."""
    if not shutil.which("perf"):
        return "perf is not on the PATH"
    tried = subprocess.run(["perf", "stat", "-x,", "-e", EVENT, "true"], capture_output=True, text=True)
    return None if count_of(tried.stderr) is not None else f"perf may not count {EVENT} here"


def count_of(output: str) -> int | None:
    """What `perf stat -x,` printed."""
    counts = [line.split(",")[0] for line in output.splitlines() if EVENT in line]
    return int(counts[0]) if counts and counts[0].isdigit() else None


def counted(server: RunningServer, workload: Workload, batches: int, cores: str) -> tuple[int, int]:
    """System calls of the server while it answered so many batches, and the operations in these."""
    with tempfile.TemporaryDirectory(prefix="redistill-bench-") as directory:
        out = Path(directory) / "perf"
        perf = ["perf", "stat", "-x,", "-e", EVENT, "-p", str(server.pid), "-o", str(out), "--"]
        arguments = ["--warmup", "0", "--operations", str(batches * workload.pipeline), *workload.load_arguments()]
        done = run_load(server, arguments, cores, 0, under=perf)
        calls = count_of(out.read_text())
    if calls is None:
        raise BenchError(f"{' '.join(perf)}\nno count of {EVENT}")
    return calls, done["operations"]


def per_operation(server: RunningServer, workload: Workload, cores: str) -> float:
    (calls_few, few), (calls_many, many) = (counted(server, workload, batches, cores) for batches in (FEW, MANY))
    return (calls_many - calls_few) / (many - few)


def measure(workload: Workload, kinds: list[ServerKind], arrangement: Arrangement, workers: int) -> dict:
    contenders = []
    for kind in kinds:
        with serving(workload, kind, workers, arrangement) as server:
            preload(server, workload, arrangement.load_cores)
            contenders.append({"name": kind.name,
                               "calls_per_operation": per_operation(server, workload, arrangement.load_cores)})
    return {"workload": asdict(workload), "contenders": contenders}


def steps(workloads: list[Workload], kinds: list[ServerKind], arrangement: Arrangement, workers: int) -> list[Step]:
    """None where they can't be counted, which is said."""
    if reason := lacking():
        print(f"system calls are not counted: {reason}", file=sys.stderr)
        return []
    made = []
    for workload in workloads:
        able = [kind for kind in kinds if workload.suits(kind)]
        made.append(Step("calls", f"system calls, {workload.name}", len(able) * STEP_SECONDS,
                         lambda tell, workload=workload, able=able: measure(workload, able, arrangement, workers)))
    return made
