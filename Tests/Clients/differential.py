"""Random commands of every family for the differential test, and the shortening of a sequence that fails."""

import struct

# Absolute times are far from any clock, so that it does not matter.
FAR = 4102444800

KEYS = [b"a", b"b", b"c", b"{d}", b"", b"k" * 300, b"\x00\xff\r\n", b"e" * 40]
INTEGERS = [
    b"0", b"1", b"-1", b"7", b"8", b"10", b"63", b"64", b"100", b"-2", b"-100", b"4294967295", b"9223372036854775807",
    b"-9223372036854775808", b"9223372036854775808", b"+1", b" 1", b"1 ", b"01", b"-0", b"", b"1.5", b"abc", b"2147483648",
    b"20", b"3", b"1e3", b"0x10", b"9223372036854775", b"-9223372036854775",
]
SMALL = [b"0", b"1", b"2", b"3", b"5", b"7", b"8", b"9", b"15", b"16", b"31", b"40", b"100", b"-1", b"-2", b"-5", b"-40"]
FLOATS = [
    b"1.5", b"-0.25", b"3", b"1e3", b"1e-5", b"0.1", b"0.2", b"inf", b"-inf", b"nan", b" 1", b"1 ", b"", b"abc",
    b"1e400", b"1e5000", b"123456789.123456789", b"0x1p3", b"-0", b".5", b"5.", b"1e18", b"99999999999999999999",
]


def word(rng, text):
    """The word in some case."""
    return rng.choice([text, text.upper(), text.capitalize()])


