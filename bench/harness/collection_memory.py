"""This file owns what a collection costs in memory, by server."""

import time
from dataclasses import dataclass

from harness.client import Client
from harness.collection import Shape
from harness.footprint import SETTLE_SECONDS, resident_bytes
from harness.servers import ServerKind, started

PIPELINE_BYTES = 1 << 18


@dataclass(frozen=True)
class Cost:
    """Bytes of a key, its name and its place in the table among them."""

    resident: float
    used: float  # as the server says itself: INFO's used_memory


def used_memory(client: Client) -> int:
    for line in client.ask(b"INFO", b"memory").splitlines():
        if line.startswith(b"used_memory:"):
            return int(line.partition(b":")[2])
    raise ValueError("INFO memory has no used_memory")


def fill(client: Client, shape: Shape) -> None:
    waiting, size = [], 0
    for command in shape.commands():
        waiting.append(command)
        size += len(command)
        if size >= PIPELINE_BYTES:
            client.pipeline(waiting)
            waiting, size = [], 0
    client.pipeline(waiting)


def cost_of(kind: ServerKind, shape: Shape) -> Cost:
    with started(kind) as server, Client(server) as client:
        time.sleep(SETTLE_SECONDS)
        resident, used = resident_bytes(server.pid), used_memory(client)
        fill(client, shape)
        time.sleep(SETTLE_SECONDS)
        keys = shape.keys()
        return Cost((resident_bytes(server.pid) - resident) / keys, (used_memory(client) - used) / keys)
