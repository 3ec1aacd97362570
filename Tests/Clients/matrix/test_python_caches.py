"""Caches and limiters in Python: aiocache, dogpile.cache, requests-cache, limits."""

import http.server
import threading
import uuid

import aiocache
import aiocache.serializers
import dogpile.cache
import limits
import limits.aio.strategies
import limits.strategies
import redis
import requests_cache

from peer import AGAINST_REDIS, AsyncDaemonTest, DaemonTest


class Aiocache(AsyncDaemonTest):
    async def test_its_redis_cache(self):
        async with aiocache.RedisCache(endpoint="127.0.0.1", port=self.port, namespace="site:",
                                       serializer=aiocache.serializers.PickleSerializer()) as cache:
            self.assertTrue(await cache.set("k", {"a": b"\x00\xff"}, ttl=100))
            self.assertEqual(await cache.get("k"), {"a": b"\x00\xff"})
            self.assertTrue(await cache.multi_set([("a", 1), ("b", 2)], ttl=100))
            self.assertEqual(await cache.multi_get(["a", "absent", "b"]), [1, None, 2])
            self.assertTrue(await cache.add("new", 1))
            with self.assertRaises(ValueError):
                await cache.add("new", 2)
            self.assertTrue(await cache.exists("new"))
            self.assertTrue(await cache.expire("new", 50))
            self.assertEqual(await cache.delete("new"), 1)
            self.assertEqual(await cache.increment("n", 5), 5)
            self.assertTrue(await cache.clear())
            self.assertEqual(self.count_keys(), 0)

    async def test_a_decorated_coroutine_runs_once(self):
        calls = []

        @aiocache.cached(cache=aiocache.RedisCache, endpoint="127.0.0.1", port=self.port, ttl=100,
                         serializer=aiocache.serializers.PickleSerializer())
        async def slow(number):
            calls.append(number)
            return number * 2
        self.assertEqual([await slow(2), await slow(2), await slow(3)], [4, 4, 6])
        self.assertEqual(calls, [2, 3])
        await slow.cache.close()

    async def test_optimistic_lock_sets_what_nobody_changed(self):
        async with aiocache.RedisCache(endpoint="127.0.0.1", port=self.port) as cache:
            await cache.set("k", "old")
            async with aiocache.lock.OptimisticLock(cache, "k") as lock:
                self.assertTrue(await lock.cas("new"))
            async with aiocache.lock.OptimisticLock(cache, "k") as lock:
                await cache.set("k", "another's")
                with self.assertRaises(aiocache.lock.OptimisticLockError):
                    await lock.cas("lost")
            self.assertEqual(await cache.get("k"), "another's")

    async def test_redlock_is_released_and_only_by_its_holder(self):
        async with aiocache.RedisCache(endpoint="127.0.0.1", port=self.port) as cache:
            async with aiocache.lock.RedLock(cache, "k", lease=60):
                self.assertEqual(self.count_keys(), 1)
            self.assertEqual(self.count_keys(), 0)
            async with aiocache.lock.RedLock(cache, "k", lease=60):
                self.command("SET k-lock another")
            self.assertIn(b"another", self.command("GET k-lock"))


