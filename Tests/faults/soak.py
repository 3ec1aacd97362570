"""This file owns the soak: churn in everything for hours, and whether memory, descriptors and waits stay flat.

    make soak HOURS=2                              soak.png in .build-soak/
    Tests/faults/run soak --minutes 5 --output /tmp/soak.png

Flat means: over the run, after its first fifth, a line through the samples rises by no more than the bounds below; and
when all clients are gone and the keys are flushed, what is left is what was there after the same at the start.
"""

import argparse
import multiprocessing
import pathlib
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field

from certificate_pairs import live_pair
from account import PARTS
from churn import CHURNERS, Soak
from prober import Prober
from setting import MIB, Daemon, allow_descriptors, descriptors, free_port, request, resident, settled

LIMIT = 64 * MIB
WARM = 0.2  # of the run
# How much each may rise from the start of the line through its samples to its end: what sizes that come and go, and other
# programs, make of a line that is flat. What is left at the end is judged strictly.
RISES = {"resident MiB": 8.0, "descriptors": 12, "threads": 0.5, "p99 ms": 10.0}
# After everything is gone, above what was left at the start: free pages that the store keeps for what comes next
# (docs/memory.md), and all else.
KEPT, LEFT = 32 * MIB, 4 * MIB
MOST = LIMIT * 1.03 + 16 * MIB  # resident above the start, at any time


@dataclass
class Samples:
    seconds: list = field(default_factory=list)
    series: dict = field(default_factory=lambda: {name: [] for name in RISES})

    def add(self, at, **values):
        self.seconds.append(at)
        for name, value in values.items():
            self.series[name.replace("_", " ")].append(value)

    def rise(self, name):
        """How far the line of least squares goes up, from the end of the warming to the end."""
        points = [(at, value) for at, value in zip(self.seconds, self.series[name]) if at >= self.seconds[-1] * WARM]
        count = len(points)
        mean_at, mean = sum(at for at, _ in points) / count, sum(value for _, value in points) / count
        spread = sum((at - mean_at) ** 2 for at, _ in points)
        slope = sum((at - mean_at) * (value - mean) for at, value in points) / spread if spread else 0
        return slope * (points[-1][0] - points[0][0])


def churner(function, soak, stopping, complaints):
    while not stopping.is_set():
        try:
            function(soak)
            soak.rounds += 1
        except (OSError, EOFError):  # closed, or refused: a limit did its work
            soak.drop()
            time.sleep(0.05)
        except Exception as error:
            complaints.put(f"{function.__name__}: {error!r}")
            soak.drop()
            time.sleep(1)
    soak.drop()


def emptied(daemon):
    """What is resident after everything is flushed, once it has had time to go back."""
    pid = daemon.process.pid
    with daemon.connect(timeout=60) as client:
        client.ask("FLUSHALL")
    least = [resident(pid)]

    def lowest():
        least[0] = min(least[0], resident(pid))
        return time.monotonic()

    end = time.monotonic() + 8
    settled(lowest, lambda now: now > end, 10)
    return least[0]


def warm(daemon):
    """Fills it once, so that what a first time costs is not taken for a leak."""
    with daemon.connect(timeout=60) as client:
        for start in range(0, 100_000, 500):
            numbers = range(start, start + 500)
            client.socket.sendall(b"".join(request("SET", f"warm:{number}", b"x" * 1000) for number in numbers))
            for _ in range(500):
                client.read()
    return emptied(daemon)


def threads(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))


def sample(daemon, samples, begun, seconds, window):
    """Takes samples until the time is over; the prober is started anew for each window."""
    pid, most = daemon.process.pid, 0
    with daemon.connect(timeout=120) as probe:
        while time.monotonic() - begun < seconds:
            with Prober(probe, key="probe") as prober:
                end = min(time.monotonic() + window, begun + seconds)
                resident_of_window = [resident(pid)]
                while time.monotonic() < end:
                    resident_of_window.append(resident(pid))
                    time.sleep(0.1)
            if prober.waits is None:
                raise TimeoutError("the prober was not answered")
            most = max(most, *resident_of_window)
            samples.add(time.monotonic() - begun, resident_MiB=sum(resident_of_window) / len(resident_of_window) / MIB,
                        descriptors=descriptors(pid), threads=threads(pid), p99_ms=prober.waits.share(0.99) * 1000)
    return most


