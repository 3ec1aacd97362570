"""Random commands on sorted sets for the differential test of collections.

Ranges of members are a family of their own: what they are where scores differ nobody says.
"""

from differential import INTEGERS, word

RANDOM = {"ZRANDMEMBER": ["ZRANGE", b"0", b"-1", "WITHSCORES"]}
SCANS = {"ZSCAN": 2}
# Of the sets among the sources: small ones have been listpacks since 7.2.
ENCODINGS = {("listpack", "hashtable")}

ZSETS = [b"z1", b"z2", b"z3"]
SETS = [b"s1", b"s2"]
# Small sets of texts, which are its sources, are packed since 7.2.
ENCODINGS = {("listpack", "hashtable")}
MEMBERS = [b"a", b"b", b"c", b"d", b"e", b"", b"0", b"7", b"-1", b"300", b"70000", b"10", b"9", b"x y\r\n", b"l" * 65, b"m" * 300]
SCORES = [b"0", b"1", b"2", b"3", b"1.5", b"-1", b"-0", b"2.25", b"10", b"inf", b"-inf", b"+inf", b"1e3", b"5e-1", b"3.0",
          b"9007199254740993", b"1e20"]
WRONG_SCORES = [b"nan", b"x", b"", b" 1", b"1 ", b"1e400", b"0x10", b"Infinity", b"(1"]
SCORE_BOUNDS = [b"-inf", b"+inf", b"inf", b"0", b"1", b"2", b"(0", b"(1", b"(2", b"1.5", b"(-inf", b"(+inf", b"10", b"-1", b"(10"]
MEMBER_BOUNDS = [b"-", b"+", b"[a", b"(a", b"[c", b"(c", b"[", b"(", b"[l", b"(7", b"[70000", b"[z", b"[m10", b"(m150"]
# Without ZRANK and ZREVRANK, which take one more since 7.2.
NAMES = ["ZADD", "ZREM", "ZCARD", "ZSCORE", "ZMSCORE", "ZINCRBY", "ZCOUNT", "ZRANGE",
         "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGESTORE", "ZREMRANGEBYRANK", "ZREMRANGEBYSCORE",
         "ZPOPMIN", "ZPOPMAX", "ZMPOP", "ZRANDMEMBER", "ZUNION", "ZINTER", "ZDIFF",
         "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE", "ZINTERCARD"]
LEXICAL_NAMES = ["ZLEXCOUNT", "ZRANGEBYLEX", "ZREVRANGEBYLEX", "ZREMRANGEBYLEX"]


def score(rng):
    return rng.choice(SCORES) if rng.random() < 0.97 else rng.choice(WRONG_SCORES)


def index(rng):
    return rng.choice([b"0", b"1", b"2", b"5", b"-1", b"-2", b"-6"]) if rng.random() < 0.93 else rng.choice(INTEGERS)


def count(rng):
    return rng.choice([b"1", b"2", b"3", b"10", b"0"]) if rng.random() < 0.93 else rng.choice(INTEGERS)


def score_bound(rng):
    return rng.choice(SCORE_BOUNDS) if rng.random() < 0.97 else rng.choice([b"x", b"", b"(", b" 1", b"nan", b"[1"])


def member_bound(rng):
    return rng.choice(MEMBER_BOUNDS) if rng.random() < 0.97 else rng.choice([b"x", b"", b"++", b"-1", b"5"])


def limit(rng):
    return ["LIMIT", rng.choice([b"0", b"0", b"1", b"3", b"-1"]), rng.choice([b"1", b"2", b"10", b"0", b"-1"])]


def addition(maker, key):
    rng = maker.rng
    command = ["ZADD", key]
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
        command.append(word(rng, rng.choice(["nx", "xx", "gt", "lt", "ch", "incr"])))
    for _ in range(rng.choice([1, 1, 2, 4])):
        command += [score(rng), maker.part(MEMBERS)]
    return command + (["odd"] if rng.random() < 0.02 else [])


def ranged(maker, first, orders=(None, "byscore")):
    """ZRANGE or ZRANGESTORE with options in any order, some of which do not go together."""
    rng = maker.rng
    by = rng.choice(orders)
    bound = {None: index, "byscore": score_bound, "bylex": member_bound}[by]
    options = [[word(rng, by)]] if by else []
    if rng.random() < 0.3:
        options.append([word(rng, "rev")])
    if rng.random() < (0.3 if by else 0.03):
        options.append(limit(rng))
    if rng.random() < 0.3:
        options.append([word(rng, "withscores")])
    if rng.random() < 0.04:
        options.append(rng.choice([["x"], ["LIMIT", b"1"], ["LIMIT", b"x", b"1"], ["REV"], ["BYSCORE"]]))
    rng.shuffle(options)
    return first + [bound(rng), bound(rng)] + [part for option in options for part in option]


def older_range(maker, key, names=("ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE")):
    rng = maker.rng
    name = rng.choice(names)
    bound = index if name == "ZREVRANGE" else score_bound if "SCORE" in name else member_bound
    options = rng.choice([[], [], ["WITHSCORES"], limit(rng), ["withscores"] + limit(rng), ["REV"], ["BYSCORE"]])
    return [name, key, bound(rng), bound(rng)] + options


def counted(maker, keys_of):
    rng = maker.rng
    keys = maker.some(lambda: maker.of(keys_of), 3)
    return [b"%d" % len(keys) if rng.random() < 0.95 else rng.choice([b"0", b"-1", b"x", b"9", b"2"]), *keys]


