"""This file owns the models of values with a shape, and the commands on them that a client of a history gives.

What two keys of a kind hold together is one state: commands that move something from one to the other are atomic, so that
whoever looks between them would see it in both or in none.
"""

from linear import UNKNOWN

OBJECTS = 2  # of each kind
MEMBERS = [b"m1", b"m2", b"7", b"member-of-some-more-bytes-than-fit-into-a-packed-set-of-members-in-redis"]
FIELDS = [b"f1", b"f2", b"f3"]
EMPTY = {"set": (frozenset(), frozenset()), "list": ((), ()), "hash": (), "zset": ()}

# Of each kind; those that read two keys at once, or all of one, show what is torn.
KINDS = {
    "set": {"SADD": 3, "SREM": 2, "SISMEMBER": 2, "SMOVE": 4, "SUNION": 2, "SMEMBERS": 1},
    "list": {"LPUSH": 2, "RPUSH": 1, "RPOP": 3, "LPOP": 1, "LMOVE": 3, "LRANGE": 1, "LLEN": 1},
    "hash": {"HSET": 3, "HSETBOTH": 2, "HGET": 3, "HMGET": 3, "HINCRBY": 3, "HDEL": 1, "HGETALL": 1},
    "zset": {"ZADD": 3, "ZINCRBY": 2, "ZPOPMIN": 3, "ZSCORE": 2, "ZRANGE": 1, "ZREM": 1},
}


def start(key):
    """What the keys of that name hold at first."""
    return EMPTY[key.split(b":")[0].decode()]


def is_shaped(key):
    return key.split(b":")[0].decode() in EMPTY


def sides(key):
    return key + b":left", key + b":right"


def command(dice, fresh):
    """A random one: the name of its keys, its kind, its argument as the model knows it, and its words."""
    family = dice.choice(list(KINDS))
    kind = dice.choices(list(KINDS[family]), list(KINDS[family].values()))[0]
    key = b"%s:%d" % (family.encode(), dice.randrange(OBJECTS))
    side = dice.randrange(2)
    own, other = sides(key)[side], sides(key)[1 - side]
    member, field = dice.choice(MEMBERS), dice.choice(FIELDS[:2])
    if family == "set":
        argument = (side, member)
        words = {"SMOVE": [own, other, member], "SUNION": [own, other], "SMEMBERS": [own]}.get(kind, [own, member])
    elif family == "list":
        argument = (side, fresh(key) if kind.endswith("PUSH") else None)
        words = {"LMOVE": [own, other, "RIGHT", "LEFT"], "LRANGE": [own, 0, -1]}.get(
            kind, [own, argument[1]] if kind.endswith("PUSH") else [own])
    elif family == "hash":
        value = fresh(key)
        argument = {"HSET": (field, value), "HSETBOTH": value, "HINCRBY": 3}.get(kind, field)
        both = [word for name in FIELDS[:2] for word in (name, value)]
        words = {"HSET": [key, field, value], "HSETBOTH": [key, *both], "HMGET": [key, *FIELDS[:2]], "HGETALL": [key],
                 "HINCRBY": [key, FIELDS[2], 3]}.get(kind, [key, field])
    else:
        score = dice.randrange(5)
        argument = (member, score)
        words = {"ZADD": [key, score, member], "ZINCRBY": [key, score, member], "ZPOPMIN": [key],
                 "ZRANGE": [key, 0, -1, "WITHSCORES"]}.get(kind, [key, member])
    name = {"HSETBOTH": "HSET"}.get(kind, kind)
    return key, kind, argument, [name, *words]


def seen(kind, reply):
    """A reply as the model knows it."""
    if kind in ("SUNION", "SMEMBERS"):
        return frozenset(reply)
    if kind == "HGETALL":
        return tuple(sorted(zip(reply[::2], reply[1::2])))
    return tuple(reply) if isinstance(reply, list) else reply


def step(state, operation):
    """The step of what has a shape."""
    answer, following = ANSWERS[operation.kind](state, operation.argument)
    if operation.result is UNKNOWN or answer == operation.result:
        yield following