def run(seconds, seed):
    """The samples of one soak, and what was wrong."""
    wrong, samples = [], Samples()
    with tempfile.TemporaryDirectory(prefix="redistill-soak-") as directory:
        directory = pathlib.Path(directory)
        authority, security = live_pair(directory)
        security["tls_port"] = free_port()
        with Daemon(server={"workers": 2, "output_buffer_limit": "4mb"}, security=security,
                    memory={"max_memory": LIMIT, "eviction_policy": "allkeys-lru"}) as daemon:
            empty, quiet = warm(daemon), descriptors(daemon.process.pid)
            counted = parts(daemon)
            startup = int(daemon.info("memory")["used_memory_startup_rss"])
            context = multiprocessing.get_context("fork")
            stopping, complaints = context.Event(), context.Queue()
            processes = []
            for number, function in enumerate(CHURNERS):
                soak = Soak(daemon, security["tls_port"], authority, directory, random.Random(f"{seed} {number}"),
                            shift=max(seconds / 100, 5))
                processes.append(context.Process(target=churner, args=(function, soak, stopping, complaints), daemon=True))
            for process in processes:
                process.start()
            begun = time.monotonic()
            try:
                most = sample(daemon, samples, begun, seconds, window=max(seconds / 300, 1))
                if most - startup > MOST:
                    wrong.append(f"{(most - startup) / MIB:.1f} MiB resident above the start, {MOST / MIB:.1f} allowed")
            except (OSError, EOFError) as error:
                wrong.append(f"{error!r}; the daemon's exit code is {daemon.process.poll()}")
            stopping.set()
            for process in processes:
                process.join(30)
                process.kill()
            while not complaints.empty():
                wrong.append(complaints.get())
            if daemon.process.poll() is None:
                daemon.ask("CONFIG", "SET", "maxmemory", LIMIT)
                wrong += at_the_end(daemon, empty, counted, quiet)
    for name, bound in RISES.items():
        if len(samples.seconds) > 5 and samples.rise(name) > bound:
            wrong.append(f"{name} rise by {samples.rise(name):.2f}, {bound:g} allowed")
    return samples, wrong


def parts(daemon):
    memory = daemon.info("memory")
    return {name: int(memory[name]) for name in PARTS}


def at_the_end(daemon, empty, counted, quiet):
    wrong = []
    left = settled(lambda: descriptors(daemon.process.pid), lambda count: count <= quiet, 40)
    if left > quiet:
        wrong.append(f"{left} descriptors at the end, {quiet} at the start")
    rest = emptied(daemon)
    now = parts(daemon)
    more = {name: now[name] - counted[name] for name in PARTS if now[name] != counted[name]}
    told = ", ".join(f"{name} {bytes / MIB:+.1f}" for name, bytes in more.items())
    print(f"empty: {empty / MIB:.1f} MiB resident at the start, {rest / MIB:.1f} at the end; MiB counted: {told}")
    kept = more.get("mem_store_resident", 0)
    if kept > KEPT or rest - empty - kept > LEFT:
        wrong.append(f"{(rest - empty) / MIB:.1f} MiB more resident than at the start, when everything is gone: {told}")
    if daemon.stop():
        wrong.append("no clean stop")
    return wrong


def draw(samples, path, title):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(len(RISES), 1, figsize=(10, 10), sharex=True)
    for axis, name in zip(axes, RISES):
        axis.plot([at / 60 for at in samples.seconds], samples.series[name], linewidth=0.8)
        axis.set_ylabel(name)
        axis.set_ylim(bottom=0)
        axis.axvline(samples.seconds[-1] * WARM / 60, color="grey", linewidth=0.6)
        axis.annotate(f"rises by {samples.rise(name):+.2f}", (0.99, 0.05), xycoords="axes fraction", ha="right", fontsize=8)
    axes[-1].set_xlabel("minutes")
    axes[0].set_title(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--output", type=pathlib.Path, help="a PNG")
    options = parser.parse_args()
    seconds = options.hours * 3600 + options.minutes * 60 or 300
    allow_descriptors()
    samples, wrong = run(seconds, options.seed)
    for name in RISES:
        values = samples.series[name]
        print(f"{name:<14} least {min(values):.2f}, most {max(values):.2f}, rises by {samples.rise(name):+.2f} "
              f"({RISES[name]:g} allowed)")
    if options.output:
        draw(samples, options.output, f"{seconds / 60:g} minutes, seed {options.seed}: {'flat' if not wrong else 'NOT FLAT'}")
    print("flat" if not wrong else "NOT FLAT:\n" + "\n".join(dict.fromkeys(wrong)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
