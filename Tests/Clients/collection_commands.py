"""What random commands on hashes, sets, lists and sorted sets have in common: keys, and commands on any key.

Each family has a file: hash_commands.py and its like. Its function is given the maker and returns a command, or a step: a
list of commands that stay together, for what chance decides (the whole collection before it, and after it what makes both
servers agree again). Beside it the file says what test_differential_collections.py has to know of its replies:

    WHOLE      commands that reply all items in no order, with the elements that make one
    RANDOM     commands that chance decides, with the one, and its arguments behind the key, that shows all there is before them
    SCANS      scans, with the elements that make an item
    ENCODINGS  pairs of OBJECT ENCODING, ours and theirs, where Redis has changed its own since
"""

from differential import Maker

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
