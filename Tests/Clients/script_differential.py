"""Generated scripts, run by redis-server and by this server's engine: every reply must be the same.

    script_differential.py --count 100000 [--seed 7] --server 127.0.0.1:6379     a redistilld
    script_differential.py --count 100000 [--seed 7] --runner path/to/runner     a program that evaluates

A runner reads, again and again, a line `resp keys arguments length-of-script length-of-each ...` and then the bytes, runs
the script against an empty store, and writes the length of the reply, a line end, and the reply. Half of the scripts are
called by a client of RESP 3. What differs by intent is in script_generator.KNOWN_DIFFERENCES.

Of each kind of difference the shortest script is printed, made shorter as long as it differs; then the seed, and what of
the language was not shown.
"""

import argparse
import random
import re
import shlex
import socket
import subprocess
import sys
import threading
import time

from daemon import free_port
from script_generator import ScriptGenerator, is_known
from script_probes import Coverage


BATCH = 200
ENDS_REFERENCE = b"the script threw a table without 'err'"


class Connection:
    """A server that evaluates."""

    def __init__(self, address):
        self.address = address
        self.resp = None
        self.open()

    def open(self):
        self.sockets = {}
        self.buffers = {}
        for resp in (2, 3):
            for _ in range(200):
                try:
                    self.sockets[resp] = socket.create_connection(self.address)
                    break
                except OSError:
                    time.sleep(0.02)
            self.sockets[resp].settimeout(10)
            self.buffers[resp] = b""
        self.resp = 3
        self.send(self.command(b"HELLO", b"3"))
        self.reply()

    def close(self):
        for connected in self.sockets.values():
            connected.close()

    @staticmethod
    def command(*words):
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)

    def send(self, data):
        self.sockets[self.resp].sendall(data)

    def more(self):
        data = self.sockets[self.resp].recv(1 << 18)
        if not data:
            raise EOFError
        self.buffers[self.resp] += data

    def line(self):
        while b"\r\n" not in self.buffers[self.resp]:
            self.more()
        line, self.buffers[self.resp] = self.buffers[self.resp].split(b"\r\n", 1)
        return line

    def take(self, count):
        while len(self.buffers[self.resp]) < count:
            self.more()
        taken, self.buffers[self.resp] = self.buffers[self.resp][:count], self.buffers[self.resp][count:]
        return taken

    def reply(self):
        line = self.line()
        kind = line[:1]
        if kind in b"$=":
            count = int(line[1:])
            return line + b"\r\n" + (self.take(count + 2) if count >= 0 else b"")
        if kind in b"*~%":
            count = max(0, int(line[1:])) * (2 if kind == b"%" else 1)
            return line + b"\r\n" + b"".join(self.reply() for _ in range(count))
        return line + b"\r\n"

    def evaluate(self, batch):
        """The replies to a batch, all of one version of RESP."""
        self.resp = batch[0][3]
        data = b""
        for script, keys, arguments, _ in batch:
            data += self.command(b"FLUSHALL") + self.command(b"EVAL", script, b"%d" % len(keys), *keys, *arguments)
        self.send(data)
        replies = []
        for _ in batch:
            self.reply()
            replies.append(self.reply())
        self.send(self.command(b"SCRIPT", b"FLUSH"))
        self.reply()
        return replies


class Reference(Connection):
    """Debian's redis-server. It ends at some scripts: those are not compared."""

    def __init__(self):
        self.port = free_port()
        self.ended = 0
        self.start()
        super().__init__(("127.0.0.1", self.port))

    def start(self):
        arguments = ["--port", str(self.port), "--save", "", "--appendonly", "no", "--lua-time-limit", "0", "--dir", "/tmp",
                     "--crash-log-enabled", "no", "--crash-memcheck-enabled", "no"]
        self.process = subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL)

    def stop(self):
        self.close()
        self.process.kill()
        self.process.wait()

    def evaluate(self, batch):
        """None for a script at which the server ended."""
        try:
            return super().evaluate(batch)
        except (EOFError, OSError):
            self.stop()
            self.start()
            self.open()
            if len(batch) == 1:
                self.ended += 1
                print("redis-server ended at", batch[0], flush=True)
                return [None]
            half = len(batch) // 2
            return self.evaluate(batch[:half]) + self.evaluate(batch[half:])


