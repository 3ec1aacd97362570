"""This file owns the longest a short command had to wait, over time, while something else goes on."""

import threading
import time
from dataclasses import dataclass, field

from harness.client import Client, encode
from harness.servers import RunningServer

# Milliseconds of one point of the plot.
WINDOW_SECONDS = 0.1
PAUSE_SECONDS = 0.0002


@dataclass
class Latencies:
    seconds: list[float] = field(default_factory=list)  # each sample's, since the start
    milliseconds: list[float] = field(default_factory=list)

    def most(self) -> float:
        return max(self.milliseconds)

    def share(self, part: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]

    def windows(self) -> tuple[list[float], list[float]]:
        """The longest of each window."""
        most: dict[int, float] = {}
        for second, latency in zip(self.seconds, self.milliseconds):
            window = int(second / WINDOW_SECONDS)
            most[window] = max(most.get(window, 0), latency)
        return [window * WINDOW_SECONDS for window in most], list(most.values())


class Prober:
    """GETs one key on a connection of its own, one at a time, from a thread, while the block runs."""

    def __init__(self, server: RunningServer):
        self.client = Client(server)
        self.latencies = Latencies()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._probe)

    def __enter__(self) -> Latencies:
        self.start = time.monotonic()
        self.thread.start()
        return self.latencies

    def __exit__(self, *ignored):
        self.stopping.set()
        self.thread.join()
        self.client.__exit__()

    def _probe(self) -> None:
        request = encode(b"GET", b"probe")
        while not self.stopping.is_set():
            begun = time.monotonic()
            self.client.send(request)
            self.client.reply()
            self.latencies.seconds.append(begun - self.start)
            self.latencies.milliseconds.append((time.monotonic() - begun) * 1000)
            time.sleep(PAUSE_SECONDS)