class Dogpile(DaemonTest):
    def region(self, **arguments):
        region = dogpile.cache.make_region(key_mangler=lambda key: f"site:{key}")
        return region.configure("dogpile.cache.redis", expiration_time=100, arguments={
            "host": "127.0.0.1", "port": self.port, "redis_expiration_time": 200, **arguments})

    def test_values_one_and_many(self):
        region = self.region()
        region.set("k", {"a": 1})
        self.assertEqual(region.get("k"), {"a": 1})
        region.set_multi({"a": 1, "b": 2})
        self.assertEqual(region.get_multi(["a", "absent", "b"]), [1, dogpile.cache.api.NO_VALUE, 2])
        region.delete_multi(["a", "b"])
        self.assertEqual(self.count_keys(), 1)
        self.assertIn(self.command("TTL site:k"), (b":200\r\n", b":199\r\n"))

    def test_of_many_threads_one_computes(self):
        region, calls = self.region(), []

        def create():
            calls.append(1)
            return uuid.uuid4().hex
        values = []
        threads = [threading.Thread(target=lambda: values.append(region.get_or_create("k", create))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(values), 8)
        self.assertEqual((len(calls), len(set(values))), (1, 1))

    def test_its_distributed_lock_is_held_and_released(self):
        region = self.region(distributed_lock=True, thread_local_lock=False, lock_timeout=60)
        lock, another = region.backend.get_mutex("k"), region.backend.get_mutex("k")
        self.assertTrue(lock.acquire())
        self.assertFalse(another.acquire(wait=False))
        lock.release()
        self.assertTrue(another.acquire(wait=False))
        another.release()
        self.assertEqual(region.get_or_create("k", lambda: 7), 7)
        self.assertEqual(self.count_keys(), 1)


class Pages(http.server.BaseHTTPRequestHandler):
    served = 0

    def do_GET(self):
        Pages.served += 1
        if self.path.startswith("/old"):
            self.send_response(302)
            self.send_header("Location", "/new")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = f"page {Pages.served}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class RequestsCache(DaemonTest):
    def setUp(self):
        super().setUp()
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=web.serve_forever).start()
        self.addCleanup(web.server_close)
        self.addCleanup(web.shutdown)
        self.page = f"http://127.0.0.1:{web.server_port}/"

    def session(self, backend):
        session = requests_cache.CachedSession(backend=backend, expire_after=100)
        self.addCleanup(session.close)
        return session

    def test_a_page_is_fetched_once(self):
        backend = requests_cache.RedisCache("site", connection=redis.Redis(port=self.port))
        session = self.session(backend)
        first, second = session.get(self.page), session.get(self.page)
        self.assertFalse(first.from_cache)
        self.assertTrue(second.from_cache)
        self.assertEqual(first.text, second.text)
        key = f"site:{first.cache_key}"
        self.assertGreater(backend.responses.connection.ttl(key), 90)
        session.cache.delete(urls=[self.page])
        self.assertFalse(session.get(self.page).from_cache)
        session.cache.clear()
        self.assertEqual(self.count_keys(), 0)

    def test_redirects_are_followed_from_the_cache(self):
        session = self.session(requests_cache.RedisCache("site", connection=redis.Redis(port=self.port)))
        session.get(self.page + "old")
        served = Pages.served
        again = session.get(self.page + "old")
        self.assertTrue(again.from_cache)
        self.assertEqual((again.url, Pages.served), (self.page + "new", served))
        self.assertEqual(list(session.cache.redirects.values()), [again.cache_key])
        self.assertEqual(self.command("TYPE site-redirects"), b"+hash\r\n")
        session.cache.delete(urls=[self.page + "new"])
        session.cache.recreate_keys()
        session.cache.clear()
        self.assertEqual(self.count_keys(), 0)


class Limits(AsyncDaemonTest):
    limit = limits.parse("3/minute")

    async def test_a_fixed_window_by_coredis(self):
        storage = limits.storage.storage_from_string(f"async+{self.url()}", implementation="coredis")
        limiter = limits.aio.strategies.FixedWindowRateLimiter(storage)
        async with storage.bridge.storage:  # the client, which coredis 6 wants entered
            allowed = [await limiter.hit(self.limit, "user") for _ in range(5)]
            self.assertEqual(allowed, [True, True, True, False, False])
            self.assertFalse(await limiter.test(self.limit, "user"))
            self.assertTrue(await limiter.hit(self.limit, "another"))
            self.assertEqual((await limiter.get_window_stats(self.limit, "user")).remaining, 0)
            await limiter.clear(self.limit, "user")
            self.assertTrue(await limiter.hit(self.limit, "user"))

    async def test_a_moving_window_by_coredis(self):
        storage = limits.storage.storage_from_string(f"async+{self.url()}", implementation="coredis")
        limiter = limits.aio.strategies.MovingWindowRateLimiter(storage)
        async with storage.bridge.storage:
            self.assertEqual([await limiter.hit(self.limit, "user") for _ in range(4)], [True, True, True, False])
            self.assertEqual((await limiter.get_window_stats(self.limit, "user")).remaining, 0)

    def test_all_of_its_windows(self):
        storage = limits.storage.storage_from_string(self.url())
        self.addCleanup(storage.storage.close)
        for strategy in limits.strategies.STRATEGIES.values():
            with self.subTest(strategy):
                self.command("FLUSHALL")
                limiter = strategy(storage)
                self.assertEqual([limiter.hit(self.limit, "user") for _ in range(5)], [True] * 3 + [False] * 2)
                self.assertTrue(limiter.hit(self.limit, "another"))
                self.assertEqual(limiter.get_window_stats(self.limit, "user").remaining, 0)
                limiter.clear(self.limit, "user")
                self.assertTrue(limiter.hit(self.limit, "user"))
                self.command("FLUSHALL")

    def test_everything_is_reset_by_a_script(self):
        storage = limits.storage.storage_from_string(self.url())
        self.addCleanup(storage.storage.close)
        limiter = limits.strategies.FixedWindowRateLimiter(storage)
        limiter.hit(self.limit, "user")
        self.command("SET other 1")
        storage.reset()
        self.assertEqual(self.count_keys(), 1)

    def test_cl_throttle_limits_without_a_script(self):
        if AGAINST_REDIS:
            self.skipTest("redis-cell is a module")
        with redis.Redis(port=self.port) as client:
            replies = [client.execute_command("CL.THROTTLE", "user", 2, 3, 60) for _ in range(5)]
        self.assertEqual([reply[0] for reply in replies], [0, 0, 0, 1, 1])
        self.assertEqual([reply[2] for reply in replies], [2, 1, 0, 0, 0])
