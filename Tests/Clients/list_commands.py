"""Random commands on lists for the differential test of collections."""

from differential import INTEGERS as ALL_INTEGERS
from differential import word

# LPOS and LREM take this one in 7.0, and since 7.2 only what has a negative.
INTEGERS = [integer for integer in ALL_INTEGERS if integer != b"-9223372036854775808"]

# Small lists have been listpacks since 7.2.
ENCODINGS = {("listpack", "quicklist")}

LISTS = [b"l1", b"l2", b"l3"]
ELEMENTS = [b"a", b"b", b"c", b"", b"0", b"7", b"-1", b"300", b"70000", b"5000000000", b"07", b"x y\r\n", b"l" * 65, b"m" * 300]
NAMES = ["LPUSH", "RPUSH", "LPUSHX", "RPUSHX", "LPOP", "RPOP", "LLEN", "LRANGE", "LINDEX", "LSET", "LREM", "LTRIM", "LINSERT",
         "LPOS", "LMOVE", "RPOPLPUSH", "LMPOP"]
INDICES = [b"0", b"1", b"2", b"5", b"30", b"-1", b"-2", b"-5", b"-30"]


def index(rng):
    return rng.choice(INDICES) if rng.random() < 0.93 else rng.choice(INTEGERS)


def count(rng):
    return rng.choice([b"1", b"2", b"3", b"10", b"100", b"0"]) if rng.random() < 0.93 else rng.choice(INTEGERS)


def end(rng):
    return word(rng, rng.choice(["left", "right", "right", "left", "bogus"] if rng.random() < 0.2 else ["left", "right"]))


def position(maker, key):
    """LPOS with options in any order, some of them wrong."""
    rng = maker.rng
    command = ["LPOS", key, maker.part(ELEMENTS)]
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        command += rng.choice([
            [word(rng, "rank"), rng.choice([b"1", b"2", b"-1", b"-2", b"-3", b"0", rng.choice(INTEGERS)])],
            [word(rng, "count"), rng.choice([b"0", b"1", b"2", b"-1", rng.choice(INTEGERS)])],
            [word(rng, "maxlen"), rng.choice([b"0", b"1", b"4", b"20", b"-1", rng.choice(INTEGERS)])],
            rng.choice([["COUNT"], ["bogus"]]) if rng.random() < 0.2 else [],
        ])
    return command


def pop_of_many(maker):
    rng = maker.rng
    keys = maker.some(lambda: maker.of(LISTS), 3)
    number = b"%d" % len(keys) if rng.random() < 0.9 else rng.choice([b"0", b"2", b"-1", b"x", b"9"])
    options = rng.choice([[], [], ["COUNT", count(rng)], ["count", b"2"], ["COUNT"], ["COUNT", b"1", "COUNT", b"1"], ["x"]])
    return ["LMPOP", number, *keys, end(rng), *options]


def lists(maker):
    rng = maker.rng
    key = maker.of(LISTS)
    element = lambda: maker.part(ELEMENTS)
    elements = lambda most=4: maker.some(element, most)
    push = lambda: rng.choice(["LPUSH", "RPUSH"])
    return rng.choice([
        lambda: [push(), key] + elements(),
        lambda: [push(), key] + elements(),
        lambda: [push(), key] + elements(40),
        lambda: [push(), key] + [b"%d" % (i % 50) for i in range(rng.choice([100, 1000, 4000]))],
        lambda: [push(), key] + [b"w%d" % i * 20 for i in range(rng.choice([50, 300]))],
        lambda: [push() + "X", key] + elements(),
        lambda: [rng.choice(["LPOP", "RPOP"]), key] + rng.choice([[], [], [count(rng)], [b"1", b"2"]]),
        lambda: ["LLEN", key],
        lambda: ["LRANGE", key, index(rng), index(rng)],
        lambda: ["LRANGE", key, b"0", b"-1"],
        lambda: ["LINDEX", key, index(rng)],
        lambda: ["LSET", key, index(rng), element()],
        lambda: ["LREM", key, rng.choice([b"0", b"1", b"2", b"-1", b"-2", rng.choice(INTEGERS)]), element()],
        lambda: ["LTRIM", key, index(rng), index(rng)],
        lambda: ["LTRIM", key, b"0", rng.choice([b"5", b"20", b"200", b"-2"])],
        lambda: ["LINSERT", key, word(rng, rng.choice(["before", "after", "before", "after", "x"])), element(), element()],
        lambda: position(maker, key),
        lambda: ["LMOVE", key, maker.of(LISTS), end(rng), end(rng)],
        lambda: ["RPOPLPUSH", key, maker.of(LISTS)],
        lambda: pop_of_many(maker),
        lambda: maker.wrong_arity(NAMES, LISTS),
    ])()
