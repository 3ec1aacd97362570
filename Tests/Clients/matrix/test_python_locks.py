"""Locks in Python: each is held by one, is not given back by another, and is free after its release. All release it by
a script; `Lock` of redis-py and valkey-py is in redis_py_jobs.py, dogpile.cache's and aiocache's in
test_python_caches.py, django-redis' in test_django.py."""

import logging

import aioredlock
import pottery
import redis
import redis_lock
import redlock
import sherlock

from peer import AGAINST_REDIS, AsyncDaemonTest, DaemonTest


class Pottery(DaemonTest):
    def lock(self, **options):
        client = redis.Redis(port=self.port)
        self.addCleanup(client.close)
        return pottery.Redlock(key="job", masters={client}, **options)

    def test_redlock_is_held_extended_and_released(self):
        lock = self.lock(auto_release_time=60)
        self.assertTrue(lock.acquire())
        self.assertFalse(self.lock().acquire(blocking=False))
        self.assertGreater(lock.locked(), 50)
        lock.extend()
        with self.assertRaises(pottery.ReleaseUnlockedLock):
            self.lock().release()
        lock.release()
        self.assertEqual(lock.locked(), 0)
        self.assertEqual(self.count_keys(), 0)

    def test_next_id_counts_by_a_script(self):
        client = redis.Redis(port=self.port)
        self.addCleanup(client.close)
        ids = pottery.NextID(key="ids", masters={client})
        self.assertEqual([next(ids) for _ in range(3)], [1, 2, 3])


class Aioredlock(AsyncDaemonTest):
    async def test_a_lock_is_held_extended_and_released(self):
        manager = aioredlock.Aioredlock([("127.0.0.1", self.port)], retry_count=1)
        try:
            lock = await manager.lock("job", lock_timeout=60)
            self.assertTrue(await manager.is_locked("job"))
            with self.assertRaises(aioredlock.LockError):
                await manager.lock("job", lock_timeout=60)
            await manager.extend(lock, 100)
            self.assertIn(self.command("TTL job"), (b":100\r\n", b":99\r\n"))
            await manager.unlock(lock)
            self.assertFalse(await manager.is_locked("job"))
        finally:
            await manager.destroy()

    async def test_a_lock_that_is_lost_cannot_be_released(self):
        manager = aioredlock.Aioredlock([("127.0.0.1", self.port)], retry_count=1)
        try:
            lock = await manager.lock("job", lock_timeout=60)
            self.command("SET job another")
            with self.assertRaises(aioredlock.LockError):
                await manager.unlock(lock)
            self.assertIn(b"another", self.command("GET job"))
        finally:
            await manager.destroy()


class RedlockPy(DaemonTest):
    def test_a_lock_is_held_and_released_by_its_owner_only(self):
        manager = redlock.Redlock([self.url()], retry_count=1)
        for server in manager.servers:
            self.addCleanup(server.close)
        lock = manager.lock("job", 60_000)
        self.assertTrue(lock)
        self.assertFalse(manager.lock("job", 60_000))
        manager.unlock(lock._replace(key=b"another"))
        self.assertEqual(self.count_keys(), 1)
        manager.unlock(lock)
        self.assertEqual(self.count_keys(), 0)


class Sherlock(DaemonTest):
    def lock(self, **options):
        client = redis.Redis(port=self.port)
        self.addCleanup(client.close)
        return sherlock.RedisLock("job", client=client, **{"expire": 60, "timeout": 0.05, **options})

    def test_a_lock_is_held_renewed_and_released(self):
        lock, another = self.lock(), self.lock()
        self.assertTrue(lock.acquire())
        self.assertFalse(another.acquire(blocking=False))
        self.assertTrue(lock.renew())
        with self.assertRaises(sherlock.LockException):
            another.release()
        lock.release()
        self.assertTrue(another.acquire(blocking=False))
        another.release()


class PythonRedisLock(DaemonTest):
    """Its release leaves a list of one element for whoever waits; waiting is a BLPOP."""

    def setUp(self):
        super().setUp()
        logging.getLogger("redis_lock").setLevel(logging.CRITICAL)
        self.client = redis.Redis(port=self.port)
        self.addCleanup(self.client.close)

    def lock(self, **options):
        return redis_lock.Lock(self.client, "job", **options)

    def test_a_lock_is_held_extended_and_released_by_its_owner_only(self):
        lock = self.lock(expire=60, auto_renewal=True)
        self.assertTrue(lock.acquire())
        self.assertFalse(self.lock().acquire(blocking=False))
        lock.extend(100)
        self.assertIn(self.client.ttl("lock:job"), (99, 100))
        with self.assertRaises(redis_lock.NotAcquired):
            self.lock().release()
        lock.release()
        self.assertEqual(self.client.lrange("lock-signal:job", 0, -1), [b"1"])
        self.assertTrue(0 < self.client.pttl("lock-signal:job") <= 1000)
        self.assertTrue(self.lock(expire=60).acquire())
        redis_lock.reset_all(self.client)
        self.assertTrue(self.lock(expire=60).acquire())

    def test_waiting_for_a_lock_that_is_held_fails_loudly(self):
        if AGAINST_REDIS:
            self.skipTest("Redis has blocking commands")
        self.assertTrue(self.lock(expire=60).acquire())
        with self.assertRaisesRegex(redis.ResponseError, "unknown command 'BLPOP'.*blocking commands are not supported"):
            self.lock(expire=60).acquire(timeout=1)
