"""
This file owns load by programs that are not ours, so that nobody has to trust bench-load: redis-benchmark, and
memtier_benchmark where it is on the PATH. Each is a table of what it is asked for and how its answer is read.
"""

import csv
import io
import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from harness.client import Client, encode
from harness.errors import BenchError
from harness.plan import Step
from harness.processes import cpu_seconds, prepare_child
from harness.rounds import Arrangement, quarters, serving
from harness.servers import RunningServer, ServerKind
from harness.workloads import Workload

PATIENCE_SECONDS = 120
BATCH = 500
# Requests of one run: what a slow server does in about a second with that pipeline.
REQUESTS = {1: 100_000, 16: 800_000}


@dataclass(frozen=True)
class Driver:
    program: str
    key: str  # how it names its keys, with {number}
    command: Callable[[RunningServer, Workload, int, Path], list[str]]  # the path: a file for its figures, if it wants one
    read: Callable[[str, Path], float]  # operations a second, of what it printed or wrote there

    def version(self) -> str:
        asked = subprocess.run([self.program, "--version"], capture_output=True, text=True)
        return (asked.stdout or asked.stderr).strip().splitlines()[0]


def redis_benchmark(server: RunningServer, workload: Workload, requests: int, out: Path) -> list[str]:
    test = "set" if workload.set_share == 1 else "get"
    return ["redis-benchmark", "-h", "127.0.0.1", "-p", str(server.port), "-t", test, "-n", str(requests), "-r",
            str(workload.keys), "-d", str(workload.value_size), "-c", str(workload.connections), "-P",
            str(workload.pipeline), "--csv"]


def read_redis_benchmark(output: str, out: Path) -> float:
    rows = list(csv.DictReader(io.StringIO(output)))
    return float(rows[-1]["rps"])


def memtier_benchmark(server: RunningServer, workload: Workload, requests: int, out: Path) -> list[str]:
    sets = round(workload.set_share * 10)
    return ["memtier_benchmark", "-s", "127.0.0.1", "-p", str(server.port), "--threads", "1", "--clients",
            str(workload.connections), "--pipeline", str(workload.pipeline), "--requests",
            str(requests // workload.connections), "--data-size", str(workload.value_size), "--ratio",
            f"{sets}:{10 - sets}", "--key-prefix", "key:", "--key-minimum", "1", "--key-maximum", str(workload.keys),
            "--hide-histogram", "--json-out-file", str(out)]


def read_memtier_benchmark(output: str, out: Path) -> float:
    return json.loads(out.read_text())["ALL STATS"]["Totals"]["Ops/sec"]


DRIVERS = (
    Driver("redis-benchmark", "key:{number:012d}", redis_benchmark, read_redis_benchmark),
    Driver("memtier_benchmark", "key:{number}", memtier_benchmark, read_memtier_benchmark),
)


def there() -> list[Driver]:
    return [driver for driver in DRIVERS if shutil.which(driver.program)]


def fill(server: RunningServer, driver: Driver, workload: Workload) -> None:
    """Every key that the driver may ask for, since a miss costs less than a hit."""
    value = b"v" * workload.value_size
    with Client(server) as client:
        for first in range(0, workload.keys + 1, BATCH):
            numbers = range(first, min(first + BATCH, workload.keys + 1))
            client.pipeline([encode(b"SET", driver.key.format(number=number).encode(), value) for number in numbers])


def share_of_hits(before: dict[str, str], after: dict[str, str]) -> float | None:
    hits, misses = (int(after[name]) - int(before[name]) for name in ("keyspace_hits", "keyspace_misses"))
    return hits / (hits + misses) if hits + misses else None


def run(driver: Driver, server: RunningServer, workload: Workload, cores: str) -> dict:
    requests = REQUESTS[workload.pipeline]
    with TemporaryDirectory(prefix="redistill-bench-") as directory, Client(server) as client:
        out = Path(directory) / "figures"
        command = ["taskset", "-c", cores, *driver.command(server, workload, requests, out)]
        before, cpu = client.info(b"stats"), cpu_seconds(server.pid)
        done = subprocess.run(command, capture_output=True, text=True, preexec_fn=prepare_child, timeout=PATIENCE_SECONDS)
        spent, after = cpu_seconds(server.pid) - cpu, client.info(b"stats")
        if done.returncode != 0:
            raise BenchError(f"{server.kind.name}: {shlex.join(command)}\n{done.stderr}")
        rate = driver.read(done.stdout, out)
    return {"ops_per_s": rate, "cpu_ns": spent * 1e9 / requests, "hits": share_of_hits(before, after),
            "command": shlex.join(command)}


def compare(driver: Driver, workload: Workload, kinds: list[ServerKind], arrangement: Arrangement, workers: int,
            tell: Callable[[str], None]) -> dict:
    """Fresh servers each round, the driver at each in turn."""
    runs: dict[str, list[dict]] = {kind.name: [] for kind in kinds}
    commands = {}
    for number in range(arrangement.rounds):
        with ExitStack() as stack:
            servers = [stack.enter_context(serving(workload, kind, workers, arrangement)) for kind in kinds]
            for server in servers:
                commands[server.kind.name] = server.command
                fill(server, driver, workload)
            for turn in range(2):
                for server in servers[number % len(servers):] + servers[:number % len(servers)]:
                    runs[server.kind.name].append(run(driver, server, workload, arrangement.load_cores))
    tell(f"{driver.program}, {workload.name}: " + ", ".join(
        f"{name} {median(one['ops_per_s'] for one in own):,.0f}/s" for name, own in runs.items()))
    base = runs[kinds[0].name]
    return {
        "workload": asdict(workload), "driver": driver.program, "baseline": kinds[0].name,
        "contenders": [summarise(name, own, base, commands[name]) for name, own in runs.items()],
    }


def summarise(name: str, own: list[dict], base: list[dict], command: str) -> dict:
    rates, cpu = [one["ops_per_s"] for one in own], [one["cpu_ns"] for one in own]
    ratios = [one["cpu_ns"] / other["cpu_ns"] for one, other in zip(own, base)]
    hits = [one["hits"] for one in own if one["hits"] is not None]
    return {
        "name": name, "hits": min(hits) if hits else None, "ops_per_s": median(rates), "ops_quarters": quarters(rates),
        "total_ns": median(cpu), "total_ns_quarters": quarters(cpu), "ratio": median(ratios),
        "ratio_quarters": quarters(ratios), "server_command": command, "load_command": own[-1]["command"], "slices": own,
    }


def steps(kinds: list[ServerKind], arrangement: Arrangement, workers: int) -> list[Step]:
    made = []
    for driver in there():
        for share, name in ((0.0, "GET"), (1.0, "SET")):
            for pipeline in REQUESTS:
                workload = Workload(f"{driver.program}-{name}-{pipeline}", pipeline=pipeline, connections=50, value_size=64,
                                    set_share=share, keys=100_000, title=f"{name}, pipeline {pipeline}, by {driver.program}")
                able = [kind for kind in kinds if kind.protocol == "resp"]
                made.append(Step("throughput", workload.title, arrangement.rounds * len(able) * 6,
                                 lambda tell, driver=driver, workload=workload, able=able:
                                 compare(driver, workload, able, arrangement, workers, tell)))
    return made
