"""This file owns the throughput section: every workload by bench-load, in interleaved rounds."""

from dataclasses import asdict

from harness.plan import Scale, Step
from harness.rounds import Arrangement, Contender, run_rounds
from harness.servers import ServerKind
from harness.workloads import Workload

START_SECONDS = 0.3  # of a server, with its stop
PRELOAD_RATE = 600_000  # keys a second, and no more than so many bytes
PRELOAD_BYTES = 400 << 20
SLICE_SECONDS = 0.15  # that starting the load takes


def guess(workload: Workload, contenders: int, arrangement: Arrangement) -> float:
    preload = max(workload.keys / PRELOAD_RATE, workload.keys * workload.value_size / PRELOAD_BYTES)
    slices = arrangement.seconds + arrangement.slices * (arrangement.warmup + SLICE_SECONDS)
    return arrangement.rounds * contenders * (START_SECONDS + preload + slices)


def steps(workloads: list[Workload], kinds: list[ServerKind], arrangement: Arrangement, workers: int) -> list[Step]:
    made = []
    for workload in workloads:
        contenders = [Contender(kind.name, kind, workers) for kind in kinds if workload.suits(kind)]

        def run(tell, workload=workload, contenders=contenders) -> dict:
            result = run_rounds(workload, contenders, arrangement, tell)
            return result | {"workload": asdict(workload), "driver": "bench-load"}

        made.append(Step("throughput", f"{workload.name}: {workload.title}", guess(workload, len(contenders), arrangement), run))
    return made


def arrangement_of(scale: Scale, server_cores: str, load_cores: str, load_threads: int) -> Arrangement:
    return Arrangement(server_cores, load_cores, load_threads, scale.rounds, scale.slices, scale.seconds, scale.warmup)
