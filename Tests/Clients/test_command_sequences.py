"""What applications send whose packages no registry of ours has, command for command: the same to the daemon and to
Debian's redis-server, and the same bytes back, in both protocols.

The sequences are those of ASP.NET Core's distributed cache (8, and the script of 6) and output cache, of Spring Session
with and without its index, of Magento's cache backend, of WP Redis with groups and of docker-registry's cache of blob
descriptors. What none of them asks for is not here: Spring's index also publishes its events, which has no subscriber.
"""

import hashlib
import time
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, request

NOW = int(time.time())
BYTES = bytes(range(256)) + b"\r\n"
TICKS = 638_000_000_000_000_000  # .NET counts 100 ns since the year 1
SAVE_IN_ONE = """
if redis.call('HSET', KEYS[1], 'absexp', ARGV[1], 'sldexp', ARGV[2], 'data', ARGV[4]) and ARGV[3] ~= '-1' then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return 1"""
SAVE_WITH_TAGS = """
local old = redis.call('HGET', KEYS[1], 't')
redis.call('HMSET', KEYS[1], 'd', ARGV[1], 't', ARGV[2], 'm', ARGV[3], 'i', 0)
redis.call('EXPIRE', KEYS[1], ARGV[4])
for i = 5, #ARGV do
  redis.call('SADD', 'zc:tags', ARGV[i])
  redis.call('SADD', 'zc:ti:' .. ARGV[i], 'page')
end
return old or ''"""


def digest(script):
    return hashlib.sha1(script.encode()).hexdigest()


def unordered(words, reply):
    """The reply with its items sorted where a table's order is nobody's promise; in pairs for HGETALL."""
    if words[0] not in ("HGETALL", "SMEMBERS", "SUNION", "SINTER"):
        return reply
    head, rest = reply.split(b"\r\n", 1)
    items = []
    while rest:
        length = int(rest[1:rest.index(b"\r\n")])
        end = rest.index(b"\r\n") + length + 4
        items.append(rest[:end])
        rest = rest[end:]
    if words[0] == "HGETALL":
        items = [field + value for field, value in zip(items[::2], items[1::2])]
    return head, sorted(items)


