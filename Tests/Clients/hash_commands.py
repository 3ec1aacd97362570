"""Random commands on hashes for the differential test (collection_commands.py)."""

from collection_commands import COUNTS, FIELDS, HASHES
from differential import FLOATS, INTEGERS, word

WHOLE = {"HGETALL": 2, "HKEYS": 1, "HVALS": 1}
RANDOM = {"HRANDFIELD": ["HGETALL"]}
SCANS = {"HSCAN": 2}

NAMES = ["HSET", "HSETNX", "HMSET", "HGET", "HMGET", "HGETALL", "HKEYS", "HVALS", "HLEN", "HSTRLEN", "HEXISTS", "HDEL",
         "HINCRBY", "HINCRBYFLOAT", "HRANDFIELD"]


def hashes(maker):
    rng = maker.rng
    key = maker.of(HASHES)
    pairs = lambda most=4: [part for field in maker.some(maker.part, most) for part in (field, maker.value())]
    return rng.choice([
        lambda: ["HSET", key] + pairs(),
        lambda: ["HSET", key] + pairs(),
        lambda: ["HSET", key] + pairs(30),
        lambda: ["HMSET", key] + pairs(),
        lambda: ["HSET", key] + [b"n%d" % (i // 2) for i in range(rng.choice([20, 60, 60, 300, 300, 1100, 1100, 12000]))],
        lambda: ["HSETNX", key, maker.part(), maker.value()],
        lambda: ["HGET", key, maker.part()],
        lambda: ["HMGET", key] + maker.some(maker.part, 6),
        lambda: [rng.choice(["HGETALL", "HKEYS", "HVALS", "HLEN"]), key],
        lambda: [rng.choice(["HSTRLEN", "HEXISTS"]), key, maker.part()],
        lambda: ["HDEL", key] + maker.some(maker.part),
        lambda: ["HDEL", key] + FIELDS,
        lambda: ["HDEL", key] + [b"n%d" % i for i in range(rng.choice([5, 600, 5900]))],
        lambda: ["HINCRBY", key, maker.part(), rng.choice(INTEGERS)],
        lambda: ["HSET", key, b"f1", rng.choice(INTEGERS)],
        lambda: ["HINCRBY", key, b"f1", rng.choice(INTEGERS)],
        lambda: ["HINCRBYFLOAT", key, rng.choice([b"f1", b"f2"]), rng.choice(FLOATS + INTEGERS)],
        lambda: ["HSET", key, b"f2", rng.choice(FLOATS)],
        lambda: [["HGETALL", key], ["HRANDFIELD", key] + rng.choice(
            [[], [rng.choice(COUNTS)], [rng.choice(COUNTS), word(rng, "withvalues")]])],
        lambda: ["HRANDFIELD", key, rng.choice([b"x", b"1.5", b"-9223372036854775808", b"9223372036854775808"])],
        lambda: ["HRANDFIELD", key, rng.choice([b"1", b"9223372036854775807"])]
        + rng.choice([["x"], ["WITHVALUES", "x"], ["WITHVALUES"]]),
        lambda: maker.scan("HSCAN", HASHES),
        lambda: ["HSCAN", key],
        lambda: maker.wrong_arity(NAMES, HASHES),
    ])()