def _with(state, side, own, other=None):
    """The pair with one of it replaced, or both."""
    pair = (own, state[1 - side] if other is None else other)
    return pair if side == 0 else pair[::-1]


def _sadd(state, argument):
    side, member = argument
    return int(member not in state[side]), _with(state, side, state[side] | {member})


def _srem(state, argument):
    side, member = argument
    return int(member in state[side]), _with(state, side, state[side] - {member})


def _smove(state, argument):
    side, member = argument
    if member not in state[side]:
        return 0, state
    return 1, _with(state, side, state[side] - {member}, state[1 - side] | {member})


def _push(at_left):
    def push(state, argument):
        side, element = argument
        grown = (element, *state[side]) if at_left else (*state[side], element)
        return len(grown), _with(state, side, grown)

    return push


def _pop(at_left):
    def pop(state, argument):
        own = state[argument[0]]
        if not own:
            return None, state
        return own[0 if at_left else -1], _with(state, argument[0], own[1:] if at_left else own[:-1])

    return pop


def _lmove(state, argument):
    side = argument[0]
    if not state[side]:
        return None, state
    element = state[side][-1]
    return element, _with(state, side, state[side][:-1], (element, *state[1 - side]))


def _hset(state, pairs):
    fields = dict(state)
    added = sum(field not in fields for field, _ in pairs)
    return added, tuple(sorted({**fields, **dict(pairs)}.items()))


def _hincrby(state, step_size):
    number = int(dict(state).get(FIELDS[2], 0)) + step_size
    return number, _hset(state, [(FIELDS[2], b"%d" % number)])[1]


def _hdel(state, field):
    return int(field in dict(state)), tuple(pair for pair in state if pair[0] != field)


# A sorted set is its (score, member) in their order.
def _zadd(increments):
    def zadd(state, argument):
        member, score = argument
        old = _score(state, member)
        score += (old or 0) if increments else 0
        following = tuple(sorted([pair for pair in state if pair[1] != member] + [(score, member)]))
        return b"%d" % score if increments else int(old is None), following

    return zadd


def _score(state, member):
    return next((score for score, other in state if other == member), None)


def _zscore(state, argument):
    score = _score(state, argument[0])
    return None if score is None else b"%d" % score, state


def _zpopmin(state, _):
    return tuple([state[0][1], b"%d" % state[0][0]] if state else []), state[1:]


def _zrem(state, argument):
    following = tuple(pair for pair in state if pair[1] != argument[0])
    return len(state) - len(following), following


ANSWERS = {
    "SADD": _sadd, "SREM": _srem, "SMOVE": _smove,
    "SISMEMBER": lambda state, argument: (int(argument[1] in state[argument[0]]), state),
    "SMEMBERS": lambda state, argument: (state[argument[0]], state),
    "SUNION": lambda state, argument: (state[0] | state[1], state),
    "LPUSH": _push(True), "RPUSH": _push(False), "LPOP": _pop(True), "RPOP": _pop(False), "LMOVE": _lmove,
    "LLEN": lambda state, argument: (len(state[argument[0]]), state),
    "LRANGE": lambda state, argument: (state[argument[0]], state),
    "HSET": lambda state, argument: _hset(state, [argument]),
    "HSETBOTH": lambda state, argument: _hset(state, [(field, argument) for field in FIELDS[:2]]),
    "HGET": lambda state, argument: (dict(state).get(argument), state),
    "HMGET": lambda state, argument: (tuple(dict(state).get(field) for field in FIELDS[:2]), state),
    "HGETALL": lambda state, argument: (state, state),
    "HINCRBY": _hincrby, "HDEL": _hdel,
    "ZADD": _zadd(False), "ZINCRBY": _zadd(True), "ZSCORE": _zscore, "ZPOPMIN": _zpopmin, "ZREM": _zrem,
    "ZRANGE": lambda state, argument: (tuple(word for score, member in state for word in (member, b"%d" % score)), state),
}
