"""This file owns the table of starvation: how long somebody else waits beside each attack on time.

    Tests/faults/run starvation                    every attack, 3 s each
    Tests/faults/run starvation --attack MGET      those whose name has this in it
    Tests/faults/run starvation --seconds 10 --markdown

Two probers GET one small key: on the attacker's worker, and on another. Each attack has a ceiling for both, in
milliseconds; what the same probers waited just before the attack is added to it, since other programs run here too.
Where that is allowed, the daemon and the probers run in real time, so that what they wait for is each other.
"""

import argparse
import multiprocessing
import os
import pathlib
import sys
import time
from dataclasses import dataclass

from account import certificate
from attacks_time import TIME_ATTACKS, Field
from prober import Prober, placed
from setting import Daemon, allow_descriptors, free_port, resident

QUIET_SECONDS = 1
# An attacker that was told to end, and waits for an answer.
GRACE = 120


@dataclass
class Row:
    name: str
    ceiling: float
    quiet: float  # the longest wait before the attack, in ms
    same: tuple = (0, 0, 0)  # p99.9, longest, samples
    other: tuple = (0, 0, 0)
    rounds: int = 0
    busy: float = 0  # processors that the daemon used during the attack
    fault: str = ""

    def allowed(self):
        return self.ceiling + self.quiet

    def judge(self):
        longest = max(self.same[1], self.other[1])
        if not self.fault and longest > self.allowed():
            self.fault = f"{longest:.1f} ms, {self.allowed():.1f} allowed"

    def cells(self):
        return [self.name, f"{self.quiet:.1f}", f"{self.same[0]:.2f}", f"{self.same[1]:.1f}", f"{self.other[0]:.2f}",
                f"{self.other[1]:.1f}", f"{self.ceiling:g}", f"{self.rounds}", f"{self.busy:.2f}", self.fault or "ok"]


def real_time():
    """This process, and what it starts from now on, before everything else; where it may."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        pass


HEADER = ["attack", "quiet", "same p99.9", "longest", "other p99.9", "longest", "ceiling", "rounds", "cores", "verdict"]


def attacker(field, attack, seconds, pipe):
    try:
        os.nice(10)
        if attack.prepare:
            attack.prepare(field)
        pipe.send("ready")
        pipe.recv()
        rounds, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            attack.run(field)
            rounds += 1
        pipe.send(rounds)
    except Exception as error:  # told in the table
        pipe.send(repr(error))
    pipe.recv()  # its connections stay until the probers are done


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def measure(attack, seconds, scale=1.0, quiet_seconds=QUIET_SECONDS):
    server = {"workers": 2, "max_connections": 20_000, **attack.settings.get("server", {})}
    security = dict(attack.settings.get("security", {}))
    tls_port = 0
    if security.pop("tls_port", None):
        tls_port = free_port()
        security |= {"tls_port": tls_port, **certificate()}
    password = security.get("password", "")
    with Daemon(limits=real_time, server=server, security=security, memory=attack.settings.get("memory", {})) as daemon:
        clients = [placed(daemon, worker, password) for worker in (0, 1)]
        clients[0].ask("SET", "probe", "x" * 20)
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("fork").Process(
            target=attacker, args=(Field(daemon, tls_port, scale), attack, seconds, theirs), daemon=True)
        process.start()
        row = Row(attack.name, attack.ceiling, 0)
        try:
            first = ours.recv()
            if first != "ready":
                row.fault = f"not prepared: {first}"
                return row
            with Prober(clients[0]) as same, Prober(clients[1]) as other:
                quiet = time.monotonic()
                time.sleep(quiet_seconds)
                begun, used = time.monotonic(), processor_seconds(daemon.process.pid)
                ours.send("go")
                answer = ours.recv() if ours.poll(seconds + GRACE) else f"no answer after {seconds + GRACE:g} s"
                ended = time.monotonic()
                row.busy = (processor_seconds(daemon.process.pid) - used) / (ended - begun)
                time.sleep(0.2)
            if isinstance(answer, int):
                row.rounds = answer
            else:
                row.fault = answer
            for name, waits in (("same", same.waits), ("other", other.waits)):
                if waits is None:
                    row.fault = f"the prober on the {name} worker was not answered"
                    continue
                row.quiet = max(row.quiet, waits.between(quiet, begun - 0.05).most() * 1000)
                during = waits.between(begun, ended)
                setattr(row, name, (during.share(0.999) * 1000, during.most() * 1000, len(during)))
            if daemon.process.poll() is not None:
                row.fault = f"the daemon ended with {daemon.process.returncode}"
            else:
                assert resident(daemon.process.pid)
        finally:
            process.kill()
            process.join()
            for client in clients:
                client.close()
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attack", default="", help="part of the names of attacks")
    parser.add_argument("--seconds", type=float, default=3, help="of each attack (3)")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    allow_descriptors()
    bad = 0
    widths = [56, 6, 11, 8, 11, 8, 8, 7, 6, 10]
    show = (lambda cells: print("| " + " | ".join(cells) + " |", flush=True)) if options.markdown else (
        lambda cells: print(" ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths)), flush=True))
    show(HEADER)
    if options.markdown:
        show(["---"] * len(HEADER))
    for attack in TIME_ATTACKS:
        if options.attack in attack.name:
            row = measure(attack, options.seconds, options.scale)
            row.judge()
            bad += bool(row.fault)
            show(row.cells())
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
