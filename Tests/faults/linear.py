"""This file owns the check of a history: could what several clients saw at once have come from one place, in some order?

The search is Wing and Gong's with memory, as Lowe's just-in-time linearization and porcupine do it: a configuration is a
state and the set of operations under way that have already taken effect. When an operation returns, every configuration
is driven on until that one has taken effect; where none can, the history is not linearizable. Keys are checked one by
one (linearizability is local), so each search is small.

A model is a function: step(state, operation) gives the states that the operation can leave behind with the result that
it had, and none when it can't have had it. Several are allowed: a key may be evicted or not.
"""

from dataclasses import dataclass

UNKNOWN = object()  # the result of an operation whose answer never came: it happened at some time, or never
FOREVER = float("inf")


@dataclass(frozen=True, eq=False)
class Operation:
    begun: float
    ended: float  # FOREVER where the result is UNKNOWN
    kind: str
    argument: object
    result: object

    def __str__(self):
        result = "?" if self.result is UNKNOWN else repr(self.result)
        return f"{self.begun:.6f} to {self.ended:.6f}: {self.kind} {self.argument!r} -> {result}"


class TooHard(Exception):
    """So many operations overlap that the search was given up; the history says nothing."""


@dataclass
class Violation:
    operation: Operation
    before: list  # the states that were possible when it had not taken effect
    history: list

    def __str__(self):
        near = [o for o in self.history if o.ended >= self.operation.begun - 0.05 and o.begun <= self.operation.ended]
        return "\n".join([f"no order explains {self.operation}", f"possible states before: {self.before[:10]}", "around it:",
                          *map(str, near[:40])])


def check(history, step, start, most=200_000):
    """None, or the first Violation of one key's history."""
    events = []
    for operation in history:
        events.append((operation.begun, 0, operation))
        if operation.ended != FOREVER:
            events.append((operation.ended, 1, operation))
    # What returns at the moment in which another begins is taken to overlap it.
    events.sort(key=lambda event: event[:2])
    under_way = set()
    configurations = {(start, frozenset())}
    for _, returns, operation in events:
        if not returns:
            under_way.add(operation)
            continue
        reached = _drive(configurations, operation, under_way, step, most)
        if not reached:
            return Violation(operation, [state for state, _ in configurations], history)
        under_way.discard(operation)
        configurations = {(state, done - {operation}) for state, done in reached}
    return None


def _drive(configurations, operation, under_way, step, most):
    """The configurations in which `operation` has taken effect, after whichever others had to come first."""
    seen, reached, left = set(configurations), set(), list(configurations)
    while left:
        state, done = left.pop()
        if operation in done:
            reached.add((state, done))
            continue
        for other in under_way:
            if other in done:
                continue
            for following in step(state, other):
                configuration = (following, done | {other})
                if configuration not in seen:
                    seen.add(configuration)
                    left.append(configuration)
        if len(seen) > most:
            raise TooHard(str(operation))
    return reached