class Sequences(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.servers = [cls.enterClassContext(server) for server in (Redistill("--workers", "2"), DebianRedis())]

    def check(self, *commands):
        """Sends the commands to both servers, one by one and then all at once, in RESP2 and in RESP3."""
        for protocol in (2, 3):
            ours, theirs = [self.enterContext(Connection(server)) for server in self.servers]
            for connection in (ours, theirs):
                connection.ask("HELLO", protocol)
            for together in (False, True):
                for connection in (ours, theirs):
                    connection.ask("FLUSHALL")
                    connection.ask("SCRIPT", "FLUSH")
                if together:
                    requests = [request(*words) for words in commands]
                    replies = zip(commands, ours.pipeline(requests), theirs.pipeline(requests))
                else:
                    replies = ((words, ours.ask(*words), theirs.ask(*words)) for words in commands)
                for words, got, wanted in replies:
                    self.assertEqual(unordered(words, got), unordered(words, wanted), (protocol, together, words))
                    self.assertNotRegex(wanted, rb"^-(?!NOSCRIPT|ERR no such key)", words)

    def test_asp_net_cores_distributed_cache(self):
        key = "instance:basket"
        get = ("HMGET", key, "absexp", "sldexp", "data")
        save = ("HMSET", key, "absexp", TICKS, "sldexp", 12_000_000_000, "data", BYTES)
        self.check(
            get,
            save, ("EXPIRE", key, 1200), ("TTL", key), get, ("EXPIRE", key, 1200),
            ("HMGET", key, "absexp", "sldexp"), ("TYPE", key), ("EXISTS", key),
            ("HMSET", key, "absexp", -1, "sldexp", -1, "data", b""), get, ("TTL", key),
            ("MULTI",), ("HSET", key, "dv", BYTES, "swv", 12_000_000_000), ("PEXPIRE", key, 1_200_000), ("EXEC",),
            ("HMGET", key, "dv", "swv", "aev"), ("UNLINK", key), get)

    def test_asp_net_cores_script_that_saves(self):
        arguments = (1, "instance:basket", TICKS, -1, 1200, BYTES)
        self.check(
            ("EVALSHA", digest(SAVE_IN_ONE), *arguments), ("SCRIPT", "LOAD", SAVE_IN_ONE),
            ("EVALSHA", digest(SAVE_IN_ONE), *arguments), ("EVAL", SAVE_IN_ONE, *arguments),
            ("HGETALL", "instance:basket"), ("TTL", "instance:basket"),
            ("EVALSHA", digest(SAVE_IN_ONE), 1, "for ever", -1, -1, -1, BYTES), ("TTL", "for ever"))

    def test_asp_net_cores_output_cache(self):
        expires = NOW * 1000 + 60_123
        self.check(
            ("SET", "__MSOCV_page", BYTES, "PX", 60_000), ("GET", "__MSOCV_page"),
            ("ZADD", "__MSOCT", "GT", expires, "tag"), ("ZADD", "__MSOCT_tag", expires, "page"),
            ("ZADD", "__MSOCT", "GT", expires - 1, "tag"), ("ZADD", "__MSOCT_tag", expires + 1, "another page"),
            ("ZSCORE", "__MSOCT", "tag"), ("ZSCAN", "__MSOCT_tag", 0), ("ZSCAN", "__MSOCT_absent", 0),
            ("ZRANGE", "__MSOCT", 0, -1), ("ZREMRANGEBYSCORE", "__MSOCT_tag", 0, expires),
            ("DEL", "__MSOCV_page"), ("ZREM", "__MSOCT_tag", "another page"), ("EXISTS", "__MSOCT_tag"),
            ("ZREMRANGEBYSCORE", "__MSOCT", "-inf", f"({expires}"), ("ZCARD", "__MSOCT"))

    def test_spring_session(self):
        first, second = "spring:session:sessions:first", "spring:session:sessions:second"
        self.check(
            ("HGETALL", first),
            ("HMSET", first, "creationTime", BYTES, "maxInactiveInterval", b"\xac\xed\x00\x05", "lastAccessedTime", BYTES),
            ("EXPIREAT", first, NOW + 1800), ("HGETALL", first),
            ("EXISTS", first), ("HMSET", first, "lastAccessedTime", b"\xac\xed", "sessionAttr:user", BYTES * 20),
            ("PEXPIREAT", first, (NOW + 1800) * 1000), ("HGETALL", first),
            ("HMSET", first, "sessionAttr:user", b""), ("EXISTS", first), ("RENAME", first, second),
            ("EXPIREAT", second, NOW + 3600), ("HGETALL", first), ("HGETALL", second), ("EXPIRETIME", second),
            ("RENAME", first, second), ("EXPIREAT", second, NOW - 1), ("HGETALL", second), ("DEL", second))

    def test_spring_session_with_its_index(self):
        session, expires = "spring:session:sessions:first", "spring:session:sessions:expires:first"
        minute = f"spring:session:expirations:{NOW}"
        index = "spring:session:index:PRINCIPAL_NAME_INDEX_NAME:ada"
        self.check(
            ("HMSET", session, "creationTime", BYTES, "sessionAttr:user", "ada"),
            ("SADD", index, BYTES), ("SADD", index, BYTES), ("SMEMBERS", index),
            ("SADD", minute, "expires:first"), ("EXPIRE", minute, 2100),
            ("APPEND", expires, ""), ("EXPIRE", expires, 1800), ("EXPIRE", session, 2100),
            ("SREM", minute, "expires:first"), ("SREM", minute, "expires:first"), ("EXISTS", minute),
            ("RENAME", session, "renamed"), ("RENAME", expires, "renamed expires"), ("RENAME", session, "renamed"),
            ("SREM", index, BYTES), ("SMEMBERS", index), ("SMEMBERS", minute), ("PERSIST", "renamed"),
            ("TTL", "renamed"), ("TYPE", "renamed expires"), ("STRLEN", "renamed expires"))

    def test_magentos_cache_backend(self):
        arguments = (1, "zc:k:page", BYTES * 20, "all,cms", NOW, 7200, "all", "cms")
        self.check(
            ("HGET", "zc:k:page", "d"), ("SELECT", 1),
            ("MULTI",), ("HMSET", "zc:k:page", "d", BYTES, "t", "all,old", "m", NOW, "i", 0), ("EXPIRE", "zc:k:page", 7200),
            ("SADD", "zc:tags", "all", "old"), ("SADD", "zc:ti:old", "page"), ("SADD", "zc:ids", "page"), ("EXEC",),
            ("EVALSHA", digest(SAVE_WITH_TAGS), *arguments), ("EVAL", SAVE_WITH_TAGS, *arguments),
            ("HGET", "zc:k:page", "d"), ("HMGET", "zc:k:page", "t", "m"), ("HGETALL", "zc:k:page"),
            ("SUNION", "zc:ti:cms", "zc:ti:absent"), ("SINTER", "zc:ti:cms", "zc:ti:all"), ("SCARD", "zc:tags"),
            ("MULTI",), ("DEL", "zc:k:page"), ("SREM", "zc:ids", "page"), ("DEL", "zc:ti:cms"), ("SREM", "zc:tags", "cms"),
            ("EXEC",), ("SISMEMBER", "zc:tags", "old"), ("DBSIZE",), ("FLUSHDB",), ("SELECT", 0))

    def test_wp_redis_with_groups(self):
        self.check(
            ("HGET", "wp:posts", 7), ("HSET", "wp:posts", 7, BYTES), ("HSET", "wp:posts", 7, "a:1"), ("HGET", "wp:posts", 7),
            ("HMGET", "wp:posts", 7, 8), ("HEXISTS", "wp:posts", 7), ("HEXISTS", "wp:posts", 8),
            ("HINCRBY", "wp:counts", "hits", 3), ("HINCRBY", "wp:counts", "hits", -1), ("HDEL", "wp:posts", 8),
            ("HDEL", "wp:posts", 7), ("HGETALL", "wp:posts"), ("DEL", "wp:counts"), ("HGET", "wp:counts", "hits"))

    def test_docker_registrys_blob_descriptors(self):
        blobs, blob = "repository::library/debian::blobs", "blobs::sha256:" + "a" * 64
        self.check(
            ("SISMEMBER", blobs, "sha256:a"), ("HMGET", blob, "digest", "size", "mediatype"),
            ("HMSET", blob, "digest", "sha256:a", "size", 1 << 40), ("HSETNX", blob, "mediatype", "application/octet-stream"),
            ("SADD", blobs, "sha256:a"), ("SADD", blobs, "sha256:b"),
            ("HSET", f"{blobs}::sha256:a", "mediatype", "application/vnd.oci.image.layer.v1.tar"),
            ("SISMEMBER", blobs, "sha256:a"), ("HMGET", blob, "digest", "size", "mediatype"),
            ("HGET", f"{blobs}::sha256:a", "mediatype"), ("SREM", blobs, "sha256:a"),
            ("HDEL", blob, "digest", "size", "mediatype"), ("EXISTS", blob), ("HGET", blob, "size"))


if __name__ == "__main__":
    unittest.main()