class Maker:
    """Makes random commands; each method is a family, chosen by chance."""

    def __init__(self, rng):
        self.rng = rng
        self.families = [
            self.set, self.set, self.strings, self.strings, self.counters, self.ranges, self.many, self.keys,
            self.expiry, self.expiry, self.copies, self.bits, self.bits, self.bitfield, self.lcs, self.objects,
            self.transaction, self.dumps, self.broken,
        ]

    def make(self):
        return self.rng.choice(self.families)()

    def key(self):
        return self.rng.choice(KEYS[:4] if self.rng.random() < 0.8 else KEYS)

    def keys_of(self, most=4):
        return [self.key() for _ in range(self.rng.randint(1, most))]

    def integer(self):
        return self.rng.choice(INTEGERS)

    def value(self):
        kind = self.rng.random()
        if kind < 0.35:
            return self.rng.choice(INTEGERS)
        if kind < 0.5:
            return self.rng.choice(FLOATS)
        if kind < 0.6:
            return bytes(self.rng.choices(b"ab", k=self.rng.randint(0, 60)))
        if kind < 0.93:
            return self.rng.randbytes(self.rng.randint(0, 70))
        return self.rng.randbytes(self.rng.choice([1000, 1020, 1044, 1060, 4000, 20000, 40000, 70000]))

    def seconds(self):
        return self.rng.choice([b"100", b"1000", b"100000", b"0", b"-1", self.integer()])

    def absolute(self, ms=False):
        time = self.rng.choice([b"%d" % FAR, b"%d" % (FAR + 100), b"1", b"0", b"-5", b"99999999999999", self.integer()])
        return time + b"000" if ms and time.startswith(b"41") else time

    def expire_option(self, names=("EX", "PX", "EXAT", "PXAT")):
        name = self.rng.choice(names)
        if name in ("EXAT", "PXAT"):
            return [word(self.rng, name), self.absolute(name == "PXAT")]
        return [word(self.rng, name), self.seconds() + (b"000" if name == "PX" and self.rng.random() < 0.7 else b"")]

    def set(self):
        command = ["SET", self.key(), self.value()]
        for _ in range(self.rng.choice([0, 0, 1, 1, 2, 3])):
            command += self.rng.choice(
                [["NX"], ["xx"], ["GET"], ["KeepTTL"], self.expire_option(), ["EX"], ["PERSIST"], ["bogus"]]
            )
        return command

    def strings(self):
        rng = self.rng
        key = self.key()
        return rng.choice([
            lambda: ["GET", key],
            lambda: ["STRLEN", key],
            lambda: ["GETSET", key, self.value()],
            lambda: ["GETDEL", key],
            lambda: ["GETEX", key],
            lambda: ["GETEX", key] + self.expire_option(),
            lambda: ["GETEX", key, "PERSIST"],
            lambda: ["GETEX", key, "PERSIST"] + self.expire_option(),
            lambda: ["GETEX", key] + self.expire_option() + self.expire_option(),
            lambda: ["SETNX", key, self.value()],
            lambda: ["SETEX", key, self.seconds(), self.value()],
            lambda: ["PSETEX", key, self.seconds() + b"000", self.value()],
            lambda: ["APPEND", key, self.value()],
            lambda: ["TYPE", key],
        ])()

    def counters(self):
        rng = self.rng
        key = self.key()
        return rng.choice([
            lambda: ["INCR", key],
            lambda: ["DECR", key],
            lambda: ["INCRBY", key, self.integer()],
            lambda: ["DECRBY", key, self.integer()],
            lambda: ["INCRBYFLOAT", key, rng.choice(FLOATS + INTEGERS)],
            lambda: ["SET", key, rng.choice(FLOATS + INTEGERS)],
        ])()

    def ranges(self):
        rng = self.rng
        number = lambda: rng.choice(SMALL if rng.random() < 0.8 else INTEGERS)
        return rng.choice([
            lambda: [rng.choice(["GETRANGE", "SUBSTR"]), self.key(), number(), number()],
            lambda: ["SETRANGE", self.key(), rng.choice(SMALL + [b"1050", b"536870912", b"x", b"9223372036854775807"]),
                     self.value()[:80]],
        ])()

    def many(self):
        rng = self.rng
        pairs = lambda: [part for key in self.keys_of() for part in (key, self.value())]
        return rng.choice([
            lambda: ["MGET"] + self.keys_of(6),
            lambda: ["MSET"] + pairs(),
            lambda: ["MSETNX"] + pairs(),
            lambda: ["MSET"] + pairs() + ["odd"],
            lambda: ["MSETNX"] + pairs() + ["odd"],
            lambda: [rng.choice(["DEL", "UNLINK", "EXISTS", "TOUCH"])] + self.keys_of(),
        ])()

    def keys(self):
        rng = self.rng
        return rng.choice([
            lambda: ["KEYS", rng.choice([b"*", b"?", b"[a-c]", b"[^a]", b"k*", b"\\a", b"[", b"*d*"])],
            lambda: ["RANDOMKEY"],
            lambda: ["DBSIZE"],
            lambda: ["FLUSHALL"] + rng.choice([[], ["SYNC"], ["ASYNC"], ["x"]]),
            lambda: ["WAIT", "0", rng.choice([b"0", b"x", b"-1"])],
            lambda: ["SCAN", rng.choice([b"x", b"1x"])],
            lambda: ["SCAN", "0", "COUNT", rng.choice([b"0", b"x"])],
        ])()

    def expiry(self):
        rng = self.rng
        key = self.key()
        flags = lambda: rng.choice([[], [], ["NX"], ["XX"], ["GT"], ["LT"], ["xx", "gt"], ["NX", "XX"], ["GT", "LT"], ["q"]])
        return rng.choice([
            lambda: ["EXPIRE", key, self.seconds()] + flags(),
            lambda: ["PEXPIRE", key, self.seconds() + b"000"] + flags(),
            lambda: ["EXPIREAT", key, self.absolute()] + flags(),
            lambda: ["PEXPIREAT", key, self.absolute(True)] + flags(),
            lambda: ["TTL", key],
            lambda: ["PTTL", key],
            lambda: ["EXPIRETIME", key],
            lambda: ["PEXPIRETIME", key],
            lambda: ["PERSIST", key],
        ])()

    def copies(self):
        rng = self.rng
        options = lambda: rng.choice([[], [], ["REPLACE"], ["DB", "0"], ["replace", "db", "0"], ["DB"], ["DB", "x"],
                                      ["DB", "99"], ["bogus"]])
        return rng.choice([
            lambda: ["RENAME", self.key(), self.key()],
            lambda: ["RENAMENX", self.key(), self.key()],
            lambda: ["COPY", self.key(), self.key()] + options(),
        ])()

    def bits(self):
        rng = self.rng
        key = self.key()
        number = lambda: rng.choice(SMALL if rng.random() < 0.8 else INTEGERS)
        unit = lambda: rng.choice([[], [], ["BIT"], ["byte"], ["bogus"]])
        return rng.choice([
            lambda: ["SETBIT", key, rng.choice(SMALL + [b"9000", b"4294967296", b"x", b"+1"]),
                     rng.choice([b"0", b"1", b"1", b"2", b"x", b"-1", b"01"])],
            lambda: ["GETBIT", key, rng.choice(SMALL + [b"9000", b"4294967295", b"4294967296", b"x"])],
            lambda: ["BITCOUNT", key],
            lambda: ["BITCOUNT", key, number()],
            lambda: ["BITCOUNT", key, number(), number()] + unit(),
            lambda: ["BITPOS", key, rng.choice([b"0", b"1", b"1", b"0", b"2", b"x"])] + [number() for _ in range(rng.randint(0, 2))],
            lambda: ["BITPOS", key, rng.choice([b"0", b"1"]), number(), number()] + unit(),
            lambda: ["BITOP", word(rng, rng.choice(["and", "or", "xor", "not", "nand"])), self.key()] + self.keys_of(),
        ])()

    def bitfield(self):
        rng = self.rng
        kind = lambda: rng.choice([b"u1", b"u8", b"i8", b"i5", b"u63", b"i64", b"u16", b"i3", b"u64", b"i65", b"i0", b"x8", b"I8", b"u"])
        offset = lambda: rng.choice([b"0", b"1", b"7", b"#1", b"#3", b"100", b"-1", b"#x", b"x", b"#-1"])
        command = [rng.choice(["BITFIELD", "BITFIELD", "BITFIELD_RO"]), self.key()]
        for _ in range(rng.randint(0, 4)):
            command += rng.choice([
                lambda: ["GET", kind(), offset()],
                lambda: ["SET", kind(), offset(), self.integer()],
                lambda: ["incrby", kind(), offset(), self.integer()],
                lambda: ["OVERFLOW", rng.choice(["WRAP", "sat", "FAIL", "x"])],
                lambda: ["GET", kind()],
            ])()
        return command

    def lcs(self):
        rng = self.rng
        command = ["LCS", self.key(), self.key()]
        for _ in range(rng.choice([0, 1, 2, 3])):
            command += rng.choice([["LEN"], ["IDX"], ["idx"], ["WITHMATCHLEN"], ["MINMATCHLEN", rng.choice([b"0", b"2", b"4", b"-1", b"x"])],
                                   ["MINMATCHLEN"], ["bogus"]])
        return command

    def objects(self):
        rng = self.rng
        return rng.choice([
            lambda: ["OBJECT", rng.choice(["ENCODING", "encoding", "FREQ", "REFCOUNT"]), self.key()],
            lambda: ["OBJECT", rng.choice(["bogus", "ENCODING"])],
            lambda: ["OBJECT", "IDLETIME", b"missing"],
        ])()

    def transaction(self):
        return self.rng.choice([["MULTI"], ["MULTI"], ["EXEC"], ["EXEC"], ["EXEC"], ["DISCARD"], ["WATCH"] + self.keys_of(), ["UNWATCH"],
                                ["EXEC", "x"], ["WATCH"], ["UNWATCH"]])

    def dumps(self):
        rng = self.rng
        ttl = rng.choice([b"0", b"0", b"100000", b"-1", b"x"])
        options = rng.choice([[], ["REPLACE"], ["REPLACE"], ["ABSTTL"], ["REPLACE", "IDLETIME", "5"], ["REPLACE", "FREQ", "5"],
                              ["IDLETIME", "-1"], ["FREQ", "300"], ["FREQ", "5", "IDLETIME", "5"], ["bogus"]])
        payload = rng.choice(PAYLOADS)
        if rng.random() < 0.2:
            payload = payload[:-1] + b"\x00" if rng.random() < 0.5 else payload[: rng.randint(0, len(payload))]
        return rng.choice([["DUMP", self.key()], ["RESTORE", self.key(), ttl, payload] + options])

    def broken(self):
        """Wrong numbers of arguments, unknown names, unknown subcommands."""
        rng = self.rng
        name = rng.choice(["GET", "SETNX", "GETEX", "LCS", "BITOP", "OBJECT", "COPY", "RESTORE", "nosuch", "EXPIRE", "SETBIT", "RESET2"])
        return [name] + [rng.choice([b"a", b"x y", b"'", b"\r\n", b"z" * 200]) for _ in range(rng.randint(0, 2))]