class Runner:
    def __init__(self, command):
        self.command = command
        self.start()

    def start(self):
        self.process = subprocess.Popen(shlex.split(self.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def evaluate(self, batch):
        data = b""
        for script, keys, arguments, resp in batch:
            head = [resp, len(keys), len(arguments), len(script)] + [len(x) for x in keys + arguments]
            data += " ".join(map(str, head)).encode() + b"\n" + script + b"".join(keys + arguments)
        writer = threading.Thread(target=self.write, args=(data,))
        writer.start()
        replies = []
        try:
            for _ in batch:
                count = self.process.stdout.readline()
                if not count:
                    raise EOFError
                replies.append(self.process.stdout.read(int(count)))
        except (EOFError, OSError):
            # At the first that got no reply; those behind it are run anew.
            ended = b"the runner ended with %d\r\n" % self.process.wait()
            writer.join()
            self.start()
            return replies + [ended] + (self.evaluate(batch[len(replies) + 1:]) if len(replies) + 1 < len(batch) else [])
        writer.join()
        return replies

    def write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except OSError:
            pass


def normal(reply):
    """Without what is another each time: addresses."""
    return re.sub(rb"(?i)0x[0-9a-f]{8,}", b"0xADDRESS", reply)


def differ(ours, theirs):
    return theirs is not None and normal(ours) != normal(theirs) and not is_known(normal(ours), normal(theirs))


def kind(ours, theirs):
    """Differences of one kind have one name."""
    return tuple(re.sub(rb"[0-9a-f]{40}|-?\d+(\.\d+)?|'[^']*'", b"#", reply)[:80] for reply in (ours, theirs))


def shorter(case, still):
    """The case with all taken out of its script that the difference doesn't need."""
    script = case[0]
    tries = 0
    for cut in (r"(?s)[^\n;]*[\n;]", r"\S+", r"[^\s\w]|\w+"):
        at = 0
        while tries < 600:
            pieces = [m.span() for m in re.finditer(cut.encode(), script)]
            if at >= len(pieces):
                break
            tries += 1
            candidate = (script[:pieces[at][0]] + script[pieces[at][1]:], *case[1:])
            if still(candidate):
                script = candidate[0]
            else:
                at += 1
    return (script, *case[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--server")
    parser.add_argument("--runner")
    options = parser.parse_args()
    if options.server:
        host, port = options.server.rsplit(":", 1)
        ours = Connection((host, int(port)))
    else:
        ours = Runner(options.runner)
    print("seed", options.seed, flush=True)
    reference = Reference()
    try:
        sys.exit(1 if compare(options, ours, reference) else 0)
    finally:
        reference.stop()
        if isinstance(ours, Runner):
            ours.stop()


def compare(options, ours, reference):
    generator = ScriptGenerator(options.seed)
    coverage = Coverage()
    kinds = {}
    known = errors = done = ended = 0
    began = time.time()
    while done < options.count:
        if done % 20_000 == 0:
            print(done, "scripts,", len(kinds), "kinds of difference", flush=True)
        resp = 2 + (done // BATCH) % 2
        batch = [(*generator.next(), resp) for _ in range(BATCH)]
        done += len(batch)
        mine = ours.evaluate(batch)
        # At these redis-server 7.0 would end, and to start it again takes longer than a thousand scripts.
        fatal = [ENDS_REFERENCE in reply for reply in mine]
        ended += sum(fatal)
        kept = [(case, reply) for case, reply, ends in zip(batch, mine, fatal) if not ends]
        for (case, mine), theirs in zip(kept, reference.evaluate([case for case, _ in kept])):
            if theirs is None:
                continue
            errors += theirs[:1] == b"-"
            if coverage.missing:
                coverage.see(case[0], theirs)
            if normal(mine) == normal(theirs):
                continue
            if is_known(normal(mine), normal(theirs)):
                known += 1
                continue
            if kind(mine, theirs) not in kinds:
                print("after", done, "scripts:", case, mine, theirs, flush=True)
            found = kinds.setdefault(kind(mine, theirs), [0, case, mine, theirs])
            found[0] += 1
            if len(case[0]) < len(found[1][0]):
                found[1:] = case, mine, theirs

    def still(case):
        return differ(ours.evaluate([case])[0], reference.evaluate([case])[0])

    for count, case, mine, theirs in sorted(kinds.values(), key=lambda found: len(found[1][0]))[:25]:
        if not still(case):
            print("----- only behind what ran before:", case, mine, theirs)
            continue
        case = shorter(case, still)
        print("-----", count, "of this kind, in RESP", case[3], "keys", case[1], "arguments", case[2])
        print(case[0].decode("latin1"))
        print("ours:  ", ours.evaluate([case])[0][:300])
        print("theirs:", (reference.evaluate([case])[0] or b"it ended")[:300])
    print("not shown:", coverage.missing or "nothing", "of", coverage.total)
    print("seed %d: %d scripts, %d kinds of difference, %d differ as meant, %d errors, %d ended redis-server, %.0f s" % (
        options.seed, done, len(kinds), known, errors, reference.ended + ended, time.time() - began))
    return len(kinds)


if __name__ == "__main__":
    main()
