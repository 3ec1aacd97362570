"""Running random commands on two servers: sequences of steps, the first difference, and the shortest sequence that has it.

A step is a list of commands that stay together: most have one, what chance decides has those that make it comparable.
"""

import io
import os
import random
import re

from differential import shrink
from resp import Connection, request

SEED = int(os.environ.get("DIFFERENTIAL_SEED", "20261123"))
COMMANDS = int(os.environ.get("DIFFERENTIAL_COMMANDS", "40000"))
SEQUENCE = 50
TIMES = {"TTL": 2, "PTTL": 2500, "EXPIRETIME": 2, "PEXPIRETIME": 2500}


class Recorded(Connection):
    """Replies that have come already."""

    def __init__(self, raw):
        self.file = io.BytesIO(raw)


def elements(raw):
    """The elements of an array, map or set; of a map keys and values alternate."""
    reader = Recorded(raw)
    header = reader.file.readline()
    return [reader.read() for _ in range(int(header[1:]) * (2 if header[:1] == b"%" else 1))]


def is_list(reply):
    return reply[:1] in b"*%~" and reply[1:3] != b"-1"


class DifferentialRun:
    """With `servers`, ours and theirs, `same(command, ours, theirs)`, and perhaps `same_after(before, command, ...)`."""

    def compare(self, protocol, maker_of, commands=COMMANDS):
        connections = [self.enterContext(Connection(server)) for server in self.servers]
        for connection in connections:
            connection.ask("HELLO", protocol)
        maker = maker_of(random.Random(SEED + protocol))
        for _ in range(commands // SEQUENCE):
            steps = [self.step(maker.make()) for _ in range(SEQUENCE)]
            if self.run_on(connections, steps):
                self.explain(connections, steps)

    @staticmethod
    def step(made):
        return made if isinstance(made[0], list) else [made]

    def run_on(self, connections, steps):
        """The first difference when the steps run on empty databases."""
        commands = [command for step in steps for command in step]
        start = [["DISCARD"], ["UNWATCH"], ["FLUSHALL"]]
        requests = [request(*command) for command in start + commands]
        return self.difference(commands, *(connection.pipeline(requests)[len(start):] for connection in connections))

    def difference(self, commands, ours, theirs):
        """The first one: (position, our reply, their reply), or None."""
        queued, before = [], None
        for position, (command, our_reply, their_reply) in enumerate(zip(commands, ours, theirs)):
            name = command[0].upper()
            if not self.same(command, our_reply, their_reply):
                if not (name == "EXEC" and self.same_exec(queued, our_reply, their_reply)):
                    return position, our_reply, their_reply
            if before and not self.fits_after(before, command, our_reply):
                return position, our_reply, ours[position - 1]
            before = command, our_reply
            if our_reply == b"+QUEUED\r\n":
                queued.append(command)
            elif name in ("EXEC", "DISCARD") or (name == "MULTI" and our_reply == b"+OK\r\n"):
                queued = []
        return None

    def same_exec(self, queued, ours, theirs):
        """Are the two replies of EXEC equal, but for what is meant to differ in a reply within?"""
        if not (ours[:1] == theirs[:1] == b"*") or b"*-1" in (ours[:3], theirs[:3]):
            return False
        ours, theirs = elements(ours), elements(theirs)
        return len(ours) == len(theirs) == len(queued) and all(map(self.same, queued, ours, theirs))

    def fits_after(self, before, command, reply):
        """Does our reply fit to the command before it, and its reply?"""
        return True

    def explain(self, connections, steps):
        shortest = shrink(steps, lambda part: self.run_on(connections, part))
        position, ours, theirs = self.run_on(connections, shortest) or self.run_on(connections, steps)
        lines = "\n".join(f"  {command!r}" for step in shortest for command in step)
        self.fail(f"seed {SEED}, the shortest sequence that differs:\n{lines}\n  in command {position}:\n"
                  f"  ours   {ours[:300]!r}\n  theirs {theirs[:300]!r}")


def same_time(name, ours, theirs):
    """Times left, and times that follow from them, may differ by what passes between two executions."""
    if name not in TIMES or not ours[:1] == theirs[:1] == b":":
        return False
    return int(ours[1:]) > 0 and abs(int(ours[1:]) - int(theirs[1:])) <= TIMES[name]


def same_keys(ours, theirs):
    return sorted(re.split(rb"\r\n(?=\$)", ours)) == sorted(re.split(rb"\r\n(?=\$)", theirs)) or len(ours) == len(theirs)
