"""This file owns the servers that can be measured: what each is, how it is started, when it is ready."""

import argparse
import shlex
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import BenchError
from harness.ports import free_port
from harness.processes import running

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
READY_SECONDS = 10
LOG_TAIL = 2000


def self_signed(directory: Path) -> dict[str, str]:
    """A fresh certificate and its key, of the kind that most have today."""
    files = {"certificate": str(directory / "certificate.pem"), "key": str(directory / "key.pem")}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-out", files["certificate"], "-keyout", files["key"]],
                   check=True, capture_output=True)
    return files


@dataclass(frozen=True)
class ServerKind:
    """A server as data. Arguments may hold {port}, {value_size} and {workers}, of TLS {certificate} and {key} too."""

    name: str
    program: str
    arguments: tuple[str, ...]
    protocol: str = "resp"  # as bench-load names it
    version_arguments: tuple[str, ...] = ()  # none: nothing is known of how to ask
    many_connections: tuple[str, ...] = ()  # added where more connections are opened than the default allows
    limited: tuple[str, ...] = ()  # added for a memory limit: {limit} bytes or {limit_mib}, and the eviction {policy}
    password: tuple[str, ...] | None = None  # added for a {password}, or {password_file}; None: it can have none
    hint: str = ""  # what to do when the program is missing
    tls: bool = False

    def path(self) -> str | None:
        return shutil.which(self.program)

    def version(self) -> str:
        if not self.version_arguments:
            return "this checkout" if self.program.startswith(str(BENCH)) else "unknown"
        output = subprocess.run([self.path(), *self.version_arguments], capture_output=True, text=True, check=True)
        return output.stdout.strip().splitlines()[0]

    def command(self, port: int, value_size: int, workers: int, directory: Path) -> list[str]:
        values = {"port": port, "value_size": value_size, "workers": workers}
        if self.tls:
            values |= self_signed(directory)
        return [self.path(), *(argument.format(**values) for argument in self.arguments)]

    def limit_arguments(self, limit: int, policy: str) -> list[str]:
        return [argument.format(limit=limit, limit_mib=limit >> 20, policy=policy) for argument in self.limited]

    def password_arguments(self, password: str, directory: Path) -> list[str]:
        if self.password is None:
            raise BenchError(f"{self.name} can't be given a password")
        file = directory / "password"
        file.write_text(password + "\n")
        file.chmod(0o600)
        return [argument.format(password=password, password_file=file) for argument in self.password]