def _payloads():
    """String payloads with integer, raw and LZF encodings, and some that are not strings."""
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x95AC9329AC4BC9B5 if crc & 1 else crc >> 1
        table.append(crc)

    def seal(body, version=10):
        data = body + struct.pack("<H", version)
        crc = 0
        for byte in data:
            crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
        return data + struct.pack("<Q", crc)

    lzf = bytes([0]) + b"a" + bytes([0xE0, 30, 0])  # an "a", then 39 more of it
    return [
        seal(b"\x00\x03foo"),
        seal(b"\x00\xc0\xff"),
        seal(b"\x00\xc1\x00\x80"),
        seal(b"\x00\xc2\x00\x00\x00\x80"),
        seal(b"\x00\x40\x50" + b"x" * 80),
        seal(b"\x00\x80\x00\x00\x00\x02hi"),
        seal(b"\x00\x81" + b"\x00" * 7 + b"\x02hi"),
        seal(b"\x00\xc3" + bytes([len(lzf), 40]) + lzf),
        seal(b"\x00\xc3" + bytes([len(lzf), 39]) + lzf),
        seal(b"\x00\x00"),
        seal(b"\x00\x03foo", 9999),
    ]


PAYLOADS = _payloads()


def shrink(sequence, fails):
    """The shortest part of a failing sequence that still fails, found by leaving out ever smaller stretches."""
    size = max(1, len(sequence) // 2)
    while True:
        start, changed = 0, False
        while start < len(sequence):
            shorter = sequence[:start] + sequence[start + size :]
            if shorter and fails(shorter):
                sequence, changed = shorter, True
            else:
                start += size
        if size == 1 and not changed:
            return sequence
        size = max(1, size // 2)
