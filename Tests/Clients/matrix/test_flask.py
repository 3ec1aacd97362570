"""Flask-Caching, Flask-Session and cachelib, through Flask's own test client."""

import flask
import flask_caching
import flask_session
import redis
from cachelib.redis import RedisCache

from peer import PASSWORD, DaemonTest, wait_until


class FlaskCaching(DaemonTest):
    def setUp(self):
        super().setUp()
        self.app = flask.Flask("matrix")
        self.cache = flask_caching.Cache(self.app, config={
            "CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": self.url(), "CACHE_KEY_PREFIX": "site:"})

    def test_a_view_is_computed_once(self):
        calls = []

        @self.app.route("/")
        @self.cache.cached(timeout=100)
        def page():
            calls.append(1)
            return f"page {len(calls)}"
        client = self.app.test_client()
        self.assertEqual([client.get("/").text for _ in range(3)], ["page 1"] * 3)
        with self.app.app_context():
            self.cache.delete("view//")
        self.assertEqual(client.get("/").text, "page 2")

    def test_memoized_functions_and_their_deletion(self):
        calls = []

        @self.cache.memoize(timeout=100)
        def square(number):
            calls.append(number)
            return number * number
        with self.app.app_context():
            self.assertEqual([square(3), square(3), square(4)], [9, 9, 16])
            self.assertEqual(calls, [3, 4])
            self.cache.delete_memoized(square, 3)
            self.assertEqual([square(3), square(4)], [9, 16])
            self.assertEqual(calls, [3, 4, 3])

    def test_many_values_add_and_clear(self):
        with self.app.app_context():
            self.assertEqual(sorted(self.cache.set_many({"a": 1, "b": [2]}, timeout=100)), ["a", "b"])
            self.assertEqual(self.cache.get_many("a", "absent", "b"), [1, None, [2]])
            self.assertEqual(self.cache.get_dict("a", "b"), {"a": 1, "b": [2]})
            self.assertTrue(self.cache.add("c", 3))
            self.assertFalse(self.cache.add("c", 4))
            self.assertTrue(self.cache.has("c"))
            self.assertTrue(self.cache.delete_many("a", "b"))
            self.cache.clear()
            self.assertEqual(self.count_keys(), 0)


class FlaskSession(DaemonTest):
    def test_a_session_lives_between_requests_and_ends_when_cleared(self):
        app = flask.Flask("matrix")
        app.config.update(SESSION_TYPE="redis", SESSION_REDIS=redis.Redis(port=self.port),
                          PERMANENT_SESSION_LIFETIME=100)
        self.addCleanup(app.config["SESSION_REDIS"].close)
        flask_session.Session(app)

        @app.route("/count")
        def count():
            flask.session["count"] = flask.session.get("count", 0) + 1
            return str(flask.session["count"])

        @app.route("/leave")
        def leave():
            flask.session.clear()
            return "bye"
        first, second = app.test_client(), app.test_client()
        self.assertEqual([first.get("/count").text for _ in range(3)], ["1", "2", "3"])
        self.assertEqual(second.get("/count").text, "1")
        self.assertEqual(self.count_keys(), 2)
        key = app.config["SESSION_REDIS"].keys("session:*")[0]
        self.assertIn(app.config["SESSION_REDIS"].ttl(key), (99, 100))
        first.get("/leave")
        self.assertEqual(self.count_keys(), 1)
        self.assertEqual(first.get("/count").text, "1")


class Cachelib(DaemonTest):
    def test_its_redis_cache(self):
        cache = RedisCache("127.0.0.1", self.locked_port(), password=PASSWORD, key_prefix="lib:", default_timeout=100)
        self.assertTrue(cache.set("k", {"a": b"\x00\xff"}))
        self.assertEqual(cache.get("k"), {"a": b"\x00\xff"})
        self.assertTrue(cache.add("new", 1))
        self.assertFalse(cache.add("new", 2))
        self.assertEqual(sorted(cache.set_many({"a": 1, "b": 2})), ["a", "b"])
        self.assertEqual(cache.get_many("a", "absent", "b"), [1, None, 2])
        self.assertTrue(cache.has("a"))
        self.assertEqual([cache.inc("n", 3), cache.dec("n")], [3, 2])
        self.assertTrue(cache.delete("a"))
        self.assertEqual(cache.delete_many("b", "new"), ["b", "new"])
        cache.set("short", 1, timeout=1)
        wait_until(lambda: cache.get("short") is None)
        self.assertTrue(cache.clear())
        self.assertIsNone(cache.get("k"))
