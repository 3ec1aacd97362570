"""Objects of Python that live in Redis: pottery's and walrus' containers, walrus' cache, limiter, lock, models and
completion."""

import collections
import warnings

import pottery
import redis
import walrus

from peer import AGAINST_REDIS, DaemonTest


class Pottery(DaemonTest):
    def setUp(self):
        super().setUp()
        warnings.simplefilter("ignore", pottery.InefficientAccessWarning)
        self.client = redis.Redis(port=self.port)
        self.addCleanup(self.client.close)

    def test_a_dict(self):
        numbers = {f"n{i}": [i, None, "größe"] for i in range(300)}
        kept = pottery.RedisDict(numbers, redis=self.client, key="dict")
        self.assertEqual((len(kept), kept["n7"], kept == numbers), (300, [7, None, "größe"], True))
        with self.assertRaises(KeyError):
            kept["absent"]
        kept.update(n7="seven", new=1)
        del kept["n8"]
        self.assertEqual((kept["n7"], "new" in kept, "n8" in kept, kept.pop("new")), ("seven", True, False, 1))
        self.assertEqual(sorted(kept), sorted(kept.to_dict()))
        with self.assertRaises(pottery.KeyExistsError):
            pottery.RedisDict({"a": 1}, redis=self.client, key="dict")
        kept.clear()
        self.assertEqual(self.count_keys(), 0)

    def test_a_counter(self):
        letters = pottery.RedisCounter("abracadabra", redis=self.client, key="letters")
        letters["z"] -= 1
        letters += collections.Counter("zebra")
        self.assertEqual(letters.most_common(1), [("a", 6)])
        self.assertEqual(letters.to_counter(), collections.Counter("abracadabraebra"))

    def test_sets(self):
        evens = pottery.RedisSet(range(0, 400, 2), redis=self.client, key="evens")
        threes = pottery.RedisSet(range(0, 30, 3), redis=self.client, key="threes")
        self.assertEqual(evens.intersection(threes), set(range(0, 30, 6)))
        self.assertEqual(len(evens.union(threes)), 205)
        self.assertEqual(list(threes.contains_many(3, 4, "3")), [True, False, False])
        threes.difference_update(evens)
        self.assertEqual(threes.to_set(), {3, 9, 15, 21, 27})
        threes.add("text")
        threes.remove(3)
        with self.assertRaises(KeyError):
            threes.remove(3)
        self.assertIn(threes.pop(), {9, 15, 21, 27, "text"})
        self.assertEqual(len(set(threes)), 4)

    def test_a_list(self):
        kept = pottery.RedisList(range(10), redis=self.client, key="list")
        kept.append("end")
        kept.insert(1, "second")
        kept[0] = "first"
        del kept[2]
        self.assertEqual(kept[:3], ["first", "second", 2])
        self.assertEqual((kept[-1], kept.pop(), kept.pop(0), len(kept)), ("end", "end", "first", 9))
        kept.extend([3, 3])
        kept.remove(3)
        self.assertEqual(kept.to_list(), ["second", 2, 4, 5, 6, 7, 8, 9, 3, 3])
        self.assertEqual((kept.index(4), kept.count(3)), (2, 2))

    def test_a_deque_keeps_its_length(self):
        last = pottery.RedisDeque("abcd", redis=self.client, key="last", maxlen=4)
        last.append("e")
        last.extendleft("xy")
        last.rotate(1)
        self.assertEqual(list(last), ["c", "y", "x", "b"])
        self.assertEqual((last.popleft(), last.pop()), ("c", "b"))

    def test_a_decorated_function_runs_once(self):
        calls = []

        @pottery.redis_cache(redis=self.client, key="squares")
        def square(number):
            calls.append(number)
            return number * number
        self.assertEqual([square(3), square(3), square(4)], [9, 9, 16])
        self.assertEqual((calls, square.cache_info().currsize), ([3, 4], 2))
        square.cache_clear()
        self.assertEqual((square(3), calls), (9, [3, 4, 3]))


