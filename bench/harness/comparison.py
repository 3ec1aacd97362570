"""This file owns the commands that run workloads in interleaved rounds and print CPU per operation."""

import argparse
import json
import sys
from dataclasses import asdict

from harness import machine
from harness.arguments import Parser, new_file, number, whole
from harness.build import build
from harness.errors import BenchError
from harness.rounds import Arrangement, Contender, run_rounds
from harness.servers import choose, server_of
from harness.table import format_table, verdict
from harness.workloads import Workload, floor_workloads

HEADER = ["server", "CPU ns/op", "user", "system", "ops/s", "p50 us", "p99 us", "p99.9 us", "busy", "stolen",
          "load ns/op", "ratio", "quarters", "ceiling"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workload", action="append", metavar="NAME", help="only this one; may be given again")
    parser.add_argument("--rounds", type=whole(1), default=5, metavar="N", help="with fresh servers each (5)")
    parser.add_argument("--slices", type=whole(1), default=6, metavar="N", help="of a round, servers in turn (6)")
    parser.add_argument("--seconds", type=number(0.05), default=3, metavar="S", help="for each server in a round (3)")
    parser.add_argument("--warmup", type=number(0), default=0.2, metavar="S", help="before each slice (0.2)")
    parser.add_argument("--json", type=new_file, metavar="FILE", help="write everything measured there")
    parser.add_argument("--check", action="store_true", help="exit 1 when a ceiling is exceeded")


def add_cores(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server-core", default="0", metavar="CORE", help="(0)")
    parser.add_argument("--load-core", default="1", metavar="CORE", help="(1)")


def table_row(summary: dict, ceiling: float | None) -> list[str]:
    low, high = summary["ratio_quarters"]
    return [
        summary["name"], f"{summary['total_ns']:,.0f}", f"{summary['user_ns']:,.0f}", f"{summary['system_ns']:,.0f}",
        f"{summary['ops_per_s']:,.0f}", f"{summary['p50_us']:,.0f}", f"{summary['p99_us']:,.0f}",
        f"{summary['p99.9_us']:,.0f}", f"{summary['busy']:.0%}", f"{summary['stolen']:.0%}",
        f"{summary['load_ns']:,.0f}", f"{summary['ratio']:.3f}", f"{low:.3f}-{high:.3f}",
        verdict(summary["ratio"], ceiling),
    ]


def print_result(result: dict, judged: str = "") -> None:
    workload = result["workload"] if isinstance(result["workload"], Workload) else Workload(**result["workload"])
    rows = [table_row(summary, workload.ceiling if summary["name"] == judged else None)
            for summary in result["contenders"]]
    print(f"\n{workload.name}: {workload.describe()}; ratio to {result['baseline']}\n")
    print(format_table(HEADER, rows))


def print_commands(results: list[dict]) -> None:
    print("\nCommands of the last round (fresh servers and free ports each round):")
    for result in results:
        for summary in result["contenders"]:
            print(f"{result['workload'].name} {summary['name']}:\n  {summary['server_command']}\n"
                  f"  {summary['slices'][-1]['command']}")


def exceeded(results: list[dict], judged: str) -> bool:
    return any(summary["ratio"] > result["workload"].ceiling
               for result in results for summary in result["contenders"]
               if summary["name"] == judged and result["workload"].ceiling is not None)


def able(workload: Workload, contenders: list[Contender]) -> list[Contender]:
    """Those that can run it; who cannot, and why, is said."""
    for contender in contenders:
        if reason := workload.unable(contender.kind):
            print(f"\n{workload.name}: {contender.name} {reason}", file=sys.stderr)
    found = [contender for contender in contenders if workload.suits(contender.kind)]
    if not found:
        raise BenchError(f"{workload.name}: no server can run it")
    return found


def run_comparison(workloads: list[Workload], contenders: list[Contender], arrangement: Arrangement, judged: str,
                   options: argparse.Namespace) -> int:
    """Runs, prints, writes. `judged` is the contender that the ceilings are for. Returns the exit code."""
    facts = machine.facts()
    versions = {contender.name: contender.kind.version() for contender in contenders}
    print(machine.describe(facts))
    for name, version in versions.items():
        print(f"{name}: {version}")
    sys.stdout.flush()

    results = []
    for workload in workloads:
        results.append(run_rounds(workload, able(workload, contenders), arrangement))
        print_result(results[-1], judged)
        sys.stdout.flush()
    print_commands(results)

    if options.json:
        document = {"machine": facts, "versions": versions, "arrangement": asdict(arrangement),
                    "results": [result | {"workload": asdict(result["workload"])} for result in results]}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return 1 if options.check and exceeded(results, judged) else 0


def pinned(options: argparse.Namespace) -> Arrangement:
    """Server and load on a core each."""
    return Arrangement(options.server_core, options.load_core, 1, options.rounds, options.slices, options.seconds,
                       options.warmup)


def compare_main(description: str, servers: list[str]) -> int:
    """bench/floor: the servers named beside each other, the first as the baseline."""
    parser = Parser(description=description)
    add_arguments(parser)
    parser.add_argument("--servers", default=",".join(servers), help=f"({','.join(servers)}) the first is the baseline")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=COMMAND", type=server_of,
                        help="one more, by a command with {port}: another build, say; may be given again")
    add_cores(parser)
    options = parser.parse_args()
    workloads = floor_workloads(options.workload)
    build()
    kinds = choose(options.servers.split(",")) + options.server
    contenders = [Contender(kind.name, kind) for kind in kinds]
    return run_comparison(workloads, contenders, pinned(options), "redistill", options)
