"""Limiters in Python: each lets through what its limit allows, refuses the rest, and counts users apart. Those of
`limits` alone are in test_python_caches.py, django-ratelimit in test_django.py."""

import time

import cashews
import cashews.exceptions
import fastapi
import fastapi_limiter.depends
import flask
import flask_limiter
import flask_limiter.util
import limiters
import pyrate_limiter
import redis
import slowapi
import slowapi.errors
import slowapi.util
import starlette.testclient
import throttled

from peer import AsyncDaemonTest, DaemonTest


class FlaskLimiter(DaemonTest):
    def statuses(self, strategy):
        app = flask.Flask(__name__)
        flask_limiter.Limiter(flask_limiter.util.get_remote_address, app=app, storage_uri=self.url(),
                              strategy=strategy, default_limits=["3 per hour"], headers_enabled=True)

        @app.get("/")
        def page():
            return "page"
        visitor = app.test_client()
        pages = [visitor.get("/") for _ in range(5)]
        self.assertEqual(visitor.get("/", environ_base={"REMOTE_ADDR": "10.1.1.1"}).status_code, 200)
        if pages[0].status_code == 200:
            self.assertEqual(pages[0].headers["X-RateLimit-Remaining"], "2")
        return [page.status_code for page in pages]

    def test_a_fixed_window(self):
        self.assertEqual(self.statuses("fixed-window"), [200, 200, 200, 429, 429])

    def test_a_moving_window(self):
        self.assertEqual(self.statuses("moving-window"), [200, 200, 200, 429, 429])

    def test_a_sliding_window_counter(self):
        self.assertEqual(self.statuses("sliding-window-counter"), [200, 200, 200, 429, 429])


class Slowapi(DaemonTest):
    def test_pages_are_limited(self):
        limiter = slowapi.Limiter(key_func=slowapi.util.get_remote_address, storage_uri=self.url())
        app = fastapi.FastAPI()
        app.state.limiter = limiter
        app.add_exception_handler(slowapi.errors.RateLimitExceeded, slowapi._rate_limit_exceeded_handler)

        @app.get("/")
        @limiter.limit("3/hour")
        def page(request: fastapi.Request):
            return "page"
        with starlette.testclient.TestClient(app) as visitor:
            self.assertEqual([visitor.get("/").status_code for _ in range(5)], [200, 200, 200, 429, 429])


class Throttled(DaemonTest):
    def limit(self, using):
        store = throttled.RedisStore(server=self.url())
        return throttled.Throttled(key="user", using=using, store=store, quota=throttled.per_hour(3, burst=3))

    def test_each_of_its_strategies(self):
        for using in ("fixed_window", "sliding_window", "gcra", "token_bucket", "leaking_bucket"):
            with self.subTest(using):
                limit = self.limit(using)
                self.assertEqual([limit.limit(f"{using} user").limited for _ in range(5)],
                                 [False, False, False, True, True])
                self.assertFalse(limit.limit(f"{using} another").limited)
                self.assertEqual(limit.peek(f"{using} user").remaining, 0)


class RedisRateLimiters(DaemonTest):
    def test_a_token_bucket(self):
        client = redis.Redis(port=self.port)
        self.addCleanup(client.close)
        bucket = limiters.SyncTokenBucket(connection=client, name="user", capacity=3, refill_frequency=3600,
                                          refill_amount=1, max_sleep=1)
        for _ in range(3):
            with bucket:
                pass
        with self.assertRaises(limiters.MaxSleepExceededError), bucket:
            pass


