"""This file owns the workloads and limits of workloads.json."""

import json
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from harness.errors import BenchError
from harness.servers import ServerKind

PATH = Path(__file__).resolve().parent.parent / "workloads.json"
MIB = 1 << 20
# Above this the servers' own limit of connections, 10,000 for each, is raised.
MANY_CONNECTIONS = 9_000
# bench-load's commands on collections of `width` elements.
ON_COLLECTIONS = ("hset", "hget", "hgetall", "sadd", "sismember", "lpush", "lrange")


@dataclass(frozen=True)
class Workload:
    """One row of workloads.json, as bench-load takes it."""

    name: str
    pipeline: int
    connections: int
    value_size: int
    set_share: float
    ceiling: float | None = None  # the most that the daemon's CPU per operation may be, in floors
    keys: int = 1_000_000
    first_key: int = 0  # number of the first of them
    key_size: int = 16
    zipf: float = 0.0  # exponent; 0 is uniform
    title: str = ""  # for a person
    command: str = "get"  # bench-load's --command
    width: int = 1  # keys of an MGET, commands of a MULTI, elements of a collection
    ttl: int = 0  # seconds that every SET gives its key; 0 is none
    misses: bool = False  # keys that are not there are counted; otherwise one fails the run
    reconnect: bool = False  # each operation on a connection of its own
    password: str = ""
    limit_mib: int = 0  # of the server's memory; 0 is none
    policy: str = "allkeys-lru"  # by which it evicts then
    quick: bool = False  # belongs to a quick run
    floor: bool = False  # bench/floor runs it unless told otherwise

    def load_arguments(self) -> list[str]:
        arguments = {
            "--pipeline": self.pipeline, "--connections": self.connections, "--value-size": self.value_size,
            "--set-share": self.set_share, "--keys": self.keys, "--key-size": self.key_size,
        }
        if self.first_key:
            arguments["--first-key"] = self.first_key
        if self.zipf:
            arguments["--zipf"] = self.zipf
        if self.command != "get":
            arguments |= {"--command": self.command, "--width": self.width}
        if self.ttl:
            arguments["--ttl"] = self.ttl
        flags = [flag for flag, wanted in (("--misses", self.misses), ("--reconnect", self.reconnect)) if wanted]
        return [str(part) for pair in arguments.items() for part in pair] + flags

    def server_options(self, kind: ServerKind) -> dict:
        """What servers.started needs, by its parameters' names; raises where `kind` can't run it."""
        if reason := self.unable(kind):
            raise BenchError(f"{self.name}: {kind.name} {reason}")
        return {
            "value_size": self.value_size,
            "many_connections": self.connections > MANY_CONNECTIONS,
            "arguments": kind.limit_arguments(self.limit_mib * MIB, self.policy) if self.limit_mib else [],
            "password": self.password,
        }

    def unable(self, kind: ServerKind) -> str | None:
        """Why a server of that kind can't run it, as the end of a sentence; None: it can."""
        if self.command == "multi" and kind.protocol == "memcached":
            return "has no transactions"
        if self.command in ON_COLLECTIONS and kind.protocol == "memcached":
            return "has no collections"
        if self.password and kind.password is None:
            return "can't be given a password"
        if self.limit_mib and not kind.limited:
            return "can't be given a memory limit"
        if self.reconnect and kind.tls:
            return "speaks TLS, over which the load does not reconnect"
        return None

    def suits(self, kind: ServerKind) -> bool:
        return self.unable(kind) is None

    @property
    def needs_keys(self) -> bool:
        return self.command != "ping"

    def describe(self) -> str:
        connections = "a connection for each" if self.reconnect else f"{self.connections} connections"
        parts = [f"P={self.pipeline}, {connections}"]
        if self.command in ("mget", "multi", *ON_COLLECTIONS):
            parts.append(f"{self.command.upper()} of {self.width}")
        elif self.command != "get":
            parts.append(self.command.upper())
        if self.command in ("get", "mget"):
            parts.append(f"{self.set_share:.0%} SET")
        if self.needs_keys:
            distribution = f"Zipf {self.zipf}" if self.zipf else "uniform"
            parts += [f"{self.value_size} B values", f"{self.keys:,} {distribution} keys of {self.key_size} B"]
        if self.ttl:
            parts.append(f"EX {self.ttl}")
        if self.password:
            parts.append("password")
        if self.limit_mib:
            parts.append(f"limit {self.limit_mib} MiB, {self.policy}")
        return ", ".join(parts)

    def with_ceiling(self, ceiling: float) -> "Workload":
        return replace(self, ceiling=ceiling)


@cache
def document() -> dict:
    return json.loads(PATH.read_text())


def load_workloads(names: list[str] | None) -> list[Workload]:
    """All, or those named, in the file's order."""
    known_fields = {field.name for field in fields(Workload)}
    rows = document()["workloads"]
    for row in rows:
        if unknown := row.keys() - known_fields:
            raise BenchError(f"{PATH.name}: {row.get('name', row)}: there is no {', '.join(sorted(unknown))}")
    workloads = [Workload(**row) for row in rows]
    if not names:
        return workloads
    known = {workload.name for workload in workloads}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BenchError(f"no workload {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [workload for workload in workloads if workload.name in names]


def floor_workloads(names: list[str] | None) -> list[Workload]:
    """Those named, or those that bench/floor runs."""
    return [workload for workload in load_workloads(names) if names or workload.floor]


def load_limits() -> dict[str, float]:
    return document()["limits"]
