"""This file owns failing system calls: each call of each kind, in turn, until there is none left.

    Tests/faults/run systemcalls                  all kinds, serving and starting
    Tests/faults/run systemcalls --kind sendmsg --most 200

While it serves: that connection at worst closes. What was answered is right, everybody else is served, nothing hangs.
While it starts: it serves, or ends with a message and an exit code.
"""

import argparse
import contextlib
import os
import re
import select
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field

from account import certificate
from setting import KIB, Client, Daemon, ErrorReply, connected, descriptors, executable, free_port, request, settled
from shim import SERVING, SHORT, STARTING, Shim

PATIENCE = 10
LARGE = bytes(range(256)) * 1200  # 300 KB: blobs, and several reads and sends


class Wrong(Exception):
    """What must not happen, whichever call failed."""


def talk(client, exchanges):
    """Sends requests at once, and looks at each reply until the connection ends; an error reply may stand for each."""
    replies = []
    try:
        client.socket.sendall(b"".join(data for data, _ in exchanges))
        for data, expected in exchanges:
            reply = client.read()
            replies.append(str(reply)[:20])
            if isinstance(reply, ErrorReply):
                if not reply.startswith(("OOM", "ERR", "EXECABORT")):
                    raise Wrong(f"{data[:60]} was answered {reply}")
            elif callable(expected):
                if not expected(reply):
                    raise Wrong(f"{data[:60]} was answered {str(reply)[:80]} after {replies}")
            elif reply != expected:
                raise Wrong(f"{data[:60]} was answered {str(reply)[:80]} after {replies}")
    except TimeoutError:
        raise Wrong(f"no answer in {PATIENCE} s") from None
    except (OSError, EOFError, ssl.SSLError):
        return  # that connection closed


@contextlib.contextmanager
def client_of(daemon, tls_port=0):
    """None where it was not let in."""
    client = None
    try:
        plain = connected(daemon, tls_port, timeout=PATIENCE)
        if tls_port:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            plain = context.wrap_socket(plain)
        client = Client(0, wrapped=plain)
    except TimeoutError:
        raise Wrong(f"not let in within {PATIENCE} s") from None
    except OSError:
        pass
    try:
        yield client
    finally:
        if client:
            client.close()


SMALL_TALK = [(request("SET", "small", "v" * 50), b"OK"), (request("GET", "small"), b"v" * 50),
              (request("MULTI"), b"OK"), (request("INCR", "number"), b"QUEUED"), (request("DEL", "number"), b"QUEUED"),
              (request("EXEC"), lambda reply: reply[1] == 1), (request("MGET", "small", "none"), [b"v" * 50, None])]
LARGE_TALK = [(request("SET", "large", LARGE), b"OK"), (request("GET", "large"), lambda reply: reply in (LARGE, None)),
              (request("GETRANGE", "large", 1, 5), lambda reply: reply in (LARGE[1:6], b"")),
              (request("MGET", "large", "large"), lambda reply: reply in ([LARGE, LARGE], [None, None])),
              (request("DEL", "large"), lambda reply: reply in (0, 1)), (request("GET", "large"), None)]


def small(place):
    with client_of(place.daemon) as client:
        if client:
            talk(client, SMALL_TALK)


def large(place):
    with client_of(place.daemon) as client:
        if client:
            talk(client, LARGE_TALK)


def encrypted(place):
    with client_of(place.daemon, place.tls_port) as client:
        if client:
            talk(client, SMALL_TALK + LARGE_TALK)


