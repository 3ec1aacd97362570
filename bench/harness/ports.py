"""This file owns the choice of ports for servers that must be told one."""

import random
import socket
from pathlib import Path

LOWEST = 10_000  # below are those that services are known by


def free_port() -> int:
    """One that nobody listens on, below those that the kernel gives to outgoing connections: of these any connection, in
    the moment until the server binds it, could be given the same."""
    end = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    candidates = range(LOWEST, end) if end > LOWEST + 1000 else range(1024, end)
    while True:
        port = random.SystemRandom().choice(candidates)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