KINDS = {
    kind.name: kind
    for kind in (
        ServerKind(
            name="floor-tls",
            program=str(BENCH / "bin" / "floor-server"),
            arguments=("--port", "{port}", "--value-size", "{value_size}", "--certificate", "{certificate}", "--key",
                       "{key}"),
            hint="make -C bench",
            tls=True,
        ),
        ServerKind(
            name="redistill-tls",
            program=str(ROOT / ".build" / "release" / "redistilld"),
            arguments=("--port", "{port}", "--bind", "127.0.0.1", "--workers", "{workers}", "--tls-enabled", "true",
                       "--tls-cert-path", "{certificate}", "--tls-key-path", "{key}"),
            version_arguments=("--version",),
            hint="make build",
            tls=True,
        ),
        ServerKind(
            name="floor",
            program=str(BENCH / "bin" / "floor-server"),
            arguments=("--port", "{port}", "--value-size", "{value_size}"),
            password=(),  # any is right
            hint="make -C bench",
        ),
        ServerKind(
            name="redistill",
            program=str(ROOT / ".build" / "release" / "redistilld"),
            arguments=("--port", "{port}", "--bind", "127.0.0.1", "--workers", "{workers}"),
            version_arguments=("--version",),
            many_connections=("--max-connections", "19000"),
            limited=("--max-memory", "{limit}", "--eviction-policy", "{policy}"),
            password=("--password-file", "{password_file}"),
            hint="make build",
        ),
        ServerKind(
            name="redis",
            program="redis-server",
            arguments=("--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
            version_arguments=("--version",),
            many_connections=("--maxclients", "19000"),
            limited=("--maxmemory", "{limit}", "--maxmemory-policy", "{policy}"),
            password=("--requirepass", "{password}"),
            hint="apt-get install redis-server",
        ),
        ServerKind(
            name="memcached",
            program="memcached",
            # It evicts by its own LRU, whatever the policy. Only of root does it want to know as whom to run. 10,000
            # connections are what the others take; -I makes room for values of a megabyte.
            arguments=("-p", "{port}", "-l", "127.0.0.1", "-t", "{workers}", "-m", "4096", "-U", "0", "-u", "root",
                       "-c", "10000", "-I", "8m"),
            protocol="memcached",
            version_arguments=("-V",),
            many_connections=("-c", "19000"),
            limited=("-m", "{limit_mib}"),
            hint="apt-get install memcached",
        ),
    )
}


def server_of(text: str) -> ServerKind:
    """A server from NAME=COMMAND. What is known of a program whose name its own begins with holds for it too."""
    name, _, command = text.partition("=")
    program, *arguments = shlex.split(command) or [""]
    if not name or "{port}" not in command or not shutil.which(program):
        raise argparse.ArgumentTypeError(f"{text}: NAME=COMMAND is wanted, with a program that is there and {{port}}")
    kind = ServerKind(name=name, program=program, arguments=tuple(arguments))
    for known in KINDS.values():
        if not known.tls and Path(program).name.startswith(Path(known.program).name):
            return replace(known, name=name, program=program, arguments=tuple(arguments), hint="")
    return kind


@dataclass(frozen=True)
class RunningServer:
    kind: ServerKind
    pid: int
    port: int
    command: str  # as one would type it
    ready_seconds: float  # from just before the exec to the first PONG
    password: str = ""


def plain_or_tls(connection: socket.socket, tls: bool) -> socket.socket:
    if not tls:
        return connection
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


# What shows that a server is ready: a request, and how an answer begins. One that wants a password is ready too.
READY = {
    "resp": (b"*1\r\n$4\r\nPING\r\n", (b"+PONG", b"-NOAUTH")),
    "memcached": (b"version\r\n", (b"VERSION ",)),
}


def answers(port: int, kind: ServerKind) -> bool:
    request, beginnings = READY[kind.protocol]
    try:
        with plain_or_tls(socket.create_connection(("127.0.0.1", port), timeout=1), kind.tls) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(beginnings)
    except OSError:
        return False


def wait_until_ready(process: subprocess.Popen, port: int, kind: ServerKind, log: Path, command: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(port, kind):
        if process.poll() is not None or time.monotonic() > deadline:
            state = "ended" if process.poll() is not None else f"gave no answer within {READY_SECONDS} s"
            raise BenchError(f"{command}\n{state}; its output:\n{log.read_text(errors='replace')[-LOG_TAIL:]}")
        time.sleep(0.0005)


@contextmanager
def started(kind: ServerKind, value_size: int = 64, workers: int = 1, cores: str | None = None,
            many_connections: bool = False, arguments: Sequence[str] = (), password: str = ""):
    """A fresh server on a free port, ready; stopped when the block is left. `cores` as taskset writes them."""
    port = free_port()
    # A directory of its own, so that no server finds a configuration file or leaves one.
    with tempfile.TemporaryDirectory(prefix="redistill-bench-") as directory:
        command = kind.command(port, value_size, workers, Path(directory)) + list(arguments)
        if many_connections:
            command += kind.many_connections
        if password:
            command += kind.password_arguments(password, Path(directory))
        if cores:
            command = ["taskset", "-c", cores, *command]
        log = Path(directory) / "log"
        with log.open("wb") as output:
            start = time.monotonic()
            with running(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process:
                wait_until_ready(process, port, kind, log, shlex.join(command))
                yield RunningServer(kind, process.pid, port, shlex.join(command), time.monotonic() - start, password)


def choose(names: list[str], optional: frozenset[str] = frozenset()) -> list[ServerKind]:
    """The kinds named. A missing program is an error, but only left out if its name is in `optional`."""
    kinds = []
    for name in names:
        if name not in KINDS:
            raise BenchError(f"no server {name}; there are {', '.join(KINDS)}")
        if KINDS[name].path():
            kinds.append(KINDS[name])
        elif name not in optional:
            raise BenchError(f"{KINDS[name].program} is missing: {KINDS[name].hint}")
    return kinds