class Walrus(DaemonTest):
    def setUp(self):
        super().setUp()
        self.database = walrus.Database(port=self.port)
        self.addCleanup(self.database.close)

    def test_hashes_and_lists(self):
        fields = self.database.Hash("hash")
        fields.update(a=1, b="two")
        fields["c"] = 3
        fields.incr("a", 4)
        self.assertEqual(fields.as_dict(decode=True), {"a": "5", "b": "two", "c": "3"})
        self.assertEqual((fields["a", "absent"], "b" in fields, len(fields)), ([b"5", None], True, 3))
        del fields["b"]
        self.assertEqual(list(fields), [(b"a", b"5"), (b"c", b"3")])
        items = self.database.List("list")
        items.extend(["a", "b", "c", "d"])
        items.prepend("start")
        items.insert_before("in", "b")
        items[0] = "first"
        del items[-1]
        self.assertEqual(list(items), [b"first", b"a", b"in", b"b", b"c"])
        self.assertEqual((items[1:3], items.popleft(), items.popright()), ([b"a", b"in"], b"first", b"c"))

    def test_sets_and_sorted_sets(self):
        first, second = self.database.Set("first"), self.database.Set("second")
        first.add("a", "b", "c")
        second.add("b", "c", "d")
        self.assertEqual((first & second, first - second), ({b"b", b"c"}, {b"a"}))
        self.assertEqual(first.unionstore("both", second).members(), {b"a", b"b", b"c", b"d"})
        self.assertEqual(sorted(first.search("[ab]")), [b"a", b"b"])
        scores = self.database.ZSet("scores")
        scores.add({f"m{i}": i for i in range(200)})
        self.assertEqual(scores[:"m3"], [b"m0", b"m1", b"m2"])
        self.assertEqual(scores.range_by_score(197, "+inf", with_scores=False), [b"m197", b"m198", b"m199"])
        self.assertEqual((scores.rank("m5"), scores.incr("m5", 0.5), scores.count(5, 6)), (5, 5.5, 2))
        del scores[:-2]
        self.assertEqual(scores.as_items(decode=True), [("m198", 198.0), ("m199", 199.0)])
        self.assertEqual(scores.popmax(), [(b"m199", 199.0)])

    def test_the_cache_and_the_limiters(self):
        cache = self.database.cache()
        calls = []

        @cache.cached(timeout=100)
        def square(number):
            calls.append(number)
            return number * number
        self.assertEqual([square(3), square(3), square(4)], [9, 9, 16])
        self.assertEqual(calls, [3, 4])
        cache.set_many({"a": 1, "b": [2]}, timeout=100)
        self.assertEqual(cache.get_many(["a", "absent", "b"]), {"a": 1, "b": [2]})
        cache.flush()
        self.assertEqual(self.count_keys(), 0)
        for limiter in (self.database.rate_limit("plain", limit=3, per=3600),
                        self.database.rate_limit_lua("script", limit=3, per=3600)):
            with self.subTest(limiter):
                self.assertEqual([limiter.limit("user") for _ in range(4)], [False, False, False, True])

    def test_a_lock_is_held_and_released(self):
        lock, another = (self.database.lock("job", ttl=60_000) for _ in range(2))
        self.assertTrue(lock.acquire())
        self.assertFalse(another.acquire(block=False))
        self.assertFalse(another.release())
        if not AGAINST_REDIS:  # waiting is a BLPOP
            with self.assertRaisesRegex(redis.ResponseError, "unknown command 'BLPOP'"):
                another.acquire()
        self.assertTrue(lock.release())
        self.assertTrue(another.acquire())

    def test_models_and_their_indexes(self):
        class User(walrus.Model):
            __database__ = self.database
            name = walrus.TextField(primary_key=True)
            born = walrus.IntegerField(index=True)
            about = walrus.TextField(fts=True, default="")
            tags = walrus.SetField()

        for name, born in (("ada", 1815), ("alan", 1912), ("grace", 1906)):
            User.create(name=name, born=born, about=f"{name} wrote programs")
        User.load("ada").tags.add("poet's daughter")
        self.assertEqual({user.name for user in User.query(User.born > 1900)}, {"grace", "alan"})
        if not AGAINST_REDIS:
            with self.assertRaisesRegex(redis.ResponseError, "sorting is not supported"):
                list(User.query(User.born > 1900, order_by=User.born))
        self.assertEqual(User.get(User.about.search("ada")).tags.members(), {b"poet's daughter"})
        User.load("alan").delete()
        self.assertEqual({user.name for user in User.all()}, {"ada", "grace"})

    def test_completion(self):
        complete = self.database.autocomplete()
        for title in ("redis world", "redis garden", "a world of gardens"):
            complete.store(title)
        self.assertEqual(list(complete.search("red")), ["redis garden", "redis world"])
        self.assertEqual(list(complete.search("wor gar")), ["a world of gardens"])