def several(place):
    """Clients that come at once and go at once; replies from one to another."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(client_of(place.daemon)) for _ in range(6)]
        for client in filter(None, clients):
            talk(client, SMALL_TALK[:2])


def control(place):
    """What reads and writes files, and what the HTTP port says."""
    with client_of(place.daemon) as client:
        if client:
            talk(client, [(request("CONFIG", "SET", "slowlog-max-len", 100), b"OK"), (request("CONFIG", "REWRITE"), b"OK"),
                          (request("INFO"), lambda reply: b"redis_version" in reply)])
    text = place.daemon.config.read_text()
    if "[server]" not in text or "slowlog_max_len" not in text:
        raise Wrong(f"the configuration file is damaged: {text[:200]!r}")
    with contextlib.suppress(OSError):
        with connected(place.daemon, place.daemon.http, timeout=PATIENCE) as sock:
            sock.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            while sock.recv(64 * KIB):
                pass


SCENARIOS = {"small": small, "large": large, "encrypted": encrypted, "several": several, "control": control}
# Calls that only some scenarios make.
ONLY = {"open": ["control"], "fsync": ["control"], "rename": ["control"], "unlink": ["control"], "fcntl": ["control", "several"],
        "write": ["control", "encrypted"], "writev": ["control"], "read": ["encrypted", "control"], "getrandom": ["several"],
        "accept4": ["several"], "setsockopt": ["several"], "mmap": ["large"], "mprotect": ["large"], "madvise": ["large"]}


@dataclass
class Place:
    daemon: Daemon
    shim: Shim
    tls_port: int
    struck: int = 0
    wrong: list = field(default_factory=list)


@contextlib.contextmanager
def serving():
    """A daemon with the shim, that has all ports, and whose configuration file can be rewritten."""
    tls_port = free_port()
    with Shim() as shim, Daemon(environment=shim.environment(), server={"workers": 2}, memory={"max_memory": "64mb"},
                                logging={"slowlog_max_len": 50}, security={"tls_port": tls_port, **certificate()}) as daemon:
        yield Place(daemon, shim, tls_port)


def strike(place, kind, action, nth, name):
    """One scenario with one failing call; whether a call was struck."""
    try:
        place.shim.arm(kind, action, nth)
        try:
            SCENARIOS[name](place)
        finally:
            _, struck = place.shim.disarm()
        place.struck += struck
        lives(place)
        return struck > 0
    except Wrong as error:
        place.wrong.append(f"{kind} {'short' if action == SHORT else action}, call {nth} of '{name}': {error}")
        return place.daemon.process.poll() is None


def lives(place):
    if place.daemon.process.poll() is not None:
        raise Wrong(f"the daemon ended with {place.daemon.process.returncode}")
    try:
        if place.bystander.ask("GET", "bystander") != b"kept":
            raise Wrong("a bystander got something else")
        with place.daemon.connect(timeout=PATIENCE) as client:
            if client.ask("PING") != b"PONG":
                raise Wrong("a newcomer got something else")
    except TimeoutError:
        raise Wrong("somebody else was not answered") from None
    except (OSError, EOFError) as error:
        raise Wrong(f"somebody else's connection closed: {error!r}") from None


def serve_through(kinds, most, report=lambda text: None):
    """Every call of every kind while the daemon serves; what was wrong, and how many calls failed."""
    wrong, struck = [], 0
    with contextlib.ExitStack() as stack:
        place = None
        for kind in kinds:
            for action in SERVING[kind]:
                before = struck
                for name in ONLY.get(kind, ["small", "large", "encrypted"]):
                    for nth in range(1, most + 1):
                        if place is None or place.daemon.process.poll() is not None:
                            stack.close()
                            place = stack.enter_context(serving())
                            place.bystander = stack.enter_context(place.daemon.connect(timeout=PATIENCE))
                            place.bystander.ask("SET", "bystander", "kept")
                            place.quiet = descriptors(place.daemon.process.pid)
                        place.wrong, place.struck = [], 0
                        more = strike(place, kind, action, nth, name)
                        wrong += place.wrong
                        struck += place.struck
                        if not more or len(wrong) > 20:
                            break
                if place.daemon.process.poll() is None:
                    left = settled(lambda: descriptors(place.daemon.process.pid), lambda number: number <= place.quiet, 5)
                    if left > place.quiet:
                        wrong.append(f"{kind} {action}: {left - place.quiet} descriptors are left")
                        place.quiet = left
                report(f"serving   {kind:<14} {str(action):<14} {struck - before:>4} failed")
    return wrong, struck


def start_through(kinds, most, report=lambda text: None):
    """Every call of every kind while the daemon starts."""
    wrong, struck = [], 0
    for kind in kinds:
        for action in STARTING[kind]:
            before = struck
            for nth in range(1, most + 1):
                complaint, hit = start_once(kind, action, nth)
                struck += hit
                wrong += [f"starting, {kind} {action}, call {nth}: {complaint}"] * bool(complaint)
                if not hit:
                    break
            report(f"starting  {kind:<14} {str(action):<14} {struck - before:>4} failed")
    return wrong, struck


def start_once(kind, action, nth):
    """What was wrong with one start, or None; and whether a call failed in it."""
    with Shim() as shim:
        shim.arm(kind, action, nth)
        port = free_port()
        process = subprocess.Popen(
            [executable(), "--port", str(port), "--workers", "2", "--max-memory", "64mb", "--health-check-port", str(free_port())],
            cwd=shim.directory.name, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **shim.environment()})
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE / 3)
            line = process.stdout.readline() if ready else ""
            if ready and "ready on" not in line:
                text = process.communicate(timeout=PATIENCE)[1]
                _, struck = shim.disarm()
                if process.returncode < 0 or process.returncode > 100:
                    return f"ended with {process.returncode}: {text[-300:]}", struck
                if not re.search(r"\w+ \w+", text) and kind != "write":
                    return f"ended with {process.returncode} and without a word", struck
                return None, struck
            _, struck = shim.disarm()
            with Client(port, timeout=PATIENCE) as client:
                if client.ask("SET", "k", "v") != b"OK":
                    return "ready, and SET fails", struck
            process.terminate()
            code = process.wait(PATIENCE)
            if not ready and action != "ENOSPC":
                return "no line that it is ready", struck
            return (f"stopped with {code}" if code else None), struck
        except (subprocess.TimeoutExpired, TimeoutError):
            return "it hangs", 1
        except (OSError, EOFError) as error:
            return f"ready, and then {error!r}, {process.poll()}", 1
        finally:
            process.kill()
            process.communicate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", help="only this kind of call")
    parser.add_argument("--most", type=int, default=1000, help="calls of a kind and scenario (1000: all)")
    options = parser.parse_args()
    begun = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - begun:6.1f} s  {text}", flush=True)

    kinds = options.kind or list(dict.fromkeys([*SERVING, *STARTING]))
    wrong, struck = serve_through([kind for kind in kinds if kind in SERVING], options.most, say)
    more_wrong, more_struck = start_through([kind for kind in kinds if kind in STARTING], options.most, say)
    for text in wrong + more_wrong:
        say(text)
    say(f"{struck} calls failed while it served, {more_struck} while it started; {len(wrong + more_wrong)} were wrong; "
        f"{time.monotonic() - begun:.0f} s")
    return bool(wrong + more_wrong)


if __name__ == "__main__":
    sys.exit(main())
