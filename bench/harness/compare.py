"""This file owns bench/compare: which servers, what is measured, in which order, and what is kept of it."""

import argparse
import shlex
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from harness import drivers, footprint, hit_section, machine, offered, pauses, report, system_calls, throughput
from harness.arguments import Parser
from harness.build import build
from harness.comparison import print_result
from harness.errors import BenchError
from harness.plan import FULL, QUICK, Scale, Step
from harness.progress import Progress
from harness.report.document import FORMAT, SECTIONS
from harness.rounds import Arrangement
from harness.servers import BENCH, ServerKind, choose, server_of
from harness.workloads import Workload, load_workloads

SERVERS = ("redistill", "redis", "memcached")
OPTIONAL = frozenset(SERVERS[1:])


def options_of(description: str) -> argparse.Namespace:
    parser = Parser(description=description)
    parser.add_argument("--quick", action="store_true", help="a first page in under three minutes")
    parser.add_argument("--sections", default=",".join(SECTIONS), metavar="LIST", help=f"only these of {','.join(SECTIONS)}")
    parser.add_argument("--workload", action="append", metavar="NAME", help="of throughput, only this one; may be given again")
    parser.add_argument("--servers", default=",".join(SERVERS), metavar="LIST",
                        help=f"({','.join(SERVERS)}) what is not installed is left out, but for the first")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=COMMAND", type=server_of,
                        help="one more, by a command with {port}: Valkey, Dragonfly, another build; may be given again")
    parser.add_argument("--server-cores", default="0", metavar="LIST", help="as taskset writes them; a worker for each (0)")
    parser.add_argument("--load-cores", default="1", metavar="LIST", help="a thread of load for each (1)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="(bench/results/DATE-MACHINE)")
    parser.add_argument("--against", type=Path, metavar="FILE", help="an earlier results.json to compare with")
    parser.add_argument("--from", dest="earlier", type=Path, metavar="FILE",
                        help="measure nothing: write the report of this results.json anew")
    parser.add_argument("--readme-charts", type=Path, metavar="FOLDER", help="draw the two of the README there too (docs)")
    options = parser.parse_args()
    unknown = [section for section in options.sections.split(",") if section not in SECTIONS]
    if unknown:
        parser.error(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    return options


def count_cores(text: str) -> int:
    """Of "0", "0,2" or "0-3"."""
    try:
        ends = [part.split("-") for part in text.split(",")]
        return len({core for end in ends for core in range(int(end[0]), int(end[-1]) + 1)})
    except ValueError:
        raise BenchError(f"{text}: cores such as 0, 0,2 or 0-3 are wanted") from None


def chosen_workloads(names: list[str] | None, scale: Scale) -> list[Workload]:
    wanted = [workload for workload in load_workloads(names) if names or workload.quick or not scale.quick_workloads]
    return [fewer_keys(workload, scale) for workload in wanted]


def fewer_keys(workload: Workload, scale: Scale) -> Workload:
    return replace(workload, keys=min(workload.keys, scale.most_keys or workload.keys))


def memory_steps(kinds: list[ServerKind], scale: Scale) -> list[Step]:
    able = [kind for kind in kinds if kind.protocol == "resp"]
    made = [Step("memory", f"memory per item, {size} B{', TTL' if ttl else ''}", len(able) * (4.5 + scale.items / 500_000),
                 lambda tell, size=size, ttl=ttl: footprint.item_section(able, size, ttl, scale.items))
            for size in scale.value_sizes for ttl in (False, True) if scale.with_ttl or not ttl]
    if scale.idle_connections:
        made.append(Step("connections", "memory per idle connection", len(able) * 5,
                         lambda tell: footprint.connection_section(able, scale.idle_connections)))
    return made


def all_steps(options: argparse.Namespace, scale: Scale, kinds: list[ServerKind], arrangement: Arrangement) -> list[Step]:
    wanted = options.sections.split(",")
    workers = count_cores(options.server_cores)
    steps = throughput.steps(chosen_workloads(options.workload, scale), kinds, arrangement, workers)
    if scale.drivers and not options.workload:
        steps += drivers.steps(kinds, arrangement, workers)
    steps += offered.steps("latency", chosen_workloads(list(scale.offered_workloads), scale), kinds, arrangement, scale, workers)
    if scale.same_rate:
        steps += offered.steps("same_rate", chosen_workloads(options.workload, scale), kinds, arrangement, scale, workers)
    if "calls" in wanted:
        steps += system_calls.steps(chosen_workloads(list(scale.counted_workloads), scale), kinds, arrangement, workers)
    steps += memory_steps(kinds, scale)
    if scale.hit_requests:
        steps += hit_section.steps(kinds, scale.hit_requests)
    if scale.pause_keys:
        steps += pauses.steps(kinds, scale.pause_keys, options.server_cores, options.load_cores, workers,
                              scale.pause_rounds)
    return [step for step in steps if step.section in wanted]


def measure(steps: list[Step], document: dict) -> None:
    progress = Progress(steps)
    try:
        for step in steps:
            progress.begin(step)
            made = step.run(progress.tell)
            if step.section == "connections":
                document["connections"] = made
            else:
                document.setdefault(step.section, []).extend(made if isinstance(made, list) else [made])
            progress.end(step)
    finally:
        progress.close()


def show(document: dict) -> None:
    print(machine.describe(document["machine"]))
    for name, version in document["versions"].items():
        print(f"{name}: {version}")
    for result in document.get("throughput", []):
        if result["driver"] == "bench-load":  # the report has the others
            print_result(result)


def folder_of(options: argparse.Namespace, facts: dict) -> Path:
    base = BENCH / "results" / f"{facts['date'][:10]}-{facts['name']}{'-quick' if options.quick else ''}"
    return next(path for path in (base, *(base.with_name(f"{base.name}-{n}") for n in range(2, 1000))) if not path.exists())


def new_document(options: argparse.Namespace, scale: Scale, kinds: list[ServerKind], arrangement: Arrangement) -> dict:
    versions = {kind.name: kind.version() for kind in kinds}
    if scale.drivers:
        versions |= {driver.program: driver.version() for driver in drivers.there()}
    return {"format": FORMAT, "machine": machine.facts(), "quick": options.quick, "command": shlex.join(sys.argv),
            "versions": versions, "arrangement": asdict(arrangement)}


def measured(options: argparse.Namespace) -> dict:
    scale = QUICK if options.quick else FULL
    build()
    kinds = choose(options.servers.split(","), OPTIONAL) + options.server
    arrangement = throughput.arrangement_of(scale, options.server_cores, options.load_cores, count_cores(options.load_cores))
    steps = all_steps(options, scale, kinds, arrangement)
    document, begun = new_document(options, scale, kinds, arrangement), time.monotonic()
    measure(steps, document)
    return document | {"seconds": time.monotonic() - begun}


def main(description: str) -> int:
    options = options_of(description)
    earlier = report.read(options.against) if options.against else None  # before minutes of measuring
    document = report.read(options.earlier) if options.earlier else measured(options)
    folder = options.out or (options.earlier.parent if options.earlier else folder_of(options, document["machine"]))
    written = report.write(document, folder)
    if options.readme_charts:
        report.readme_charts(document, options.readme_charts)
    show(document)
    if earlier:
        text = report.against(document, earlier)
        (folder / "against.md").write_text(text)
        print(text)
    print(f"\nreport: {next(path for path in written if path.suffix == '.html')}")
    return 0
