"""This file owns the hits section: a Zipf load into a cache that holds a part of it, misses filled by SET."""

from harness import hits
from harness.plan import Step
from harness.servers import ServerKind

KEYS, EXPONENT, VALUE_SIZE, LIMIT = 1_000_000, 0.99, 64, 16 << 20
POLICIES = ("allkeys-lru", "allkeys-lfu", "allkeys-s3fifo")
REQUESTS_A_SECOND = 60_000


def measure(kinds: list[ServerKind], load: hits.Load, policy: str) -> dict:
    contenders = [{"name": kind.name, "hit_ratio": hits.fresh_hit_ratio(kind, load, policy, LIMIT)}
                  for kind in kinds if hits.has_policy(kind, policy)]
    return {"load": f"{load.name}, {KEYS:,} keys, {len(load.requests):,} requests", "policy": policy, "limit_bytes": LIMIT,
            "contenders": contenders}


def steps(kinds: list[ServerKind], requests: int) -> list[Step]:
    able = [kind for kind in kinds if kind.limited and kind.protocol == "resp"]
    drawn: list[hits.Load] = []

    def load() -> hits.Load:
        """Drawn once, by the first step."""
        if not drawn:
            drawn.append(hits.zipf_load(KEYS, requests, EXPONENT, VALUE_SIZE, seed=1))
        return drawn[0]

    return [Step("hits", f"hit ratio, {policy}", len(able) * requests / REQUESTS_A_SECOND,
                 lambda tell, policy=policy: measure(able, load(), policy)) for policy in POLICIES]
