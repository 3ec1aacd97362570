"""redis-py: RESP2 and RESP3, its own parser and hiredis, blocking and asyncio, client-side caching."""

import redis
import redis.asyncio
from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser
from redis.cache import CacheConfig

from peer import AsyncDaemonTest, DaemonTest, wait_until
from redis_py_jobs import AsyncJobs, Jobs


class RedisPy(Jobs):
    module = redis
    client_class = redis.Redis


class Resp2WithItsOwnParser(RedisPy, DaemonTest):
    options = {"protocol": 2, "parser_class": _RESP2Parser}


class Resp2WithHiredis(RedisPy, DaemonTest):
    options = {"protocol": 2, "parser_class": _HiredisParser}


class Resp3WithItsOwnParser(RedisPy, DaemonTest):
    options = {"protocol": 3, "parser_class": _RESP3Parser}


class Resp3WithHiredis(RedisPy, DaemonTest):
    options = {"protocol": 3, "parser_class": _HiredisParser}

    def test_a_cached_value_is_dropped_when_another_client_writes(self):
        reader = self.connect(cache_config=CacheConfig())
        reader.set("k", "old")
        self.assertEqual([reader.get("k") for _ in range(3)], [b"old"] * 3)
        self.assertEqual(reader.get_cache().size, 1)
        self.client.set("k", "new")
        wait_until(lambda: reader.get("k") == b"new")


class AsyncResp2(AsyncJobs, AsyncDaemonTest):
    asyncio_class = redis.asyncio.Redis
    options = {"protocol": 2}


class AsyncResp3(AsyncJobs, AsyncDaemonTest):
    asyncio_class = redis.asyncio.Redis
    options = {"protocol": 3}
