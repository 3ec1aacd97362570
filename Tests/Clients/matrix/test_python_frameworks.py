"""Frameworks in Python that keep something in Redis: Litestar's and Kinto's stores, fastapi-cache2, aiogram's states,
tooz, Celery."""

import aiogram.fsm.state
import aiogram.fsm.storage.base
import aiogram.fsm.storage.redis
import celery
import fastapi_cache.backends.redis
import kinto_redis.cache
import kinto_redis.storage
import litestar.stores.redis
import redis
import redis.asyncio
import tooz.coordination

from peer import AGAINST_REDIS, AsyncDaemonTest, DaemonTest


class LitestarStore(AsyncDaemonTest):
    async def test_renewal_and_deletion_by_scripts(self):
        store = litestar.stores.redis.RedisStore.with_client(self.url())
        async with store:
            await store.set("k", "v", expires_in=10)
            self.assertEqual(await store.get("k", renew_for=100), b"v")
            self.assertGreater(await store.expires_in("k"), 90)
            self.command("SET other 1")
            await store.delete_all()
            self.assertEqual(self.count_keys(), 1)


class FastapiCache(AsyncDaemonTest):
    async def test_values_and_clear_by_a_script(self):
        async with redis.asyncio.Redis(port=self.port) as client:
            backend = fastapi_cache.backends.redis.RedisBackend(client)
            await backend.set("site:a", b"one", 100)
            await backend.set("site:b", b"two", 100)
            await backend.set("other:a", b"three", 100)
            self.assertEqual(await backend.get_with_ttl("site:a"), [100, b"one"])
            await backend.clear(namespace="site")
            self.assertEqual(self.count_keys(), 1)
            self.assertEqual(await backend.clear(key="other:a"), 1)
            self.assertEqual(self.count_keys(), 0)


class Aiogram(AsyncDaemonTest):
    async def test_states_data_and_the_lock_of_an_event(self):
        storage = aiogram.fsm.storage.redis.RedisStorage.from_url(self.url())
        isolation = storage.create_isolation()
        key = aiogram.fsm.storage.base.StorageKey(bot_id=1, chat_id=2, user_id=3)
        try:
            async with isolation.lock(key):
                self.assertEqual(self.count_keys(), 1)
                await storage.set_state(key, aiogram.fsm.state.State("asked", "form"))
                await storage.set_data(key, {"name": "größe"})
            self.assertEqual(await storage.get_state(key), "form:asked")
            self.assertEqual(await storage.update_data(key, {"age": 7}), {"name": "größe", "age": 7})
            self.assertEqual(self.count_keys(), 2)
            await storage.set_state(key, None)
            await storage.set_data(key, {})
            self.assertEqual(self.count_keys(), 0)
        finally:
            await storage.close()


class KintoCache(DaemonTest):
    def test_the_cache_lives_in_database_1(self):
        client = redis.Redis(port=self.port, db=1)
        self.addCleanup(client.close)
        cache = kinto_redis.cache.Cache(client, cache_prefix="kinto:")
        cache.set("k", {"a": 1}, ttl=100)
        self.assertEqual(cache.get("k"), {"a": 1})
        self.assertIn(cache.ttl("k"), (99, 100))
        self.assertEqual(cache.delete("k"), {"a": 1})
        cache.set("k", 1, ttl=100)
        self.command("SET other 1")
        cache.flush()
        self.assertIsNone(cache.get("k"))
        self.assertEqual(self.count_keys(), 1)


class KintoStorage(DaemonTest):
    def test_objects_are_made_changed_listed_and_deleted(self):
        client = redis.Redis(port=self.port)
        self.addCleanup(client.close)
        storage = kinto_redis.storage.Storage(client)
        made = [storage.create("book", "shelf", {"title": f"title {number}"}) for number in range(3)]
        self.assertEqual(storage.get("book", "shelf", made[0]["id"])["title"], "title 0")
        storage.update("book", "shelf", made[0]["id"], {"title": "changed"})
        storage.delete("book", "shelf", made[1]["id"])
        listed = storage.list_all("book", "shelf")
        self.assertEqual({book["title"] for book in listed}, {"changed", "title 2"})
        self.assertEqual(len(storage.list_all("book", "shelf", include_deleted=True)), 3)
        self.assertGreater(storage.resource_timestamp("book", "shelf"), made[2]["last_modified"])
        self.assertEqual(len(storage.delete_all("book", "shelf")), 2)
        self.assertEqual(storage.purge_deleted("book", "shelf"), 3)


class Tooz(DaemonTest):
    def coordinator(self, member):
        coordinator = tooz.coordination.get_coordinator(self.url(), member)
        coordinator.start()
        self.addCleanup(coordinator.stop)
        return coordinator

    def test_a_lock_is_held_and_released(self):
        lock, another = (self.coordinator(member).get_lock(b"job") for member in (b"a", b"b"))
        self.assertTrue(lock.acquire())
        self.assertFalse(another.acquire(blocking=False))
        self.assertTrue(lock.heartbeat())
        self.assertTrue(lock.release())
        self.assertTrue(another.acquire(blocking=False))
        another.release()


    def test_a_group_its_members_and_what_they_can(self):
        a, b = self.coordinator(b"a"), self.coordinator(b"b")
        a.create_group(b"workers").get()
        with self.assertRaises(tooz.coordination.GroupAlreadyExist):
            b.create_group(b"workers").get()
        self.assertEqual(a.get_groups().get(), [b"workers"])
        a.join_group(b"workers", {"cpus": 2}).get()
        b.join_group(b"workers").get()
        with self.assertRaises(tooz.coordination.MemberAlreadyExist):
            b.join_group(b"workers").get()
        self.assertEqual(set(a.get_members(b"workers").get()), {b"a", b"b"})
        b.update_capabilities(b"workers", {"cpus": 4}).get()
        self.assertEqual(a.get_member_capabilities(b"workers", b"b").get(), {"cpus": 4})
        with self.assertRaises(tooz.coordination.GroupNotEmpty):
            a.delete_group(b"workers").get()
        self.command("DEL _tooz_beats:b")  # the end of its heart's beat
        self.assertEqual(set(a.get_members(b"workers").get()), {b"a"})
        a.leave_group(b"workers").get()
        a.delete_group(b"workers").get()
        self.assertEqual(a.get_groups().get(), [])

    def test_of_two_members_one_leads(self):
        leaders = []
        for member in (b"a", b"b"):
            coordinator = self.coordinator(member)
            if member == b"a":
                coordinator.create_group(b"workers").get()
            coordinator.join_group(b"workers").get()
            coordinator.watch_elected_as_leader(b"workers", lambda event: leaders.append(event.member_id))
            coordinator.run_watchers()
        self.assertEqual(leaders, [b"a"])


class Celery(DaemonTest):
    def test_a_result_is_published_and_that_fails_loudly(self):
        if AGAINST_REDIS:
            self.skipTest("Redis has pub/sub")
        app = celery.Celery("matrix", backend=self.url())
        self.addCleanup(app.backend.client.close)
        self.assertIsNone(app.backend.get("celery-task-meta-absent"))
        with self.assertRaisesRegex(redis.exceptions.ResponseError, "(?i)unknown command '?publish"):
            app.backend._set(app.backend.get_key_for_task("1"), app.backend.encode({"status": "SUCCESS", "result": 3}))
