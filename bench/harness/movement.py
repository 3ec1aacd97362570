"""This file owns what it costs that nodes come and go: keys that are dealt out anew, and the fullest node."""

from typing import NamedTuple

import numpy

from harness.placement import KETAMA_POINTS, Keys, Way, ketama_points

CANDIDATES = [f"cache-{number}" for number in range(1, 1000)]


class Cost(NamedTuple):
    """Each is 1 where it cannot be less."""

    largest: float  # keys of the fullest node over the mean
    joining: float  # keys that move when one more comes, over those that it has then
    leaving: float  # keys that move when the last one goes, over those that it had


def costs(way: Way, nodes: list[str], sizes: list[int], keys: Keys) -> dict[int, Cost]:
    """For each of these numbers of nodes, which are the first of `nodes`; ascending, as `way` likes it."""
    owners = {}
    for size in sorted({size + change for size in sizes for change in (-1, 0, 1)}):
        owners[size] = way.build(nodes[:size])(keys)
    return {size: Cost(largest(owners[size], size), moved(owners[size], owners[size + 1], size),
                       moved(owners[size], owners[size - 1], size - 1)) for size in sizes}


def largest(owners: numpy.ndarray, size: int) -> float:
    counts = numpy.bincount(owners, minlength=size)
    return counts.max() / counts.mean()


def moved(before: numpy.ndarray, after: numpy.ndarray, node: int) -> float:
    """Keys of another owner than before, over those that the one that came or went has or had."""
    must = numpy.count_nonzero((before == node) | (after == node))
    return numpy.count_nonzero(before != after) / max(must, 1)


def even_names(count: int) -> list[tuple[str, float]]:
    """Names for twemproxy, and how far any node is from its share with them up to this one: the best next, each time."""
    chosen: list[str] = []
    found = []
    for _ in range(count):
        off, name = min((uneven([*chosen, name]), name) for name in CANDIDATES if name not in chosen)
        chosen.append(name)
        found.append((name, off))
    return found


def uneven(names: list[str]) -> float:
    """By how much of its share a node of twemproxy's ring has more or less than that."""
    points = numpy.concatenate([ketama_points(name) for name in names]).astype(numpy.int64)
    order = numpy.argsort(points, kind="stable")
    owners = numpy.repeat(numpy.arange(len(names)), KETAMA_POINTS)[order]
    arcs = numpy.diff(points[order], prepend=points[order[-1]] - 2**32)
    shares = numpy.bincount(owners, weights=arcs) * len(names) / 2**32
    return float(abs(shares - 1).max())
