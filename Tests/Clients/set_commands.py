"""Random commands on sets for the differential test (collection_commands.py)."""

from collection_commands import ALL, COUNTS, SETS
from differential import INTEGERS

MEMBERS = [b"a", b"b", b"c", b"1", b"2", b"3", b"-1", b"07", b"", b"4000000000", b"x y\r\n", b"l" * 65, b"m" * 300]
WHOLE = {"SMEMBERS": 1, "SINTER": 1, "SUNION": 1, "SDIFF": 1}
RANDOM = {"SRANDMEMBER": ["SMEMBERS"], "SPOP": ["SMEMBERS"]}
SCANS = {"SSCAN": 1}
# Small sets of texts are packed since 7.2.
ENCODINGS = {("listpack", "hashtable")}
NAMES = ["SADD", "SREM", "SISMEMBER", "SMISMEMBER", "SCARD", "SMEMBERS", "SMOVE", "SINTER", "SINTERCARD", "SUNION", "SDIFF",
         "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]


def sets(maker):
    rng = maker.rng
    key = maker.of(SETS)
    member = lambda: maker.part(MEMBERS)
    keys = lambda: [maker.of(SETS + [b"s4", b"none"]) for _ in range(rng.randint(1, 4))]
    numbers = lambda most: [b"%d" % (i * rng.choice([1, 1, 1000])) for i in range(rng.randint(1, most))]
    into = lambda: maker.of(SETS + [b"s4", rng.choice(ALL)])
    # A pop is followed by what makes both sets the same again.
    popped = lambda *count: [
        ["SMEMBERS", key], ["SPOP", key, *count], ["SCARD", key], ["DEL", key], ["SADD", key, b"1", b"a", b"2"]]
    return rng.choice([
        lambda: ["SADD", key] + maker.some(member),
        lambda: ["SADD", key] + maker.some(member),
        lambda: ["SADD", key] + maker.some(member, 30),
        lambda: ["SADD", key] + numbers(5),
        lambda: ["SADD", key] + numbers(600),
        lambda: ["SADD", key] + [b"n%d" % i for i in range(rng.choice([20, 127, 300, 1100]))],
        lambda: ["SREM", key] + maker.some(member),
        lambda: ["SREM", key] + MEMBERS,
        lambda: ["SREM", key] + [b"n%d" % i for i in range(rng.choice([5, 1100]))] + numbers(600),
        lambda: ["SISMEMBER", key, member()],
        lambda: ["SMISMEMBER", key] + maker.some(member, 6),
        lambda: [rng.choice(["SCARD", "SMEMBERS"]), key],
        lambda: ["SMOVE", key, into(), member()],
        lambda: ["SMOVE", key, rng.choice(SETS), member()],
        lambda: [rng.choice(["SINTER", "SUNION", "SDIFF"])] + keys(),
        lambda: [rng.choice(["SINTER", "SUNION", "SDIFF"]), key] + keys(),
        lambda: [rng.choice(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]), into()] + keys(),
        lambda: [rng.choice(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]), key, key] + keys(),
        lambda: ["SINTERCARD", rng.choice([b"1", b"2", b"2", b"3", b"0", b"-1", b"x"])] + keys()
        + rng.choice([[], [], ["LIMIT", rng.choice(COUNTS + [b"x"])], ["limit"], ["LIMIT", b"2", "LIMIT", b"1"], ["bogus"]]),
        lambda: [["SMEMBERS", key], ["SRANDMEMBER", key] + rng.choice([[], [rng.choice(COUNTS)]])],
        lambda: ["SRANDMEMBER", key, rng.choice(
            [b"x", b"1.5", b"-9223372036854775808", b"9223372036854775808", b"9223372036854775807"])],
        lambda: ["SRANDMEMBER", key, b"1", b"2"],
        lambda: popped(),
        lambda: popped(rng.choice([b"0", b"1", b"2", b"5", b"60", b"100", b"9223372036854775807"])),
        lambda: ["SPOP", key, rng.choice([b"-1", b"x", b"9223372036854775808", *INTEGERS[-2:]])],
        lambda: ["SPOP", key, b"1", b"2"],
        lambda: maker.scan("SSCAN", SETS),
        lambda: maker.wrong_arity(NAMES, SETS),
    ])()
