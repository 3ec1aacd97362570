"""Commands that take thousands of items out of a list or sorted set at once, against Debian's redis-server.

What such a command replies may refer to leaves that are put aside with what goes.
"""

import random
import unittest

from beside_redis import BesideRedis

ITEMS = 9000


class LongStretches(BesideRedis):
    def same(self, *words):
        ours, theirs = self.here.ask(*words), self.there.ask(*words)
        self.assertTrue(ours == theirs, f"{words[:5]}: {ours[:200]} and not {theirs[:200]}")

    def test_elements_that_go_by_the_thousand_are_those_that_are_replied(self):
        rng = random.Random(1)
        for within in (False, True):
            elements = [rng.choice([str(rng.randrange(1000)), f"element {rng.randrange(9999)}", "x" * rng.randrange(300)])
                        for _ in range(ITEMS)]
            self.same("RPUSH", "list", *elements)
            if within:
                self.same("MULTI")
            for command in ("LPOP list 4097", "RPUSH list y z", "RPOP list 200", "LPOP list 10", "LMPOP 1 list LEFT COUNT 4100",
                            "LPUSH list a b", "LTRIM list 5 -300", "LRANGE list 0 -1"):
                self.same(*command.split())
            if within:
                self.same("EXEC")
            self.same("DEL", "list")

    def test_members_that_go_by_the_thousand_are_gone_by_rank_and_by_name(self):
        rng = random.Random(2)
        members = [word for i in range(ITEMS) for word in (str(rng.randrange(3000)), f"member {i}")]
        for command in ("ZREMRANGEBYRANK zset 100 8000", "ZREMRANGEBYRANK zset 3000 4200", "ZREMRANGEBYSCORE zset 300 (2500",
                        "ZPOPMIN zset 5000", "ZPOPMAX zset 700"):
            self.same("ZADD", "zset", *members)
            self.same(*command.split())
            self.same("ZRANGE", "zset", "0", "-1", "WITHSCORES")
            self.same("ZREVRANGE", "zset", "0", "-1")
            self.same("ZMSCORE", "zset", *(f"member {i}" for i in range(0, ITEMS, 7)))
            self.same("ZADD", "zset", *(word for i in range(0, ITEMS, 90) for word in ("50", f"member {i}")))
            self.same("ZCARD", "zset")


if __name__ == "__main__":
    unittest.main()
