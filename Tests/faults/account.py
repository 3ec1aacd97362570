"""This file owns the account of memory: what the daemon says it holds, what the kernel says, before, during and after an
attack.

    Tests/faults/run account                             every attack, two policies, one and two workers
    Tests/faults/run account --attack strangers          those whose function or name has this in it
    Tests/faults/run account --policies all --workers 1,2,3
"""

import argparse
import re
import sys
import time
from dataclasses import dataclass

import attacks_memory
from attacks_memory import ATTACKS, Target
from setting import KIB, MIB, Daemon, Sampler, allow_descriptors, descriptors, free_port, request, resident, settled

LIMIT = 64 * MIB
# What writes may owe (docs/memory.md), and what a chunk and the buffers of a worker take.
OWED = 0.03
SLACK = 16 * MIB
# Counters of which each resident byte beyond the program itself stands in one (docs/memory.md).
PARTS = ["mem_store_resident", "mem_clients_connections", "mem_clients_tls", "mem_clients_input", "mem_clients_output",
         "mem_clients_queues", "mem_feeds", "mem_tracking", "mem_buffers", "mem_heap_overhead", "mem_heap_free"]
# Their sum and what the kernel says differ by this share of the limit more than before the attack: resident and not
# counted, or counted and not resident, since buffers grow ahead of what has come.
UNCOUNTED, UNWRITTEN = 0.03, 0.1
# As many keys fit afterwards: pages of slabs are never filled quite alike.
FIT = 0.96
# How long what was held may take to come back.
PATIENCE = 10
VALUE = KIB
POLICIES = ["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random",
            "volatile-ttl", "allkeys-s3fifo"]
# Gauges of clients that are back where they were when the clients are gone, and how far off they may be.
GAUGES = {"connected_clients": 0, "tracking_clients": 0, "monitor_clients": 0, "watching_clients": 0,
          "total_watched_keys": 0, "tracking_total_keys": 0, "tracking_total_items": 0, "tracking_total_prefixes": 0,
          "tls_handshakes_active": 0, "mem_clients_normal": 64 * KIB, "mem_buffers": MIB}


@dataclass
class Account:
    """What one attack did to one daemon."""

    attack: str
    policy: str
    workers: int
    fitted: int = 0
    held: int = 0
    fit: int = 0
    most: int = 0
    startup: int = 0
    difference: int = 0
    seconds: float = 0
    faults: list = None

    def row(self):
        return (f"{self.attack:<45} {self.policy:<14} {self.workers:>2} {self.fitted:>7,} {self.held:>7,} {self.fit:>7,} "
                f"{(self.most - self.startup) / MIB:>7.1f} {self.difference / MIB:>7.1f} {self.seconds:>6.1f}  "
                f"{'; '.join(self.faults) or 'ok'}")


HEADER = (f"{'attack':<45} {'policy':<14} {'w':>2} {'before':>7} {'during':>7} {'after':>7} {'most':>7} {'differ':>7} "
          f"{'s':>6}  verdict (keys; MiB over the start)")


def fill(target, count):
    """Stores up to `count` keys, by one pipeline after the other; returns how many keys there are."""
    ttl = ("EX", 100_000)
    with target.client() as client:
        for start in range(0, count, 500):
            numbers = range(start, min(start + 500, count))
            client.socket.sendall(b"".join(request("SET", f"key:{number:08d}", b"v" * VALUE, *ttl) for number in numbers))
            if sum(client.read() == b"OK" for _ in numbers) == 0:
                break
        return client.ask("DBSIZE")


def facts(daemon, password):
    """INFO as a dictionary, numbers as numbers."""
    with Target(daemon, password).client() as client:
        text = client.ask("INFO", "everything").decode()
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name: int(value) if re.fullmatch(r"-?\d+", value) else value for name, value in pairs}


def run(attack, policy, workers, scale=1.0):
    """The account of one attack on a daemon of its own."""
    server = {"workers": workers, "max_connections": 20_000, **attack.settings.get("server", {})}
    security = dict(attack.settings.get("security", {}))
    tls_port = 0
    if security.pop("tls_port", None):
        tls_port = free_port()
        security |= {"tls_port": tls_port, **certificate()}
    account = Account(attack.name, policy, workers, faults=[])
    with Daemon(server=server, security=security, memory={"max_memory": LIMIT, "eviction_policy": policy}) as daemon:
        target = Target(daemon, security.get("password", ""), tls_port, scale)
        started = time.monotonic()
        measure(account, attack, target)
        account.seconds = time.monotonic() - started
        if daemon.process.poll() is not None:
            account.faults.append(f"the daemon ended with {daemon.process.returncode}")
    return account


