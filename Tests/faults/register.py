"""This file owns the model of one key: what each command may answer, and what it leaves."""

from dataclasses import dataclass

from linear import UNKNOWN

ERROR = "an error"
# Between the client's clock and the daemon's: it reads its own once for a turn of its loop.
CLOCK = 0.05


@dataclass(frozen=True)
class State:
    value: object = None  # bytes, or None for no key
    # When it expires, at the earliest and at the latest; None where it does not.
    earliest: object = None
    latest: object = None


ABSENT = State()


def model(evicts=False):
    """The step of one key; with `evicts` it may be gone at any time, and then stays gone until it is written."""

    def step(state, operation):
        for before in _present(state, operation, evicts):
            yield from _apply(before, operation)

    return step


def _present(state, operation, evicts):
    """The states that the operation may find: there, or expired, or evicted."""
    if state.value is None:
        return [state]
    found = []
    if state.latest is None or operation.begun <= state.latest + CLOCK:
        found.append(state)
    if evicts or (state.earliest is not None and operation.ended >= state.earliest - CLOCK):
        found.append(ABSENT)
    return found


def _apply(state, operation):
    unknown = operation.result is UNKNOWN
    for answer, following in _answers(state, operation):
        if unknown or answer == operation.result:
            yield following


def _answers(state, operation):
    """What one command answers, and the state after it."""
    kind, argument, value = operation.kind, operation.argument, state.value
    if kind == "GET":
        return [(value, state)]
    if kind == "SET":
        return [(b"OK", State(argument))]
    if kind == "SETPX":
        new, seconds = argument
        return [(b"OK", State(new, operation.begun + seconds, operation.ended + seconds))]
    if kind == "SETNX":
        return [(None, state)] if value is not None else [(b"OK", State(argument))]
    if kind == "SETGET":
        return [(value, State(argument))]
    if kind == "GETDEL":
        return [(value, ABSENT)]
    if kind == "DEL":
        return [(int(value is not None), ABSENT)]
    if kind == "PERSIST":
        return [(int(state.earliest is not None), State(value))]
    if kind == "APPEND":
        new = (value or b"") + argument
        return [(len(new), State(new, state.earliest, state.latest))]
    if kind == "INCR":
        try:
            new = int(value or 0) + 1
        except ValueError:
            return [(ERROR, state)]
        return [(new, State(b"%d" % new, state.earliest, state.latest))]
    raise ValueError(kind)


def pair(state, operation):
    """The step of two keys that are only written together: one register, or a half of each would show."""
    if operation.kind == "GETPAIR":
        if operation.result is UNKNOWN or operation.result == (state, state):
            yield state
    elif operation.result in (b"OK", UNKNOWN):
        yield operation.argument