class Cashews(AsyncDaemonTest):
    async def asyncSetUp(self):
        self.cache = cashews.Cache()
        self.cache.setup(self.url(), client_side=False)
        await self.cache.init()

    async def asyncTearDown(self):
        await self.cache.close()

    async def test_a_fixed_window_limits(self):
        calls = []

        @self.cache.rate_limit(limit=3, period="1h", ttl="2h")
        async def job(user):
            calls.append(user)
        for _ in range(3):
            await job("one")
        with self.assertRaises(cashews.exceptions.RateLimitError):
            await job("one")
        await job("two")
        self.assertEqual(calls, ["one"] * 3 + ["two"])

    async def test_a_sliding_window_limits(self):
        @self.cache.slice_rate_limit(limit=3, period="1h")
        async def job(user):
            return user
        self.assertEqual([await job("one") for _ in range(3)], ["one"] * 3)
        with self.assertRaises(cashews.exceptions.RateLimitError):
            await job("one")
        self.assertEqual(await job("two"), "two")

    async def test_a_tag_deletes_what_carries_it(self):
        calls = []

        @self.cache(ttl="1h", key="page:{number}", tags=["pages", "page {number}"])
        async def page(number):
            calls.append(number)
            return number
        for number in range(250):
            await page(number)
        await self.cache.delete_tags("page 7")
        await page(7)
        await page(8)
        self.assertEqual(len(calls), 251)
        await self.cache.delete_tags("pages")
        self.assertEqual([key async for key in self.cache.scan("page:*")], [])
        await self.cache.set("k", 1, expire="1h", tags=["others"])
        self.assertEqual(list(await self.cache.set_pop("_tag:others", 5)), ["k"])

    async def test_a_lock_is_released(self):
        async with self.cache.lock("job", expire="1h"):
            self.assertTrue(await self.cache.is_locked("job"))
        self.assertFalse(await self.cache.is_locked("job"))

    async def test_values_counters_and_decorated_coroutines(self):
        await self.cache.set("k", {"a": 1}, expire="1h")
        self.assertEqual(await self.cache.get("k"), {"a": 1})
        self.assertEqual([await self.cache.incr("n", expire=3600) for _ in range(2)], [1, 2])
        await self.cache.set_many({"a": 1, "b": 2}, expire="1h")
        self.assertEqual(await self.cache.get_many("a", "absent", "b"), (1, None, 2))
        calls = []

        @self.cache(ttl="1h", key="slow:{number}", lock=True)
        async def slow(number):
            calls.append(number)
            return number * 2
        self.assertEqual([await slow(2), await slow(2), await slow(3)], [4, 4, 6])
        self.assertEqual(calls, [2, 3])
        await self.cache.delete_match("slow:*")
        self.assertEqual(await slow(2), 4)
        self.assertEqual(calls, [2, 3, 2])


class PyrateLimiter(DaemonTest):
    RATES = [pyrate_limiter.Rate(3, pyrate_limiter.Duration.HOUR), pyrate_limiter.Rate(10, pyrate_limiter.Duration.DAY)]

    def bucket(self, name):
        client = redis.Redis(port=self.port)
        self.addCleanup(client.close)
        return pyrate_limiter.RedisBucket.init(self.RATES, client, name)

    def test_a_bucket_takes_what_its_rates_allow(self):
        bucket = self.bucket("user")
        with pyrate_limiter.Limiter(bucket) as limiter:
            self.assertEqual([limiter.try_acquire("user", blocking=False) for _ in range(5)], [True] * 3 + [False] * 2)
        self.assertEqual(bucket.count(), 3)
        self.assertEqual(bucket.leak(int(time.time() * 1000) + 2 * pyrate_limiter.Duration.DAY), 3)
        self.assertEqual(self.count_keys(), 0)

    def test_pages_limited_by_fastapi_limiter(self):
        app = fastapi.FastAPI()
        with pyrate_limiter.Limiter(self.bucket("pages")) as limiter:
            limited = fastapi_limiter.depends.RateLimiter(limiter=limiter)

            @app.get("/", dependencies=[fastapi.Depends(limited)])
            async def page():
                return "page"
            with starlette.testclient.TestClient(app) as visitor:
                self.assertEqual([visitor.get("/").status_code for _ in range(5)], [200, 200, 200, 429, 429])
