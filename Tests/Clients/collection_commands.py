"""Random commands on hashes, sets, lists and sorted sets for the differential test: a function for each family.

A function is given the Maker and returns a command, or a step: a list of commands that stay together, for what chance
decides (the whole collection before it, and after it what makes both servers agree again).
"""

from differential import FLOATS, INTEGERS, Maker, word

STRING = [b"a"]
HASHES = [b"h1", b"h2", b"h3"]
SETS = [b"s1", b"s2", b"s3"]
LISTS = [b"l1", b"l2", b"l3"]
ZSETS = [b"z1", b"z2", b"z3"]
ALL = STRING + HASHES + SETS + LISTS + ZSETS
FIELDS = [b"f1", b"f2", b"f3", b"f4", b"f5", b"7", b"-1", b"", b"4000000000", b"x y\r\n", b"l" * 65, b"m" * 300]
COUNTS = [b"1", b"2", b"3", b"5", b"100", b"0", b"-1", b"-3", b"-20"]
PATTERNS = [b"*", b"f*", b"[fx]*", b"?", b"*1*", b"", b"\\*"]


class CollectionMaker(Maker):
    """Makes commands of the families that it is given, and of those that do with any key."""

    def __init__(self, rng, families):
        super().__init__(rng)
        own = [lambda family=family: family(self) for family in families]
        self.families = own * 6 + [self.any_key, self.any_key, self.transaction]

    def of(self, keys):
        """A key of that family, or sometimes one of another."""
        return self.rng.choice(keys if self.rng.random() < 0.93 else ALL)

    def part(self, names=FIELDS):
        return self.rng.choice(names) if self.rng.random() < 0.9 else self.value()

    def some(self, make, most=4):
        return [make() for _ in range(self.rng.randint(1, most))]

    def any_key(self):
        rng = self.rng
        key = rng.choice(ALL)
        return rng.choice([
            lambda: ["TYPE", key],
            lambda: ["EXISTS", key],
            lambda: ["DEL", key],
            lambda: ["UNLINK", key, rng.choice(ALL)],
            lambda: ["RENAME", key, rng.choice(ALL)],
            lambda: ["RENAMENX", key, rng.choice(ALL)],
            lambda: ["COPY", key, rng.choice(ALL)] + rng.choice([[], ["REPLACE"]]),
            lambda: ["OBJECT", "ENCODING", key],
            lambda: ["EXPIRE", key, rng.choice([b"1000", b"1000", b"0", b"-1"])],
            lambda: ["PERSIST", key],
            lambda: ["TTL", key],
            lambda: ["GET", key],
            lambda: ["SET", b"a", self.value()],
            lambda: ["SET", key, self.value(), "GET"],
            lambda: ["MGET", key, b"a", rng.choice(ALL)],
            lambda: ["APPEND", key, b"x"],
            lambda: ["STRLEN", key],
            lambda: ["SCAN", "0", "COUNT", "1000", "TYPE", rng.choice(["hash", "string", "set", "list", "zset"])],
        ])()

    def scan(self, name, keys):
        """One call from the start, with every option and some mistakes."""
        command = [name, self.of(keys), self.rng.choice([b"0", b"0", b"0", b"0", b"x"])]
        for _ in range(self.rng.choice([0, 1, 1, 2])):
            command += self.rng.choice([["MATCH", self.rng.choice(PATTERNS)], ["match", self.rng.choice(PATTERNS)],
                                        ["COUNT", self.rng.choice([b"1", b"10", b"1000", b"0", b"-1", b"x"])], ["COUNT"],
                                        ["bogus"]])
        return command

    def wrong_arity(self, names, keys):
        return [self.rng.choice(names), self.of(keys)] + [self.part() for _ in range(self.rng.randint(0, 3))]


# What replies all items, in no order, and how many elements make one.
WHOLE = {"HGETALL": 2, "HKEYS": 1, "HVALS": 1}
# What chance decides: the command before it in its step shows all that there is.
RANDOM = {"HRANDFIELD": "HGETALL"}
SCANS = {"HSCAN": 2}

HASH_NAMES = ["HSET", "HSETNX", "HMSET", "HGET", "HMGET", "HGETALL", "HKEYS", "HVALS", "HLEN", "HSTRLEN", "HEXISTS", "HDEL",
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
        lambda: ["HSET", key] + [b"n%d" % (i // 2) for i in range(rng.choice([20, 60, 300, 1100]))],
        lambda: ["HSETNX", key, maker.part(), maker.value()],
        lambda: ["HGET", key, maker.part()],
        lambda: ["HMGET", key] + maker.some(maker.part, 6),
        lambda: [rng.choice(["HGETALL", "HKEYS", "HVALS", "HLEN"]), key],
        lambda: [rng.choice(["HSTRLEN", "HEXISTS"]), key, maker.part()],
        lambda: ["HDEL", key] + maker.some(maker.part),
        lambda: ["HDEL", key] + FIELDS,
        lambda: ["HDEL", key] + [b"n%d" % i for i in range(rng.choice([5, 600]))],
        lambda: ["HINCRBY", key, maker.part(), rng.choice(INTEGERS)],
        lambda: ["HSET", key, b"f1", rng.choice(INTEGERS)],
        lambda: ["HINCRBY", key, b"f1", rng.choice(INTEGERS)],
        lambda: ["HINCRBYFLOAT", key, rng.choice([b"f1", b"f2"]), rng.choice(FLOATS + INTEGERS)],
        lambda: ["HSET", key, b"f2", rng.choice(FLOATS)],
        lambda: [["HGETALL", key], ["HRANDFIELD", key] + rng.choice(
            [[], [rng.choice(COUNTS)], [rng.choice(COUNTS), word(rng, "withvalues")]])],
        lambda: ["HRANDFIELD", key, rng.choice([b"x", b"1.5", b"-9223372036854775808", b"9223372036854775808"])],
        lambda: ["HRANDFIELD", key, rng.choice([b"1", b"9223372036854775807"])] + rng.choice([["x"], ["WITHVALUES", "x"], ["WITHVALUES"]]),
        lambda: maker.scan("HSCAN", HASHES),
        lambda: ["HSCAN", key],
        lambda: maker.wrong_arity(HASH_NAMES, HASHES),
    ])()


FAMILIES = {"hashes": hashes}
