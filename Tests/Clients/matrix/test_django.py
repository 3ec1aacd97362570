"""Django's own Redis cache backend and django-redis, configured as in a project's CACHES; Django's sessions;
django-ratelimit."""

import unittest.mock

import django
import django_ratelimit.core
import django_ratelimit.decorators
import django_ratelimit.exceptions
from django.conf import settings
from django.core.cache import CacheHandler
from django.test import RequestFactory

from peer import DaemonTest, wait_until

settings.configure()
django.setup()
VALUES = {"text": "größe", "bytes": b"\x00\xff\r\n", "none": None, "list": [1, {"a": 2.5}], "number": 7}


class CacheJobs:
    """What any cache of Django must do."""

    def cache_with(self, **parameters):
        handler = CacheHandler({"default": {"BACKEND": self.backend, "LOCATION": self.url(), **parameters}})
        self.addCleanup(handler.close_all)
        return handler["default"]

    def setUp(self):
        super().setUp()
        self.cache = self.cache_with(KEY_PREFIX="site", VERSION=3)

    def test_pickled_values_come_back_as_they_were(self):
        for name, value in VALUES.items():
            self.cache.set(name, value, 100)
            self.assertEqual(self.cache.get(name, "missing"), value)
        self.assertEqual(self.cache.get("absent", "default"), "default")
        self.assertIn("text", self.cache)

    def test_set_many_get_many_delete_many(self):
        self.assertFalse(self.cache.set_many(VALUES, timeout=100))  # the names that failed
        self.assertEqual(self.cache.get_many([*VALUES, "absent"]), VALUES)
        self.cache.set_many({"for": "ever"}, timeout=None)
        self.cache.delete_many(VALUES)
        self.assertEqual(self.cache.get_many(VALUES), {})
        self.assertEqual(self.cache.get("for"), "ever")

    def test_add_get_or_set_and_touch(self):
        self.assertTrue(self.cache.add("k", 1, 100))
        self.assertFalse(self.cache.add("k", 2, 100))
        self.assertEqual(self.cache.get_or_set("k", lambda: 3), 1)
        self.assertEqual(self.cache.get_or_set("new", lambda: 3, 100), 3)
        self.assertTrue(self.cache.touch("k", None))
        self.assertFalse(self.cache.touch("absent", 10))
        self.assertEqual(self.command("TTL site:3:k"), b":-1\r\n")

    def test_a_timeout_ends_a_value(self):
        self.cache.set("k", 1, self.shortest)
        wait_until(lambda: self.cache.get("k") is None)
        self.cache.set("k", 1, 0)
        self.assertIsNone(self.cache.get("k"))

    def test_versions_and_clear(self):
        self.cache.set("k", "old", version=1)
        self.cache.set("k", "new", version=2)
        self.assertEqual(self.cache.get("k", version=1), "old")
        self.cache.incr_version("k", version=2)
        self.assertEqual(self.cache.get("k", version=3), "new")
        self.assertTrue(self.cache.delete("k", version=1))
        self.cache.clear()
        self.assertEqual(self.count_keys(), 0)

    def test_sessions_are_kept_in_the_cache(self):
        from django.contrib.sessions.backends.cache import SessionStore
        session = SessionStore()
        session._cache = self.cache
        session["user"] = 42
        session.save()
        again = SessionStore(session.session_key)
        again._cache = self.cache
        self.assertEqual(again["user"], 42)
        again.flush()
        self.assertEqual(self.count_keys(), 0)


class DjangosOwnBackend(CacheJobs, DaemonTest):
    backend = "django.core.cache.backends.redis.RedisCache"
    shortest = 1

    def test_incr_and_decr(self):
        self.cache.set("n", 10, 100)
        self.assertEqual(self.cache.incr("n"), 11)
        self.assertEqual(self.cache.decr("n", 5), 6)
        with self.assertRaises(ValueError):
            self.cache.incr("absent")


class DjangoRedis(CacheJobs, DaemonTest):
    backend = "django_redis.cache.RedisCache"
    shortest = 0.05

    def test_ttl_persist_and_expire(self):
        self.cache.set("k", 1, timeout=100)
        self.assertIn(self.cache.ttl("k"), (99, 100))
        self.assertGreater(self.cache.pttl("k"), 90_000)
        self.assertTrue(self.cache.persist("k"))
        self.assertIsNone(self.cache.ttl("k"))
        self.assertTrue(self.cache.expire("k", 50))
        self.assertEqual(self.cache.ttl("absent"), 0)

    def test_keys_iter_keys_and_delete_pattern(self):
        self.cache.set_many({f"user:{i}": i for i in range(300)})
        self.cache.set("other", 1)
        self.assertEqual(len(self.cache.keys("user:*")), 300)
        self.assertEqual(set(self.cache.iter_keys("user:*", itersize=20)), {f"user:{i}" for i in range(300)})
        self.assertEqual(self.cache.delete_pattern("user:*", itersize=50), 300)
        self.assertEqual(self.cache.keys("*"), ["other"])

    def test_compressed_json_values(self):
        cache = self.cache_with(OPTIONS={
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"})
        cache.set("k", {"a": ["x" * 5000]})
        self.assertEqual(cache.get("k"), {"a": ["x" * 5000]})

    def test_set_nx_and_a_lock_that_ends_by_its_timeout(self):
        self.assertTrue(self.cache.set("once", 1, nx=True))
        self.assertFalse(self.cache.set("once", 2, nx=True))
        self.assertTrue(self.cache.lock("job", timeout=0.05).acquire())
        second = self.cache.lock("job", timeout=60)
        self.assertTrue(second.acquire(blocking_timeout=20))
        self.assertFalse(self.cache.lock("job").acquire(blocking=False))

    def test_incr_and_decr(self):
        self.cache.set("n", 10, timeout=100)
        self.assertEqual(self.cache.incr("n"), 11)
        self.assertEqual(self.cache.decr("n", 5), 6)
        self.assertIn(self.cache.ttl("n"), (99, 100))
        with self.assertRaises(ValueError):
            self.cache.incr("absent")

    def test_a_lock_is_released(self):
        with self.cache.lock("job", timeout=60):
            self.assertFalse(self.cache.lock("job").acquire(blocking=False))
        self.assertTrue(self.cache.lock("job", timeout=60).acquire(blocking=False))


class DjangoRedisInDatabaseOne(DjangoRedis):
    """As its README has it; database 0 is another application's."""

    def url(self):
        return f"redis://127.0.0.1:{self.port}/1"

    def command(self, line):
        return super().command(line) if line == "FLUSHALL" else self.command_in(1, line)

    def test_another_database_is_left_alone(self):
        self.command_in(0, "SET other 1")
        self.cache.set("k", 1)
        self.cache.clear()
        self.assertEqual((self.count_keys(), self.command_in(0, "DBSIZE")), (0, b":1\r\n"))


class DjangoRatelimit(DaemonTest):
    def test_a_view_is_limited(self):
        handler = CacheHandler({"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": self.url()}})
        self.addCleanup(handler.close_all)

        @django_ratelimit.decorators.ratelimit(key="ip", rate="3/h")
        def view(request):
            return "page"
        with unittest.mock.patch("django_ratelimit.core.caches", handler):
            visit = RequestFactory(REMOTE_ADDR="10.1.1.1").get("/")
            self.assertEqual([view(visit) for _ in range(3)], ["page"] * 3)
            with self.assertRaises(django_ratelimit.exceptions.Ratelimited):
                view(visit)
            self.assertEqual(view(RequestFactory(REMOTE_ADDR="10.1.1.2").get("/")), "page")
