"""This file owns a prober: a process that asks for one small key, again and again, and keeps how long it waited."""

import multiprocessing
import os
import time

from setting import Client, request

PAUSE = 0.0003


def placed(daemon, worker, password="", tries=200):
    """A client on the worker of that number: the daemon gives each new one to whoever has the fewest."""
    others = []
    try:
        for _ in range(tries):
            client = daemon.connect(timeout=60)
            if password:
                client.ask("AUTH", password)
            if f" io-thread={worker} ".encode() in client.ask("CLIENT", "INFO"):
                return client
            others.append(client)
        raise AssertionError(f"no connection came to worker {worker}")
    finally:
        for client in others:
            client.close()


class Waits:
    """How long the answers took, as (moment, seconds)."""

    def __init__(self, samples):
        self.samples = samples

    def between(self, begun, ended):
        """Those that were asked for, or still waited, in that time."""
        return Waits([(at, wait) for at, wait in self.samples if at + wait >= begun and at <= ended])

    def share(self, part):
        ordered = sorted(wait for _, wait in self.samples)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0

    def most(self):
        return max((wait for _, wait in self.samples), default=0)

    def __len__(self):
        return len(self.samples)


class Prober:
    """Probes while its `with` block runs; `waits` afterwards. The connection stays the caller's."""

    def __init__(self, client, key="probe"):
        self.client, self.key = client, key
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self._probe, args=(theirs,), daemon=True)
        self.waits = None

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.ours.send(None)
        # A prober that waits for an answer which never comes is a finding, too.
        self.waits = Waits(self.ours.recv()) if self.ours.poll(60) else None
        self.process.kill()
        self.process.join()

    def _probe(self, pipe):
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(2))  # what it waits for is the daemon, not a processor
        except PermissionError:
            pass
        sock, data, samples = self.client.socket, request("GET", self.key), []
        while not pipe.poll():
            at = time.monotonic()
            sock.sendall(data)
            answer = sock.recv(100)
            samples.append((at, time.monotonic() - at))
            if not answer:
                break
            time.sleep(PAUSE)
        pipe.send(samples)