def measure(account, attack, target):
    daemon, pid = target.daemon, target.daemon.process.pid
    refuses = account.policy == "noeviction"
    wanted = int(LIMIT / VALUE * 1.25)
    account.startup = facts(daemon, target.password)["used_memory_startup_rss"]
    account.fitted = fill(target, wanted)
    if refuses:  # room for what attacks store themselves
        with target.client() as client:
            client.ask("FLUSHALL")
        fill(target, account.fitted * 6 // 10)
    before, descriptors_before = facts(daemon, target.password), descriptors(pid)
    keys_before, quiet = dbsize(target), uncounted(target, before)
    try:
        with Sampler(lambda: resident(pid)) as sampler:
            with attack.run(target):
                check_during(account, target, keys_before, quiet)
            account.most = sampler.most
    except (OSError, EOFError) as error:
        account.faults.append(f"the attack was not answered: {error!r}")
        account.most = sampler.most
    most_allowed = LIMIT * (1 + OWED) + SLACK
    if account.most - account.startup > most_allowed:
        account.faults.append(f"{(account.most - account.startup) / MIB:.0f} MiB resident, {most_allowed / MIB:.0f} allowed")
    check_after(account, target, before, descriptors_before, wanted)


def dbsize(target):
    with target.client() as client:
        return client.ask("DBSIZE")


def uncounted(target, found):
    """What is resident and stands in no counter: the program itself, and what is wrong."""
    return resident(target.daemon.process.pid) - sum(found[name] for name in PARTS)


def check_during(account, target, keys_before, quiet):
    # The counters are the workers', published in steps and by their ticks; the kernel's are of the moment.
    until = time.monotonic() + PATIENCE / 2
    while True:
        account.difference = uncounted(target, facts(target.daemon, target.password)) - quiet
        agrees = -LIMIT * UNWRITTEN <= account.difference <= LIMIT * UNCOUNTED
        if agrees or time.monotonic() > until:
            break
    if not agrees:
        account.faults.append(f"what is counted and what the kernel says differ by {account.difference / MIB:.1f} MiB")
    with target.client() as client:
        answer = client.ask("SET", "one", "1")
        if answer != b"OK":
            account.faults.append(f"SET was answered {answer!r}")
        account.held = client.ask("DBSIZE")
    share = attacks_memory.KEPT_KEYS.get(account.attack, 0.7)
    if account.held < keys_before * share:
        account.faults.append(f"{keys_before - account.held:,} of {keys_before:,} keys gone during the attack")


def check_after(account, target, before, descriptors_before, wanted):
    daemon, pid = target.daemon, target.daemon.process.pid

    def left():
        now = facts(daemon, target.password)
        return [f"{name} is {now[name]:,}, was {before[name]:,}" for name, allowed in GAUGES.items()
                if name in before and now[name] > before[name] + allowed]

    account.faults += settled(left, lambda faults: not faults, PATIENCE)
    now = settled(lambda: descriptors(pid), lambda number: number <= descriptors_before, PATIENCE)
    if now > descriptors_before:
        account.faults.append(f"{now} descriptors, {descriptors_before} before")

    def fit():
        if account.policy == "noeviction":
            with target.client() as client:
                client.ask("FLUSHALL")
        return fill(target, wanted)

    account.fit = settled(fit, lambda keys: keys >= account.fitted * FIT, PATIENCE)
    if account.fit < account.fitted * FIT:
        account.faults.append(f"{account.fit:,} keys fit, {account.fitted:,} before")


_certificate = {}


def certificate():
    """The settings of a certificate, which is made once."""
    if not _certificate:
        import tempfile
        from certificates import Authority
        _certificate["directory"] = tempfile.TemporaryDirectory(prefix="redistill-faults-")
        chain, key = Authority(_certificate["directory"].name).issue("server")
        _certificate["settings"] = {"tls_cert_path": str(chain), "tls_key_path": str(key)}
    return _certificate["settings"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attack", default="", help="part of the names of attacks")
    parser.add_argument("--policies", default="noeviction,allkeys-lru")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--scale", type=float, default=1)
    options = parser.parse_args()
    allow_descriptors()
    policies = POLICIES if options.policies == "all" else options.policies.split(",")
    bad = 0
    print(HEADER)
    for attack in ATTACKS.values():
        if options.attack not in attack.name and options.attack not in attack.function:
            continue
        for policy in policies:
            for workers in map(int, options.workers.split(",")):
                account = run(attack, policy, workers, options.scale)
                bad += bool(account.faults)
                print(account.row(), flush=True)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