def algebra(maker):
    rng = maker.rng
    keys = counted(maker, ZSETS * 3 + SETS)
    name = rng.choice(["ZUNION", "ZINTER", "ZDIFF"])
    options = []
    if rng.random() < (0.4 if name != "ZDIFF" else 0.05):
        options.append(["WEIGHTS"] + [rng.choice([b"1", b"2", b"0.5", b"-1", b"0", b"inf", b"x"] if rng.random() < 0.1 else
                                                  [b"1", b"2", b"0.5", b"-1"]) for _ in keys[1:]])
    if rng.random() < (0.4 if name != "ZDIFF" else 0.05):
        options.append([word(rng, "aggregate"), word(rng, rng.choice(["sum", "min", "max"]))])
    if rng.random() < 0.05:
        options.append(rng.choice([["x"], ["WEIGHTS"], ["AGGREGATE"], ["AGGREGATE", "avg"], ["LIMIT", b"1"]]))
    stores = rng.random() < 0.5
    if rng.random() < (0.05 if stores else 0.4):
        options.append([word(rng, "withscores")])
    rng.shuffle(options)
    return [name + "STORE", maker.of(ZSETS)] * stores + [name] * (not stores) + keys + [part for option in options for part in option]


def random_members(maker, key):
    rng = maker.rng
    counts = [b"1", b"2", b"5", b"500", b"0", b"-1", b"-5", b"x", b"1.5"]
    with_scores = rng.choice([[], [word(rng, "withscores")], ["x"]] if rng.random() < 0.1 else [[], [word(rng, "withscores")]])
    return [["ZRANGE", key, b"0", b"-1", "WITHSCORES"],
            ["ZRANDMEMBER", key] + rng.choice([[], [rng.choice(counts)] + with_scores])]


def zsets(maker):
    rng = maker.rng
    key = maker.of(ZSETS)
    member = lambda: maker.part(MEMBERS)
    return rng.choice([
        lambda: addition(maker, key),
        lambda: addition(maker, key),
        lambda: addition(maker, key),
        lambda: ["ZADD", key] + [part for i in range(rng.choice([100, 200, 600])) for part in (b"%d" % (i % 37), b"m%d" % i)],
        lambda: ["ZADD", key] + [part for i in range(200) for part in (b"0", b"m%d" % i)],
        lambda: ["SADD", rng.choice(SETS)] + maker.some(member, 6),
        lambda: ["ZINCRBY", key, score(rng), member()],
        lambda: ["ZREM", key] + maker.some(member),
        lambda: ["ZCARD", key],
        lambda: ["ZSCORE", key, member()],
        lambda: ["ZMSCORE", key] + maker.some(member),
        lambda: [rng.choice(["ZRANK", "ZREVRANK"]), key, member()],
        lambda: ["ZCOUNT", key, score_bound(rng), score_bound(rng)],
        lambda: ranged(maker, ["ZRANGE", key]),
        lambda: ranged(maker, ["ZRANGE", key]),
        lambda: ["ZRANGE", key, b"0", b"-1", "WITHSCORES"],
        lambda: ranged(maker, ["ZRANGESTORE", maker.of(ZSETS), key]),
        lambda: older_range(maker, key),
        lambda: ["ZREMRANGEBYRANK", key, index(rng), index(rng)],
        lambda: ["ZREMRANGEBYSCORE", key, score_bound(rng), score_bound(rng)],
        lambda: [rng.choice(["ZPOPMIN", "ZPOPMAX"]), key] + rng.choice([[], [count(rng)], [b"1", b"2"]]),
        lambda: ["ZMPOP", *counted(maker, ZSETS), word(rng, rng.choice(["min", "max", "max", "x"])),
                 *rng.choice([[], ["COUNT", count(rng)], ["COUNT"]])],
        lambda: random_members(maker, key),
        lambda: algebra(maker),
        lambda: algebra(maker),
        lambda: ["ZINTERCARD", *counted(maker, ZSETS + SETS), *rng.choice([[], ["LIMIT", count(rng)], ["LIMIT", b"-1"]])],
        lambda: maker.scan("ZSCAN", ZSETS),
        lambda: ["ZSCAN", key],
        lambda: maker.wrong_arity(NAMES, ZSETS),
    ])()


def lexical(maker):
    """Sorted sets whose scores are all 0."""
    rng = maker.rng
    key = maker.of(ZSETS)
    member = lambda: maker.part(MEMBERS)
    return rng.choice([
        lambda: ["ZADD", key] + [part for name in maker.some(member, 12) for part in (b"0", name)],
        lambda: ["ZADD", key] + [part for i in range(rng.choice([100, 300])) for part in (b"0", b"m%d" % i)],
        lambda: ["ZREM", key] + maker.some(member),
        lambda: ["ZRANGE", key, b"0", b"-1"],
        lambda: ["ZLEXCOUNT", key, member_bound(rng), member_bound(rng)],
        lambda: ranged(maker, ["ZRANGE", key], ["bylex"]),
        lambda: ranged(maker, ["ZRANGESTORE", maker.of(ZSETS), key], ["bylex"]),
        lambda: older_range(maker, key, ["ZRANGEBYLEX", "ZREVRANGEBYLEX"]),
        lambda: ["ZREMRANGEBYLEX", key, member_bound(rng), member_bound(rng)],
        lambda: maker.wrong_arity(LEXICAL_NAMES, ZSETS),
    ])()
